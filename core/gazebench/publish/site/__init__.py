"""Leaderboards as one folder of static pages: no server, no network, readable without scripts."""
