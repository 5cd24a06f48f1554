"""A replication in sentences and cells: the same words in the terminal and in the report."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from gazebench.leaderboard.replication import (
    Match,
    MatchedNumber,
    Outcome,
    PrintedDifference,
    Replicated,
    Standing,
)
from gazebench.spec.board import Interval, Verdict
from gazebench.spec.values import EntryKind

DECIMALS = 3  # of what is not printed anywhere
NOTHING = "n/a"


def in_words(found: Replicated) -> str:
    """Say how many printed numbers are reproduced."""
    counts = ", ".join(f"{found.count(match)} {match}" for match in Match)
    return f"{len(found.numbers)} printed numbers: {counts}."


def survival_in_words(found: Replicated) -> str:
    """Say what our test makes of the differences that a reader of the tables would see."""
    number = {o: sum(p.outcome is o for p in found.differences) for o in Outcome}
    apart = number[Outcome.SURVIVES] + number[Outcome.LOST]
    close = number[Outcome.FOUND] + number[Outcome.UNDECIDED]
    return (
        f"Of {apart} pairs whose published intervals do not overlap, {number[Outcome.SURVIVES]} "
        f"survive the cluster bootstrap with Holm's correction (5 %, over what a table compares on "
        f"a metric), {number[Outcome.LOST]} are lost. Of {close} pairs whose intervals overlap, "
        f"{number[Outcome.FOUND]} are newly found to differ: comparing image by image sees more "
        "than two intervals side by side."
    )


def seeds_in_words(found: Replicated) -> str:
    """Say how many differences depend on the seed; "" where there are no seeds."""
    counted = [p for p in found.differences if p.survives and p.seeds]
    if not counted:
        return ""
    always = sum(p.seeds is not None and p.seeds.better == p.seeds.of for p in counted)
    return (
        f"Of {len(counted)} differences found (surviving or new), {always} are there in every "
        "seed. The others hold for the mean of the seeds that were trained, and may not for the "
        "next one: images are resampled, seeds are not."
    )


def widths_in_words(found: Replicated) -> str:
    """Say how wide the published formula makes intervals, beside the cluster bootstrap."""
    ratios = [one.widening for one in found.standings if one.widening is not None]
    if not ratios:
        return "No interval can be compared."
    return (
        f"The published intervals are {median(ratios):.2f} times as wide as those of the cluster "
        f"bootstrap (median of {len(ratios)}; {min(ratios):.2f} to {max(ratios):.2f}): their "
        "formula takes the spread of single rows, readers' and seeds' differences included, for "
        "that of images."
    )


def verdicts_in_words(found: Replicated) -> str:
    """Say which entries are like one more reader; the floors count as well."""
    margin = next(iter(found.ours.values())).margin
    judged = [one for one in found.standings if one.cell.like_a_reader is not None]
    yes = [one for one in judged if one.cell.like_a_reader is Verdict.YES]
    undecided = sum(one.cell.like_a_reader is Verdict.UNDECIDED for one in judged)
    names = ", ".join(f"{one.entry} on {one.metric} ({place(one)})" for one in yes) or "none"
    return (
        f"Like one more reader (fraction of ceiling within {100 * margin:g} % of 1): {names}; "
        f"{undecided} of {len(judged)} are undecided."
    )


def no_fraction_in_words(rows: Iterable[Standing]) -> list[str]:
    """Say why scores of one place have no fraction of ceiling, each reason once."""
    metrics: dict[str, dict[str, None]] = {}
    for one in rows:
        if one.cell.fraction_note and one.kind is not EntryKind.CEILING:
            metrics.setdefault(one.cell.fraction_note, {})[one.metric] = None
    return [f"No fraction of ceiling on {', '.join(on)}: {why}." for why, on in metrics.items()]


def place(one: Standing) -> str:
    """Name where a score stands."""
    return f"{one.table}, {one.subset}"


def how(one: MatchedNumber) -> str:
    """Say how a number matches, and where else it stands."""
    file = one.elsewhere.partition(".")[0]
    if file:
        return f"{one.match}, exact in {file}"
    return f"{one.match} (absent)" if one.found is None else str(one.match)


def found_text(one: MatchedNumber) -> str:
    """Write what was found with the decimals that were printed."""
    decimals = len(one.printed.partition(".")[2])
    return NOTHING if one.found is None else f"{one.found:.{decimals}f}"


def named(pair: PrintedDifference) -> tuple[str, str]:
    """Name what is compared: entries, or the subsets of one entry."""
    if pair.a == pair.b:
        return f"{pair.a}, {pair.subset_a}", pair.subset_b
    return pair.a, pair.b


def difference_text(pair: PrintedDifference) -> str:
    """Write a difference with its interval."""
    return " ".join(filter(None, (f"{pair.difference:.{DECIMALS}f}", bounds(pair.interval))))


def seeds_text(pair: PrintedDifference) -> str:
    """Write in how many seeds the better one is better: "4/5"."""
    return "" if pair.seeds is None else f"{pair.seeds.better}/{pair.seeds.of}"


def p_text(p_value: float) -> str:
    """Write a p-value with three decimals, never as zero.

    >>> p_text(0.0004), p_text(0.0456), p_text(float("nan"))
    ('<0.001', '0.046', 'n/a')
    """
    if p_value != p_value:
        return NOTHING
    return "<0.001" if p_value < 0.001 else f"{p_value:.3f}"


def bounds(interval: Interval | None) -> str:
    """Write an interval; "" where there is none.

    >>> bounds(Interval(low=-0.0001, high=0.25))
    '[-0.000, 0.250]'
    """
    if interval is None:
        return ""
    return f"[{interval.low:.{DECIMALS}f}, {interval.high:.{DECIMALS}f}]"


def fraction_text(one: Standing) -> str:
    """Write a fraction of ceiling with its interval, in per cent."""
    fraction, interval = one.cell.fraction, one.cell.fraction_interval
    if one.kind is EntryKind.CEILING:
        return "ceiling"
    if fraction is None:
        return "undefined"
    around = "" if interval is None else f" [{100 * interval.low:.0f}, {100 * interval.high:.0f}]"
    return f"{100 * fraction:.0f} %{around}"


def group_text(one: Standing) -> str:
    """Write the tie group with the ranks that are possible: "2 (2-4)"."""
    group, ranks = one.cell.tie_group, one.cell.ranks
    if group is None or ranks is None:
        return ""
    many = f"{ranks.best}" if ranks.best == ranks.worst else f"{ranks.best}-{ranks.worst}"
    return f"{group} ({many})"
