"""What a plugin's code is, as one hash: the source it is defined in and its own imports.

Hashed are the modules that define the plugin and, transitively, every module they import from
their own top-level package (for a single file: from its own folder), found by reading the source.
A module that imports by a computed name brings in its whole package. So an edit to a module that
the plugin uses changes the hash, and an edit to its neighbour does not. Other distributions are
not hashed: their versions stand in the run manifest.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

_DYNAMIC = frozenset({"import_module", "__import__"})


class SourceTree:
    """The Python files below one folder, by module name; `top` limits it to one package."""

    def __init__(self, folder: Path, top: str | None = None) -> None:
        self._folder = folder
        self._top = top

    def file(self, module: str) -> Path | None:
        """Return the file of a module, None when it is not in this tree."""
        parts = module.split(".")
        if not module or (self._top is not None and parts[0] != self._top):
            return None
        path = self._folder.joinpath(*parts)
        for candidate in (path.with_name(path.name + ".py"), path / "__init__.py"):
            if candidate.is_file():
                return candidate
        return None

    def everything(self) -> Iterator[str]:
        """Yield every module of the top-level package."""
        if self._top is None:
            return
        for path in sorted((self._folder / self._top).rglob("*.py")):
            parts = path.relative_to(self._folder).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def code_hash(modules: Iterable[ModuleType]) -> str | None:
    """Return the SHA-256 of the modules' own source, None when some of it cannot be read."""
    found: dict[str, bytes] = {}
    for module in modules:
        tree = _tree_of(module)
        if tree is None:
            return None
        try:
            found.update(closure(module.__name__, tree))
        except (OSError, SyntaxError, ValueError):
            return None
    return digest(found) if found else None


def file_hash(path: Path, source: bytes) -> str:
    """Return the SHA-256 of a single file, as it was when read, and of its neighbours it uses."""
    tree = SourceTree(path.parent)
    found = {path.stem: source}
    for name in _imports(source, module=path.stem, is_package=False, tree=tree):
        if name != path.stem:
            found.update(closure(name, tree))
    return digest(found)


def closure(module: str, tree: SourceTree) -> dict[str, bytes]:
    """Return the source of a module, of the packages around it and of what it imports in `tree`."""
    found: dict[str, bytes] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = tree.file(name)
        if name in found or path is None:
            continue
        found[name] = path.read_bytes()
        is_package = path.name == "__init__.py"
        waiting += [*_parents(name), *_imports(found[name], name, is_package=is_package, tree=tree)]
    return found


def digest(sources: dict[str, bytes]) -> str:
    """Return one SHA-256 over named sources; where they lie on disk does not matter."""
    total = hashlib.sha256()
    for name in sorted(sources):
        total.update(f"{name} {len(sources[name])}\n".encode())
        total.update(sources[name])
    return total.hexdigest()


def _tree_of(module: ModuleType) -> SourceTree | None:
    file = getattr(module, "__file__", None)
    if file is None or not file.endswith(".py"):
        return None
    depth = module.__name__.count(".") + (Path(file).name == "__init__.py")
    return SourceTree(Path(file).parents[depth], top=module.__name__.partition(".")[0])


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _imports(source: bytes, module: str, *, is_package: bool, tree: SourceTree) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, module, is_package=is_package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif _is_dynamic(node):
            yield from tree.everything()


def _absolute(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    if node.level == 0:
        return node.module or ""
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + is_package]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _is_dynamic(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id in _DYNAMIC
    return isinstance(node, ast.Attribute) and node.attr in _DYNAMIC
