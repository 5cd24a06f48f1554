"""The dataset of a run, found and opened."""

from __future__ import annotations

from gazebench.engine.config import RunConfig
from gazebench.errors import PluginError, UsageError
from gazebench.registry.asked import asked
from gazebench.registry.host import Host
from gazebench.registry.plugin import Plugin
from gazebench.spec.contracts import OpenDataset
from gazebench.spec.descriptors import Dataset


def open_dataset(config: RunConfig, host: Host) -> tuple[Plugin, OpenDataset]:
    """Find and open the dataset of a run.

    Raises:
        PluginError: there is no such dataset plugin.
        DataError: its files are missing or malformed.
    """
    plugin = host.get("dataset", config.dataset, config.dataset_options)
    if dataset_descriptor(plugin).needs_root and config.data_root is None:
        raise UsageError(
            f"the dataset {plugin.name} lies on your disk, and --data-root does not say where",
            do=f"gazebench run --dataset {plugin.name} --data-root FOLDER",
        )
    dataset = asked(plugin, "", plugin.call, config.data_root)
    if isinstance(dataset, OpenDataset):
        return plugin, dataset
    raise PluginError(
        f"the dataset {plugin.label} returned {type(dataset).__name__}, expected an OpenDataset",
        do=f"mend {plugin.origin}; `gazebench.spec.OpenDataset` says what it must have",
    )


def dataset_descriptor(plugin: Plugin) -> Dataset:
    """Return what a dataset plugin says of itself."""
    assert isinstance(plugin.descriptor, Dataset)
    return plugin.descriptor
