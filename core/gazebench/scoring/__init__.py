"""Exact comparison of saliency maps with fixation densities."""
