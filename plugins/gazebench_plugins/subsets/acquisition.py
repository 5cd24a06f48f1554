"""Images by how they were acquired."""

from __future__ import annotations

from gazebench.spec import Case, subset


@subset(title="Phase of the study")
def phase(case: Case) -> tuple[str, ...] | None:
    """Return the phase of the study, where the dataset says it."""
    return _attribute(case, "phase")


@subset(title="View position")
def view(case: Case) -> tuple[str, ...] | None:
    """Return the view (AP, PA, ...), where the dataset says it."""
    return _attribute(case, "view")


def _attribute(case: Case, name: str) -> tuple[str, ...] | None:
    return (str(case.attributes[name]),) if case.attributes.get(name) not in (None, "") else None
