"""Published figures to reproduce."""
