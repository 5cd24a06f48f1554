"""A leaderboard as the files beside its records."""

from __future__ import annotations

from collections.abc import Iterator

from gazebench.leaderboard.write import board_text
from gazebench.publish.record import Badge, Record
from gazebench.publish.standings import Apart, Standings
from gazebench.registry.host import Host
from gazebench.spec.markdown_text import markdown_text

FORMATS = ("md", "csv", "tex")  # those of the built-in exporters that people read
BADGES = {
    Badge.CLAIMED: "somebody states these numbers",
    Badge.RECOMPUTED: "every number follows from the scores of single images that are published "
    "under salted names",
    Badge.RERUN: "somebody with the data made the whole run again and got the same numbers",
}


def board_texts(standings: Standings, host: Host) -> dict[str, str]:
    """Return file name -> text, for every file that is made of a board's records.

    Raises:
        PluginError: an exporter fails.
    """
    texts = {
        f"board.{one}": board_text(standings.board, f"gazebench/{one}", host) for one in FORMATS
    }
    texts["board.md"] += "\n".join(["", *_about(standings)])
    return texts


def _about(standings: Standings) -> Iterator[str]:
    """Yield what the rows cannot say: where they come from, and who is not among them."""
    if standings.about:
        yield from ("## About", "", markdown_text(standings.about), "")
    if standings.records:
        yield from ("## Records", "")
        yield from (_record(record, standings) for record in standings.records.values())
        yield from ("", *_badges(standings), "")
    if standings.apart:
        yield from ("## Not on the board", "")
        for apart in standings.apart:
            yield from _apart(apart)


def _record(record: Record, standings: Standings) -> str:
    badges = {str(row.badge) for row in standings.rows.values() if row.record == record.name}
    said = [record.title]
    if record.publication is not None:
        said += [record.publication.citation, record.publication.tables, record.publication.url]
    name, source = f"**{markdown_text(record.name)}**", ". ".join(filter(None, said))
    return f"- {name}{''.join(f' ({b})' for b in badges)}: {markdown_text(source)}"


def _badges(standings: Standings) -> Iterator[str]:
    for badge in Badge:
        if any(row.badge is badge for row in standings.rows.values()):
            yield f"{str(badge).capitalize()}: {BADGES[badge]}."


def _apart(apart: Apart) -> Iterator[str]:
    yield f"- **{markdown_text(apart.record)}**: {markdown_text(apart.title)}"
    yield ""
    yield from (f"  - {markdown_text(why)}" for why in apart.why)
    yield ""
    if apart.command:
        yield from ("  To bring it in:", "", f"      {apart.command}", "")
