"""The phantom: a generator of chest films with findings and simulated readers."""

from gazebench_plugins.datasets.phantom.dataset import phantom

__all__ = ["phantom"]
