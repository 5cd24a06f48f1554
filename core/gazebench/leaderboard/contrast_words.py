"""The answer in words: on which subset are maps most like the readers, and is that certain?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from gazebench.leaderboard.contrast_parts import FEWEST
from gazebench.leaderboard.contrast_values import (
    ALPHA,
    Contrast,
    Family,
    Quantity,
    SubsetAnalysis,
    Test,
)
from gazebench.spec.values import EntryKind

MOST_ENTRIES = 8  # that are told about, and drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Extremes:
    """The subsets in which an entry is most and least like the readers, and their contrast."""

    quantity: Quantity
    most: str
    least: str
    values: tuple[float, float]
    contrast: Contrast


def extremes(analysis: SubsetAnalysis, entry: str) -> Extremes | None:
    """Return where an entry stands highest and lowest; by its score where fractions are undefined.

    Only parts with enough images for a test count. None where there are no two of them.
    """
    for quantity in (Quantity.FRACTION, Quantity.SCORE):
        family = analysis.family(analysis.asked, quantity, Family.SUBSETS)
        contrasts = [one for one in family if one.first.entry == entry]
        values = _values(analysis, contrasts)
        if len(values) < 2:
            continue
        upwards = quantity is Quantity.FRACTION or analysis.metric(analysis.asked).higher_is_better
        order = sorted(values, key=lambda part: -values[part] if upwards else values[part])
        most, least = order[0], order[-1]
        return Extremes(
            quantity=quantity,
            most=most,
            least=least,
            values=(values[most], values[least]),
            contrast=_between(contrasts, most, least),
        )
    return None


def answer(analysis: SubsetAnalysis) -> tuple[str, ...]:
    """Say where entries are most like the readers: a summary, then a sentence for each entry."""
    shown = most_shown(analysis)
    entries = [name for name in shown if analysis.entries[name] is EntryKind.ENTRY]
    found = {name: one for name in entries if (one := extremes(analysis, name)) is not None}
    ceiling = analysis.ceiling and extremes(analysis, analysis.ceiling)
    sentences = [_summary(analysis, found)]
    sentences += [f"{name}: {_sentence(analysis, one)}" for name, one in found.items()]
    if ceiling:
        sentences.append(
            f"The readers themselves ({analysis.ceiling}): {_sentence(analysis, ceiling)}"
        )
    return (*sentences, *_undefined(analysis, found))


def most_shown(analysis: SubsetAnalysis) -> tuple[str, ...]:
    """Return the entries that there is room for: the ceiling apart, the best first, then floors."""
    others = [name for name, kind in analysis.entries.items() if kind is not EntryKind.CEILING]
    return tuple(others[:MOST_ENTRIES])


def cut_in_words(analysis: SubsetAnalysis) -> str:
    """Say that not everything is shown; "" where it is."""
    others = sum(kind is not EntryKind.CEILING for kind in analysis.entries.values())
    if others <= MOST_ENTRIES:
        return ""
    return (
        f"the {MOST_ENTRIES} best of {others} by {analysis.asked} are shown; --entry NAME chooses"
    )


def how_tested(analysis: SubsetAnalysis) -> tuple[str, ...]:
    """Explain the tests: what is compared how, and what is corrected together."""
    kinds = {one.test for one in analysis.contrasts if one.family is Family.SUBSETS}
    spoken = {
        Test.UNPAIRED: "unpaired (Welch) where they share none",
        Test.OVERLAPPING: "overlapping where they share some, from the same resamples",
    }
    how = "; ".join(text for test, text in spoken.items() if test in kinds)
    tests = [count(analysis, analysis.asked, one, Family.SUBSETS) for one in Quantity]
    return (
        f"Intervals: {analysis.interval}.",
        f"Tests of two parts of the images: {how}. None with fewer than {FEWEST} in a part.",
        (
            "Holm: p corrected over every entry's contrasts with the rests and between all pairs "
            f"of subsets, on {analysis.asked}: {tests[0]} tests of the score, {tests[1]} of the "
            f"fraction of the ceiling, {tests[2]} of the gap to it; {100 * ALPHA:g} %."
        ),
    )


def count(analysis: SubsetAnalysis, metric: str, quantity: Quantity, family: Family) -> int:
    """Return how many tests a family holds."""
    return sum(one.p_value is not None for one in analysis.family(metric, quantity, family))


def p_in_words(value: float | None) -> str:
    """Write a p-value.

    >>> p_in_words(0.0123), p_in_words(0.00001), p_in_words(None)
    ('0.012', '<0.001', '-')
    """
    if value is None:
        return "-"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _values(analysis: SubsetAnalysis, contrasts: list[Contrast]) -> dict[str, float]:
    """Return the values of the subsets; of the only one and its rest where there is one."""
    values = {
        side.subset: side.value
        for one in contrasts
        for side in (one.first, one.second)
        if side.value is not None and side.n >= FEWEST
    }
    subsets = [part for part in values if part in analysis.subsets]
    if len(subsets) == 1:
        subsets.append(analysis.rest.get(subsets[0], ""))
    return {part: values[part] for part in subsets if part in values}


def _between(contrasts: list[Contrast], a: str, b: str) -> Contrast:
    return next(one for one in contrasts if {one.first.subset, one.second.subset} == {a, b})


def _summary(analysis: SubsetAnalysis, found: dict[str, Extremes]) -> str:
    if not found:
        return f"No two subsets with {FEWEST} or more images can be compared."
    most = Counter(one.most for one in found.values())
    least = Counter(one.least for one in found.values())
    where = (
        f"By {analysis.asked}, maps are most like the readers on {_counted(most)} and least on "
        f"{_counted(least)}."
    )
    if len(found) == 1:
        return where
    certain = sum(one.contrast.is_significant for one in found.values())
    return f"{where} That difference is significant for {certain} of {len(found)} entries."


def _counted(places: Counter[str]) -> str:
    """Name parts with the number of entries, which nobody needs where there is one part."""
    if len(places) == 1:
        return next(iter(places))
    return ", ".join(f"{part} ({number})" for part, number in places.most_common())


def _sentence(analysis: SubsetAnalysis, found: Extremes) -> str:
    share = found.quantity is Quantity.FRACTION
    high, low = (f"{100 * v:.0f} %" if share else f"{v:.3f}" for v in found.values)
    one = found.contrast
    if one.p_holm is None:
        verdict = f"not tested ({one.note})"
    else:
        said = "significant" if one.is_significant else "not significant"
        verdict = f"{said} (p {p_in_words(one.p_holm)} after Holm)"
    unit = " of the ceiling" if share else f" {analysis.asked}"
    return f"most on {found.most} ({high}{unit}), least on {found.least} ({low}): {verdict}."


def _undefined(analysis: SubsetAnalysis, found: dict[str, Extremes]) -> Iterator[str]:
    """Say once where there is no fraction, and why."""
    why: dict[str, str] = {}
    for row in analysis.rows:
        if row.metric == analysis.asked and row.entry in found and row.fraction_note:
            why.setdefault(row.subset, row.fraction_note)
    if len(why) > 1 and len(set(why.values())) == 1 and len(why) == len(analysis.subsets):
        yield f"No fraction of the ceiling: {next(iter(why.values()))}."
        return
    for subset, reason in why.items():
        yield f"No fraction of the ceiling on {subset}: {reason}."
