"""What a run will score, decided before any pixel is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from gazebench.attribution.mixing import Mixing, parse_mixing
from gazebench.engine.config import RunConfig
from gazebench.errors import PluginError, UsageError
from gazebench.precomputed.values import StoredEntry
from gazebench.registry.host import Host
from gazebench.registry.plugin import Plugin
from gazebench.registry.requirements import missing_requirement
from gazebench.spec.capabilities import IMAGE, why_not_applicable
from gazebench.spec.descriptors import Floor, ImageMethod, Method, Metric, Model, ModelMetric
from gazebench.spec.values import INTEROBSERVER

# The default run is the paper's: its methods, mixings, metrics and floors.
PAPER_METHODS = ("gradcam", "attention:gate=1", "attention:gate=2")
DEFAULT_MIXINGS = ("uniform", "weighted", "thresholded", "max")
PAPER_METRICS = ("ncc", "sncc", "auc", "sauc")
DEFAULT_FLOORS = ("centre_bias", "uniform", "random", "convex_segmentation", "shuffled_image")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A model with a method: one attribution per image, one entry per mixing.

    `mixings` is empty for class-free methods, which have one entry.
    """

    model: Plugin
    method: Plugin
    mixings: tuple[Mixing, ...]

    @property
    def stem(self) -> str:
        """The model and the method, as every entry's name begins."""
        return f"{self.model.label}/{self.method.label}"

    @property
    def entries(self) -> tuple[str, ...]:
        """The leaderboard names, in the order of `mixings`."""
        return tuple(f"{self.stem}/{mixing}" for mixing in self.mixings) or (self.stem,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a run will score, and what it cannot, with the reason."""

    explanations: tuple[Explanation, ...]
    image_methods: tuple[Plugin, ...]
    floors: tuple[Plugin, ...]
    metrics: tuple[Plugin, ...]
    not_applicable: Mapping[str, str]
    stored: tuple[StoredEntry, ...] = ()

    @property
    def gaze_metrics(self) -> tuple[Plugin, ...]:
        """The metrics that compare a map with gaze."""
        return tuple(p for p in self.metrics if not isinstance(p.descriptor, ModelMetric))

    @property
    def model_metrics(self) -> tuple[Plugin, ...]:
        """The metrics that ask the network about a map."""
        return tuple(p for p in self.metrics if isinstance(p.descriptor, ModelMetric))

    def watched(
        self, witness: Callable[[str, str], AbstractContextManager[None]], limit_s: float | None
    ) -> Plan:
        """Return the plan with a witness, and maybe a limit, to what its plugins are asked."""

        def watch(plugin: Plugin) -> Plugin:
            return replace(plugin, witness=witness, limit_s=limit_s)

        return replace(
            self,
            explanations=tuple(replace(e, method=watch(e.method)) for e in self.explanations),
            image_methods=tuple(map(watch, self.image_methods)),
            floors=tuple(map(watch, self.floors)),
            metrics=tuple(map(watch, self.metrics)),
        )

    @property
    def explained(self) -> tuple[str, ...]:
        """The rows that a model or a method of this run makes."""
        ranked = [entry for e in self.explanations for entry in e.entries]
        return (*ranked, *(plugin.label for plugin in self.image_methods))

    @property
    def makers(self) -> tuple[Plugin, ...]:
        """The models and methods behind `explained`."""
        pairs = (plugin for e in self.explanations for plugin in (e.model, e.method))
        return (*pairs, *self.image_methods)

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """Everything that has a part in the scores."""
        return (*self.makers, *self.floors, *self.metrics)

    @property
    def entries(self) -> tuple[str, ...]:
        """Every row of the leaderboard to come, the ceiling first."""
        floors = (plugin.label for plugin in self.floors)
        return (INTEROBSERVER, *floors, *self.explained, *(entry.name for entry in self.stored))


def make_plan(
    config: RunConfig,
    host: Host,
    *,
    has_images: bool,
    available: Set[str],
    provider: str = "the dataset",
    default_models: tuple[str, ...],
    stored: tuple[StoredEntry, ...] = (),
) -> Plan:
    """Resolve every name, and pair models with methods; of a run whose maps are kept, neither.

    `available` is what `provider` gives to metrics and floors (`centre_bias`, `chest_box`, ...).

    Raises:
        PluginError: a name is unknown, ambiguous, or its plugin does not load.
        UsageError: an entry is asked for twice.
    """
    not_applicable: dict[str, str] = {}
    asked = _resolve_attribution(config, host, default_models)
    models, methods, image_methods = (_installed(one, not_applicable) for one in asked)
    if any(asked) and not (image_methods or (models and methods)) and not_applicable:
        raise PluginError(
            f"nothing that is asked for can be explained: {_each(not_applicable)}",
            do="install what is missing, or choose another method or model",
        )
    floors = _applicable(
        [host.get("floor", name) for name in config.floors or _with_files(host, "floor")],
        available,
        provider,
        not_applicable,
    )
    metrics = _applicable(
        [host.get("metric", name) for name in config.metrics or _with_files(host, "metric")],
        available,
        provider,
        not_applicable,
    )
    if not has_images:
        for plugin in (*models, *image_methods):
            not_applicable[plugin.label] = "the dataset has no image pixels"
        models, image_methods = [], []
    mixings = tuple(parse_mixing(text) for text in config.mixings or DEFAULT_MIXINGS)
    explanations = _pair(models, methods, mixings, not_applicable)
    if not explanations:
        metrics = _without_networks(metrics, not_applicable)
    plan = Plan(
        explanations=explanations,
        image_methods=tuple(image_methods),
        floors=tuple(floors),
        metrics=tuple(metrics),
        not_applicable=not_applicable,
        stored=stored,
    )
    _refuse_duplicates(plan)
    if not plan.metrics:
        raise UsageError(f"no metric applies to this dataset: {'; '.join(not_applicable.values())}")
    return plan


def _resolve_attribution(
    config: RunConfig, host: Host, default_models: tuple[str, ...]
) -> tuple[list[Plugin], list[Plugin], list[Plugin]]:
    if config.rescored is not None:
        return [], [], []
    names = config.models or default_models + host.from_files("model")
    models = [host.get("model", name) for name in names]
    asked = config.methods or ((PAPER_METHODS if models else ()) + host.from_files("method"))
    plugins = [host.get("method", name) for name in asked]
    methods = [p for p in plugins if isinstance(p.descriptor, Method)]
    image_methods = [p for p in plugins if isinstance(p.descriptor, ImageMethod)]
    if config.methods and methods and not models:
        raise UsageError(
            f"the method {methods[0].label} explains a model, and no model is given",
            do="add --model NAME; `gazebench plugins list --kind model` lists them",
        )
    return models, methods, image_methods


def _installed(plugins: list[Plugin], not_applicable: dict[str, str]) -> list[Plugin]:
    """Return the plugins whose libraries are there; note what the others lack."""
    usable = []
    for plugin in plugins:
        reason = missing_requirement(plugin.descriptor)
        if reason:
            not_applicable[plugin.label] = reason
        else:
            usable.append(plugin)
    return usable


def _each(not_applicable: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {reason}" for name, reason in not_applicable.items())


def _without_networks(metrics: list[Plugin], not_applicable: dict[str, str]) -> list[Plugin]:
    """Return the metrics that need no network, where none is explained."""
    of_models = [plugin for plugin in metrics if isinstance(plugin.descriptor, ModelMetric)]
    for plugin in of_models:
        not_applicable[plugin.label] = "no network is explained"
    return [plugin for plugin in metrics if plugin not in of_models]


def _with_files(host: Host, kind: str) -> tuple[str, ...]:
    default = DEFAULT_FLOORS if kind == "floor" else PAPER_METRICS
    return default + host.from_files(kind)


def _applicable(
    plugins: Iterable[Plugin],
    available: Set[str],
    provider: str,
    not_applicable: dict[str, str],
) -> list[Plugin]:
    usable = []
    for plugin in plugins:
        descriptor = plugin.descriptor
        assert isinstance(descriptor, Floor | Metric)
        reason = missing_requirement(descriptor) or why_not_applicable(
            descriptor.needs, available, provider=provider
        )
        if reason:
            not_applicable[plugin.label] = reason
        else:
            usable.append(plugin)
    return usable


def _pair(
    models: Sequence[Plugin],
    methods: Sequence[Plugin],
    mixings: tuple[Mixing, ...],
    not_applicable: dict[str, str],
) -> tuple[Explanation, ...]:
    pairs = []
    for model in models:
        for method in methods:
            assert isinstance(model.descriptor, Model)
            assert isinstance(method.descriptor, Method)
            reason = why_not_applicable(
                method.descriptor.needs, model.descriptor.provides | {IMAGE}, provider=model.label
            )
            if reason:
                not_applicable[f"{model.label}/{method.label}"] = reason
                continue
            own = () if method.descriptor.class_free else mixings
            pairs.append(Explanation(model=model, method=method, mixings=own))
    return tuple(pairs)


def _refuse_duplicates(plan: Plan) -> None:
    folders = {entry.name: entry.folder for entry in plan.stored}
    seen: set[str] = set()
    for entry in plan.entries:
        if entry in seen and entry in folders:
            raise UsageError(
                f"the maps in {folders[entry]} are called {entry}, as another entry is",
                do='give them another name in their maps.toml: name = "..."',
            )
        if entry in seen:
            raise UsageError(f"the entry {entry} is asked for twice", do="name it once")
        seen.add(entry)
