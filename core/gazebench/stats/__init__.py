"""Uncertainty: intervals over images, and fractions of the ceiling."""
