"""REFLACX: chest films of MIMIC-CXR, read by radiologists under an eye tracker."""

from gazebench_plugins.datasets.reflacx.plugin import reflacx as reflacx
