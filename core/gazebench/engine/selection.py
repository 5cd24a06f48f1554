"""Which cases and readings take part, and why others do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gazebench.engine.available import ALL_GAZE
from gazebench.errors import DataError
from gazebench.spec.notices import with_names
from gazebench.spec.values import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The cases to score, those that inform the centre bias, and what was left out.

    Attributes:
        scored: cases with enough usable readings.
        informing: every case with a usable reading: all of them inform the centre bias.
        notices: one line per kind of omission.
    """

    scored: tuple[Case, ...]
    informing: tuple[Case, ...]
    notices: tuple[str, ...]


def select(
    cases: Sequence[Case],
    *,
    min_readings: int | None,
    without_density: frozenset[str],
    reference: str = ALL_GAZE,
) -> Selection:
    """Choose the cases of a run.

    `without_density` names readings whose heatmap sums to zero, or which have nothing to compare
    with by the recipe `reference`: they do not count as usable (protocol section 1).

    Raises:
        DataError: no case is left.
    """
    informing = tuple(c for c in (_drop(case, without_density) for case in cases) if c.readings)
    scored = tuple(c for c in informing if has_enough(c, min_readings))
    if not scored:
        wanted = f"at least {min_readings}" if min_readings else "all their"
        by_recipe = "" if reference == ALL_GAZE else f" by the reference {reference}"
        raise DataError(
            f"none of the {len(cases)} cases has {wanted} usable readings{by_recipe}",
            do="lower --min-readings, or check the data with `gazebench dataset validate`",
        )
    notices: list[str] = []
    if len(scored) < len(informing):
        notices.append(
            f"{len(informing) - len(scored)} of {len(informing)} cases are not scored: they have "
            f"fewer usable readings than {min_readings or 'the study design gave them'}; they "
            "still inform the centre bias"
        )
    if without_density:
        names = ", ".join(sorted(without_density)[:5])
        more = ", ..." if len(without_density) > 5 else ""
        notice = f"{len(without_density)} readings {_lack(reference)}"
        notices.append(with_names(notice, f"{names}{more}"))
    return Selection(scored=scored, informing=informing, notices=tuple(notices))


def _lack(reference: str) -> str:
    if reference == ALL_GAZE:
        return "have no density, no fixation lies near the shown part of the image"
    return f"have nothing to compare with by the reference {reference}"


def _drop(case: Case, readings: frozenset[str]) -> Case:
    if not any(reading.id in readings for reading in case.readings):
        return case
    return replace(case, readings=tuple(r for r in case.readings if r.id not in readings))


def has_enough(case: Case, min_readings: int | None) -> bool:
    """Whether a case has enough readings to be scored; None asks for all of the study design."""
    if min_readings is None:
        return case.is_complete
    return len(case.readings) >= min_readings
