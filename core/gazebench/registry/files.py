"""Plugins in a single file: `--plugin my.py`."""

from __future__ import annotations

import hashlib
import linecache
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from gazebench.errors import PluginError
from gazebench.registry.put_back import ProcessState
from gazebench.registry.quarantine import FAULTS, plugin_traceback
from gazebench.registry.source_hash import file_hash
from gazebench.spec.descriptors import Descriptor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PluginFile:
    """A file that was executed, and the descriptors it defines, by variable name."""

    path: Path
    module: ModuleType
    descriptors: dict[str, Descriptor]
    code_hash: str


def load_files(paths: Iterable[Path]) -> tuple[PluginFile, ...]:
    """Execute every file once.

    Raises:
        PluginError: a file is missing, raises, defines nothing, or two have the same name.
    """
    loaded: dict[Path, PluginFile] = {}
    for path in paths:
        resolved = path.resolve()
        if resolved in loaded:
            continue
        for other in loaded:
            if other.name == resolved.name:
                raise PluginError(
                    f"two plugin files are called {path.name}: {other} and {resolved}",
                    do="rename one, so that their plugins can be told apart",
                )
        loaded[resolved] = _load(path, resolved)
    return tuple(loaded.values())


def _load(path: Path, resolved: Path) -> PluginFile:
    try:
        source = resolved.read_bytes()
    except OSError as error:
        raise PluginError(
            f"cannot read the plugin file {path}: {error.strerror}",
            do="give the path of a .py file",
        ) from error
    module = _execute(path, resolved, source)
    descriptors = {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, Descriptor) and not _is_imported(value, module)
    }
    if not descriptors and not _has_hooks(module):
        raise PluginError(
            f"{path} defines no plugin",
            do="decorate a function with @method, @image_method, @model, @metric, ... "
            "(from gazebench import method)",
        )
    return PluginFile(
        path=path, module=module, descriptors=descriptors, code_hash=file_hash(resolved, source)
    )


def _execute(path: Path, resolved: Path, source: bytes) -> ModuleType:
    # Compiled here rather than by importlib, which may run a stale .pyc when a file is edited
    # twice in a second, and would leave a __pycache__ beside the user's file.
    name = (
        f"_gazebench_file_{resolved.stem}_{hashlib.sha256(str(resolved).encode()).hexdigest()[:8]}"
    )
    module = ModuleType(name)
    module.__file__ = str(resolved)
    linecache.checkcache(str(resolved))
    sys.modules[name] = module  # dataclasses and pickle look a class's module up there
    try:
        with ProcessState().restored():
            exec(compile(source, str(resolved), "exec"), vars(module))
    except FAULTS as error:
        del sys.modules[name]
        raise PluginError(
            f"{path}:{_line(error, resolved)}: {type(error).__name__}: {error}\n"
            f"{plugin_traceback(error)}\n",
            do="mend the file, or leave it out",
        ) from error
    return module


def _line(error: BaseException, path: Path) -> int:
    """Return the last line of the file that was being executed."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return error.lineno or 1
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == str(path)
    ]
    return lines[-1] if lines else 1


def _is_imported(descriptor: Descriptor, module: ModuleType) -> bool:
    """Whether another module already holds this very descriptor: the file only uses it."""
    home = sys.modules.get(getattr(descriptor.function, "__module__", ""))
    return home is not None and home is not module and descriptor in vars(home).values()


def _has_hooks(module: ModuleType) -> bool:
    return any(hasattr(value, "gazebench_impl") for value in vars(module).values())
