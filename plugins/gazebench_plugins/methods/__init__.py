"""Method plugins: how a network says what it looked at."""
