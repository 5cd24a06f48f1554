"""Subsets of chest x-rays, by what the readers labelled and how the image was taken."""
