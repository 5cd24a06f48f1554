"""A board on disk, in every installed format."""

from __future__ import annotations

from pathlib import Path

from gazebench.engine.store import make_folder, write_bytes, write_text
from gazebench.errors import PluginError
from gazebench.leaderboard.figure_file import Picture, file_content
from gazebench.leaderboard.plane_figure import plane_figure, plane_of
from gazebench.registry.asked import asked
from gazebench.registry.host import Host
from gazebench.spec.board import Board
from gazebench.spec.descriptors import Exporter


def write_board(board: Board, folder: Path, host: Host) -> tuple[Path, ...]:
    """Write `leaderboard.<suffix>` for every exporter, and return the files.

    Every text is made before the first file is written; each file is whole or absent. An exporter
    that fails costs its own file, and is raised when those of the others are written.

    Raises:
        RunError: the folder cannot be made or written.
        PluginError: an exporter does not load or does not return text.
    """
    exporters = [host.get("exporter", listed.full_name) for listed in host.listed("exporter")]
    texts: dict[str, str] = {}
    faults: list[PluginError] = []
    for plugin in exporters:
        assert isinstance(plugin.descriptor, Exporter)
        try:
            texts[plugin.descriptor.suffix] = board_text(board, plugin.name, host)
        except PluginError as fault:
            faults.append(fault)
    make_folder(folder)
    for suffix, text in texts.items():
        write_text(folder / f"leaderboard.{suffix}", text)
    host.board_written(board, folder)
    if faults:
        raise faults[0]
    return tuple(folder / f"leaderboard.{suffix}" for suffix in texts)


def write_plane(board: Board, folder: Path) -> tuple[Path, ...]:
    """Write `plane.svg` and `plane.png` where a board asks both readers and networks.

    Raises:
        RunError: the folder cannot be written.
    """
    plane = plane_of(board)
    if plane is None:
        return ()
    files = []
    for kind in Picture:
        content = file_content(lambda: plane_figure(plane), kind)
        write_bytes(folder / f"plane.{kind}", content)
        files.append(folder / f"plane.{kind}")
    return tuple(files)


def board_text(board: Board, exporter: str, host: Host) -> str:
    """Return a board in one format.

    Raises:
        PluginError: there is no such exporter, or it does not return text.
    """
    plugin = host.get("exporter", exporter)
    text = asked(plugin, "", plugin.call, board)
    do = f"correct {plugin.origin}"
    if not isinstance(text, str):
        raise PluginError(
            f"exporter {plugin.label} returned {type(text).__name__}, expected text", do=do
        )
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PluginError(
            f"exporter {plugin.label} returned text that UTF-8 cannot write: {error}", do=do
        ) from error
    return text
