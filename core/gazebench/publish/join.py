"""A leaderboard from its records: who stands on it, and who stands apart and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gazebench.publish.comparability import why_apart
from gazebench.publish.joined_board import joined_board
from gazebench.publish.record import EntryFacts, Protocol
from gazebench.publish.row_names import RowName, kinds_of, row_names
from gazebench.publish.run_command import rerun_command
from gazebench.publish.same_data import admitted
from gazebench.publish.standings import Apart, Standing, Standings
from gazebench.publish.submission import Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSettings:
    """What a board is about, whatever its records.

    Attributes:
        versions: metric -> the version that the board shows, in the order of the columns.
        rank_by: the metric that orders the rows; "" for the default.
    """

    name: str
    title: str
    about: str
    is_restricted: bool
    protocol: Protocol
    versions: Mapping[str, int]
    rank_by: str = ""


def join(settings: BoardSettings, submissions: Sequence[Submission]) -> Standings:
    """Return the leaderboard of all records that may be compared, and the others apart.

    Records with case scores are joined reading by reading and everything uncertain is computed
    anew over all of them; what others state is ranked among them by its stated intervals. The
    order of `submissions` has no influence.

    Raises:
        RecordError: a record's case scores have a row that the record does not state.
        UsageError: `rank_by` is not one of the metrics, or a record states settings that this
            version does not know.
    """
    by_name = {one.name: one for one in sorted(submissions, key=lambda one: one.name)}
    why = {
        name: why_apart(one.record, settings.protocol, settings.versions)
        for name, one in by_name.items()
    }
    kept, others = admitted([one for name, one in by_name.items() if not why[name]])
    why |= others
    model = next((one.record for one in kept if one.record.run is not None), None)
    joined = joined_board(
        kept,
        order=tuple(settings.versions),
        rank_by=settings.rank_by,
        dataset=settings.protocol.dataset,
    )
    return Standings(
        name=settings.name,
        title=settings.title,
        about=settings.about,
        is_restricted=settings.is_restricted or any(o.record.is_restricted for o in submissions),
        board=joined.board,
        rows=_standings(kept),
        records={name: one.record for name, one in by_name.items() if not why[name]},
        apart=tuple(
            Apart(
                record=name,
                title=one.record.title,
                why=why[name],
                command=rerun_command(one.record, settings.protocol, like=model),
            )
            for name, one in by_name.items()
            if why[name]
        ),
        matrices=joined.matrices,
    )


def _standings(submissions: Sequence[Submission]) -> dict[str, Standing]:
    """Return where each row comes from; a shared one from a record with case scores, if any."""
    by_strength = sorted(submissions, key=lambda one: one.case_table is None)
    names = row_names([one.record for one in submissions])
    found: dict[str, Standing] = {}
    for one in by_strength:
        for entry in kinds_of(one.record):
            name = names[RowName(one.name, entry)]
            facts = one.record.entries.get(entry, EntryFacts())
            found.setdefault(
                name,
                Standing(name=name, record=one.name, entry=entry, badge=one.badge, facts=facts),
            )
    return dict(sorted(found.items()))
