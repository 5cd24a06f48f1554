"""Floors: maps made without looking at the image."""
