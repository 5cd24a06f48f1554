"""Metrics of the paper and of the saliency literature."""
