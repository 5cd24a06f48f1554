"""File formats of the leaderboard: text out, the same bytes for the same board."""
