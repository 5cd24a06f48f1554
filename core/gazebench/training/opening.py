"""The plugins of a training: an untrained network, and labelled images."""

from __future__ import annotations

from gazebench.errors import PluginError, UsageError
from gazebench.registry.host import Host
from gazebench.registry.plugin import Plugin
from gazebench.spec.contracts import TrainingData
from gazebench.spec.descriptors import Dataset
from gazebench.spec.values import LoadedModel
from gazebench.training.config import TrainingConfig

# Two parameters that a model plugin may have: where its weights come from, and its labels.
WEIGHTS, UNTRAINED = "weights", "none"
CLASSES, SEPARATOR = "classes", ";"


def untrained(host: Host, reference: str, class_names: tuple[str, ...]) -> Plugin:
    """Return the model plugin, told to start untrained and to have a logit per class.

    What the reference itself says about weights and classes stands.

    Raises:
        PluginError: unknown, or failed to load.
        UsageError: a parameter that does not exist or fit.
    """
    plugin = host.get("model", reference)
    wanted = {WEIGHTS: UNTRAINED, CLASSES: SEPARATOR.join(class_names)}
    missing = {
        key: value
        for key, value in wanted.items()
        if key in plugin.descriptor.parameters and key not in plugin.parameters
    }
    return host.get("model", reference, missing) if missing else plugin


def load_model(plugin: Plugin, class_names: tuple[str, ...], seed: int) -> LoadedModel:
    """Return a network with one logit per class of the dataset.

    Raises:
        PluginError: the plugin returned something else than a model.
        UsageError: another number of classes, or trained weights for other classes.
    """
    loaded = plugin.call(seed=seed)
    if not isinstance(loaded, LoadedModel):
        raise PluginError(
            f"the model {plugin.label} returned {type(loaded).__name__}, expected a LoadedModel",
            do=f"mend {plugin.origin}; `gazebench.spec.LoadedModel` says what it must hold",
        )
    if len(loaded.class_names) != len(class_names):
        raise UsageError(
            f"the model {plugin.label} has {len(loaded.class_names)} classes, "
            f"and the dataset {len(class_names)}",
            do=f"`gazebench plugins info {plugin.name}` lists the parameters of the model",
        )
    if loaded.weights.trained_on is not None and loaded.class_names != class_names:
        raise UsageError(
            f"the weights of {plugin.label} were trained for other classes, or in another order: "
            f"{', '.join(loaded.class_names)}",
            do=f"start untrained: {plugin.name}:{WEIGHTS}={UNTRAINED}",
        )
    return loaded


def open_training(host: Host, config: TrainingConfig) -> tuple[Plugin, TrainingData]:
    """Open the labelled images of a dataset.

    Raises:
        PluginError: there is no such dataset plugin, or it has no labelled images.
        UsageError: the dataset needs a root and none was given.
        DataError: its files are missing or malformed.
    """
    plugin = host.get("dataset", config.dataset, config.dataset_options)
    descriptor = plugin.descriptor
    assert isinstance(descriptor, Dataset)
    if descriptor.training is None:
        raise PluginError(
            f"the dataset {plugin.name} has no labelled images to train on",
            do="choose one that has: reflacx or phantom, for example",
        )
    if descriptor.needs_root and config.data_root is None:
        raise UsageError(
            f"the dataset {plugin.name} lies on your disk, and --data-root does not say where",
            do=f"gazebench train {config.model} --dataset {plugin.name} --data-root FOLDER",
        )
    return plugin, descriptor.training(config.data_root, **plugin.parameters)
