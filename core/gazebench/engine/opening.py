"""Everything that can go wrong before any work: names, data, models, devices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch

from gazebench.attribution.mixing import PRESENT, Mixing
from gazebench.engine.available import (
    available_to_metrics,
    compared_with,
    given_by,
    open_reference,
    provider,
)
from gazebench.engine.barrier import Failure, guarded
from gazebench.engine.config import RunConfig
from gazebench.engine.datasets import dataset_descriptor, open_dataset
from gazebench.engine.kept import KeptRun, read_kept
from gazebench.engine.labels import (
    check_classes,
    known_findings,
    read_labels,
    why_none_present,
)
from gazebench.engine.maps import SeededModel
from gazebench.engine.plan import Explanation, Plan, make_plan
from gazebench.engine.selection import has_enough
from gazebench.engine.witness import Death, Witness
from gazebench.errors import DataError, PluginError, UsageError
from gazebench.files.pictures import check_pixels
from gazebench.precomputed.opening import open_maps
from gazebench.registry.asked import asked
from gazebench.registry.host import Host
from gazebench.registry.plugin import Plugin
from gazebench.registry.put_back import ProcessState
from gazebench.spec.capabilities import why_not_applicable
from gazebench.spec.contracts import HasRestriction, OpenDataset
from gazebench.spec.descriptors import Method
from gazebench.spec.suggest import suggest
from gazebench.spec.values import Case, LoadedModel
from gazebench.spec.vocabulary import matching


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OpenedRun:
    """A run whose every name is resolved and whose dataset and models are open."""

    config: RunConfig
    plugin: Plugin
    dataset: OpenDataset
    reference: Plugin
    cases: tuple[Case, ...]
    plan: Plan
    models: tuple[SeededModel, ...]
    notices: tuple[str, ...]
    witness: Witness
    kept: KeptRun | None = None

    @property
    def model_notices(self) -> tuple[str, ...]:
        """What has to be said of the networks."""
        return _model_notices(self.models, self.plugin.name)

    @property
    def clusters(self) -> Mapping[str, str]:
        """The patient of every case, numbered; "" where the dataset does not know.

        Numbers, so that no patient's identity gets into the scores.
        """
        subjects = sorted({case.subject for case in self.cases if case.subject is not None})
        number = {subject: f"patient {place}" for place, subject in enumerate(subjects, 1)}
        return {c.id: "" if c.subject is None else number[c.subject] for c in self.cases}

    @property
    def name(self) -> str:
        """The dataset's public name, as score rows carry it."""
        return self.plugin.name

    @property
    def is_restricted(self) -> bool:
        """Whether cases, gaze and images must not be published: all but a plain no is a yes."""
        said: object = dataset_descriptor(self.plugin).restricted
        if isinstance(self.dataset, HasRestriction):
            said = self.dataset.restricted
        return said is not False

    @property
    def compared_with(self) -> str:
        """The dataset, and the reference where it is not all of the gaze, as score rows carry it.

        Scores of two references compare maps with different things: no table may mix them.
        """
        return compared_with(self.name, self.reference)

    @property
    def weights(self) -> Mapping[str, Mapping[str, str | None]]:
        """Where each model's parameters come from, by label and seed."""
        return {
            f"{model.explanations[0].model.label}@{model.seed}": model.loaded.weights._asdict()
            for model in self.models
        }


def _cases(plugin: Plugin, dataset: OpenDataset) -> tuple[Case, ...]:
    cases = tuple(asked(plugin, " when asked for its cases", dataset.cases))
    if not cases:
        raise DataError(
            f"the dataset {plugin.label} has no cases",
            do="check the data with `gazebench dataset validate`",
        )
    for case in cases:
        check_pixels(f"case {case.id}", *case.size)
    _refuse_twins("cases", plugin, [case.id for case in cases])
    _refuse_twins("readings", plugin, [one.id for case in cases for one in case.readings])
    return cases


def _refuse_twins(what: str, plugin: Plugin, ids: Sequence[str]) -> None:
    if not ids:
        return
    often, times = Counter(ids).most_common(1)[0]
    if times > 1:
        raise PluginError(
            f"the dataset {plugin.label} has {times} {what} called {often!r}",
            do=f"mend {plugin.origin}: ids must be unique",
        )


def open_run(config: RunConfig, host: Host, deaths: Sequence[Death] = ()) -> OpenedRun:
    """Resolve every plugin, open the dataset, load every model.

    `deaths` are calls of plugins that ended a process, and are not made again.

    Raises:
        GazeBenchError: whatever is wrong with names, files, weights or the device.
    """
    plugin, dataset = open_dataset(config, host)
    cases = _cases(plugin, dataset)
    scored = [case for case in cases if has_enough(case, config.min_readings)]
    kept_run = read_kept(config.rescored) if config.rescored is not None else None
    stored = open_maps(config.maps, cases, scored)
    if kept_run is not None:
        stored = (*kept_run.entries, *stored)
    given = given_by(dataset, cases)
    name = config.reference or dataset_descriptor(plugin).default_reference
    reference = open_reference(name, host, given, plugin.name)
    plan = make_plan(
        config,
        host,
        has_images=any(case.has_image for case in cases),
        available=available_to_metrics(given, cases, config.centre_bias, reference),
        provider=provider(reference),
        default_models=dataset_descriptor(plugin).default_models,
        stored=stored,
    )
    witness = Witness(deaths)
    plan = plan.watched(witness.call, config.plugin_timeout)
    findings = known_findings(cases)
    models: tuple[SeededModel, ...] = ()
    not_applicable: dict[str, str] = {}
    if kept_run is None:
        models, not_applicable = load_models(plan, config, findings)
    kept = tuple(e for m in models if m.seed == config.seeds[0] for e in m.explanations)
    if plan.explanations and not kept and config.models:
        raise UsageError(
            f"no model can be explained as asked: {'; '.join(not_applicable.values())}",
            do="choose another method, mixing or model",
        )
    if kept_run is not None:
        not_applicable |= kept_run.not_applicable
    plan = replace(
        plan, explanations=kept, not_applicable={**plan.not_applicable, **not_applicable}
    )
    return OpenedRun(
        config=config,
        plugin=plugin,
        dataset=dataset,
        reference=reference,
        cases=cases,
        plan=plan,
        models=models,
        witness=witness,
        notices=(
            *_dataset_notices(plugin),
            *_model_notices(models, plugin.name),
            *(kept_run.notices if kept_run is not None else ()),
            *(notice for entry in stored for notice in entry.notices),
        ),
        kept=kept_run,
    )


