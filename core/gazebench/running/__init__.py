"""Whole runs: from a configuration to a folder with a leaderboard."""
