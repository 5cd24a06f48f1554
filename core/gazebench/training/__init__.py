"""Training classifiers on a dataset's labelled images, as the paper's networks were trained."""