def load_models(
    plan: Plan, config: RunConfig, findings: Sequence[str] = ()
) -> tuple[tuple[SeededModel, ...], dict[str, str]]:
    """Load every model once per seed, and find what its weights cannot do after all.

    `findings` are those that the dataset's readers know.

    Raises:
        PluginError: a model does not load, or is no `LoadedModel`.
        UsageError: the device does not exist here, or a label names what nobody knows.
    """
    labels = read_labels(config.labels, findings)
    device = checked_device(config.device)
    models: list[SeededModel] = []
    not_applicable: dict[str, str] = {}
    by_model: dict[str, list[Explanation]] = {}
    for explanation in plan.explanations:
        by_model.setdefault(explanation.model.label, []).append(explanation)
    for explanations in by_model.values():
        for seed in config.seeds:
            loaded = _load(explanations[0].model, seed)
            matches = matching(loaded.class_names, findings, labels)
            absent = None if matches else why_none_present(loaded, findings)
            fitting = [_fitting(e, loaded, absent, not_applicable) for e in explanations]
            usable = tuple(explanation for explanation in fitting if explanation is not None)
            if usable:
                model = SeededModel.of(
                    loaded, usable, seed=seed, device=device, matches=matches,
                    precision=config.precision,
                )  # fmt: skip
                models.append(model)
    check_classes(labels, [model.loaded for model in models])
    return tuple(models), not_applicable


def _fitting(
    explanation: Explanation,
    loaded: LoadedModel,
    absent: str | None,
    not_applicable: dict[str, str],
) -> Explanation | None:
    """Return what of an explanation the loaded model can do; note what it cannot.

    `absent` says why nobody can tell which of its classes are present; None where that is known.
    """
    descriptor = explanation.method.descriptor
    assert isinstance(descriptor, Method)
    label = explanation.model.label
    stem = f"{label}/{explanation.method.label}"
    reason = why_not_applicable(descriptor.needs, loaded.provides, provider=label)
    if reason is None and descriptor.applies is not None:
        found = guarded(explanation.method, "", descriptor.applies, loaded)
        reason = found.reason if isinstance(found, Failure) else found
    if reason:
        not_applicable[stem] = reason
        return None
    known = []
    for mixing in explanation.mixings:
        reason = _why_not_mixed(mixing, loaded, absent)
        if reason is None:
            known.append(mixing)
        else:
            not_applicable[f"{stem}/{mixing}"] = f"{label} {reason}"
    if explanation.mixings and not known:
        return None
    return replace(explanation, mixings=tuple(known))


def _why_not_mixed(mixing: Mixing, loaded: LoadedModel, absent: str | None) -> str | None:
    if mixing.name == PRESENT:
        return absent
    if mixing.label in (None, *loaded.class_names):
        return None
    hint = suggest(str(mixing.label), loaded.class_names)
    reason = f"has no class {mixing.label!r}"
    return f"{reason}; {hint}" if hint else reason


def checked_device(name: str) -> str:
    """Return the device's name if it can be used here.

    Raises:
        UsageError: torch does not know it, or it is not at hand.
    """
    try:
        torch.zeros(1, device=name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UsageError(
            f"the device {name!r} cannot be used here: {str(error).splitlines()[0]}",
            do="use --device cpu, or cuda where torch finds a GPU",
        ) from error
    return name


def _load(plugin: Plugin, seed: int) -> LoadedModel:
    with ProcessState().restored():
        loaded = asked(plugin, "", plugin.call, seed=seed)
    if not isinstance(loaded, LoadedModel):
        raise PluginError(
            f"the model {plugin.label} returned {type(loaded).__name__}, expected a LoadedModel",
            do=f"mend {plugin.origin}; `gazebench.spec.LoadedModel` says what it must hold",
        )
    return loaded


def _dataset_notices(plugin: Plugin) -> tuple[str, ...]:
    notice = dataset_descriptor(plugin).notice
    return (notice,) if notice else ()


def _model_notices(models: Sequence[SeededModel], dataset: str) -> tuple[str, ...]:
    of_labels = dict.fromkeys(notice for model in models for notice in model.label_notices())
    return (*_weights_notices(models, dataset), *of_labels)


def _weights_notices(models: Sequence[SeededModel], dataset: str) -> tuple[str, ...]:
    notices = {}
    for model in models:
        label, trained_on = model.explanations[0].model.label, model.loaded.weights.trained_on
        if trained_on is None:
            notices[label] = f"{label} is untrained, or nobody says what it was trained on"
        elif trained_on != dataset:
            notices[label] = f"{label} was trained on {trained_on}, not on {dataset}"
    return tuple(notices.values())
