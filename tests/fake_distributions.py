"""Installed distributions made of nothing: a dist-info folder and some modules."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

FINE = '''
from gazebench import image_method


@image_method()
def {name}(image, *, times: int = 2):
    """Twice the image."""
    return image * times
'''


def install(
    folder: Path,
    name: str,
    *,
    modules: Mapping[str, str] | None = None,
    entry_points: Mapping[str, Mapping[str, str]] | None = None,
    version: str = "1.0",
) -> None:
    """Write a distribution into a folder that is, or will be, on sys.path."""
    metadata = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    groups = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in entries.items())
        for group, entries in (entry_points or {}).items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(groups))
    for module, source in (modules or {}).items():
        path = folder.joinpath(*module.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)


@contextmanager
def on_path(folder: Path) -> Iterator[Path]:
    """Put a folder first on sys.path; afterwards forget what was imported from it."""
    sys.path.insert(0, str(folder))
    try:
        yield folder
    finally:
        sys.path.remove(str(folder))
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None) or "").startswith(str(folder)):
                del sys.modules[name]
