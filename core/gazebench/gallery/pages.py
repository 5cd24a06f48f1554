"""Templates to pages: everything escaped, nothing from elsewhere."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

PACKAGE = "gazebench.gallery"
ASSETS = ("report.css", "replay.js")
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)


def page(template: str, **view: Any) -> str:
    """Fill in a template."""
    text = _environment().get_template(template).render(policy=POLICY, **view)
    return "\n".join(line.rstrip() for line in text.split("\n") if line.strip()) + "\n"


def asset(name: str) -> bytes:
    """Return the content of a file that goes into the folder as it is."""
    return resources.files(PACKAGE).joinpath("assets", name).read_bytes()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(PACKAGE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["compact"] = lambda value: json.dumps(value, separators=(",", ":"))
    return environment
