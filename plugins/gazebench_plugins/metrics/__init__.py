"""Metrics of the paper."""
