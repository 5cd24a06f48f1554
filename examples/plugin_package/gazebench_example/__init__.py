"""A method and a metric for GazeBench."""
