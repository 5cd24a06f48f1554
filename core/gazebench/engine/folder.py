"""The folder of a run: claimed before any work, so that an unwritable place costs no time."""

from __future__ import annotations

from pathlib import Path

from gazebench.errors import RunError

MANIFEST = "manifest.json"


def claim(folder: Path) -> Path:
    """Create the folder of a run, or take over that of an earlier run.

    Raises:
        RunError: the folder holds something else, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        strangers = sorted(p.name for p in folder.iterdir())
        probe = folder / ".gazebench-probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise RunError(
            f"cannot write to the output folder {folder}: {error.strerror or error}",
            do="choose another folder with --out",
        ) from error
    if strangers and not _is_run(strangers):
        raise RunError(
            f"the output folder {folder} is not empty and holds no run: found {strangers[0]}",
            do="choose an empty or new folder with --out",
        )
    return folder


def _is_run(names: list[str]) -> bool:
    return MANIFEST in names or "parts" in names


def release(folder: Path) -> None:
    """Remove the folder again if nothing was written to it."""
    manifest, parts = folder / MANIFEST, folder / "parts"
    if parts.exists() or (folder / "scores.parquet").exists():
        return
    manifest.unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
