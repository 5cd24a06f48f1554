"""A folder that appears complete or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gazebench.errors import RunError, UsageError


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a folder to write into, beside `target`; it becomes `target` when nothing is raised.

    Raises:
        UsageError: `target` is a file, or a folder with something in it.
        RunError: the disk refuses.
    """
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file, expected a new folder", do="choose another --out")
    if target.is_dir() and any(target.iterdir()):
        raise UsageError(
            f"{target} is not empty, and nothing is overwritten", do="choose another --out"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise _refused(target, error) from error
    try:
        yield partial
        partial.chmod(0o755)  # mkdtemp's folders are private
        partial.replace(target)  # an empty folder of that name is replaced
    except OSError as error:
        raise _refused(target, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _refused(target: Path, error: OSError) -> RunError:
    return RunError(
        f"cannot write {target}: {error.strerror or error}",
        do="choose another --out, or make room",
    )
