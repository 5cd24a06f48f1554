"""Any folder of images with one table of fixations, described by a small TOML file."""

from gazebench_plugins.datasets.folder.plugin import folder as folder
