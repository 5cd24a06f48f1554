"""Which cases a run's subsets hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gazebench.errors import PluginError, UsageError
from gazebench.leaderboard.subsets import memberships, requested_memberships
from gazebench.registry.host import Host
from gazebench.spec.values import Case, Reading, Size

HOST = Host()
SICK, WELL = {"Atelectasis": 4.0}, {"Atelectasis": 0.0}


def case_of(
    name: str, *findings: Mapping[str, float], height: int = 100, **attributes: str | int
) -> Case:
    """Return a case with one reading per mapping."""
    return Case(
        id=name,
        size=Size(height, 80),
        readings=tuple(Reading(id=f"{name}{i}", findings=f) for i, f in enumerate(findings)),
        expected_readings=5,
        attributes=attributes,
    )


CASES = (
    case_of("a", SICK, SICK, WELL, view="AP", phase="1"),
    case_of("b", WELL, WELL, view="PA", phase="1"),
    case_of("c", SICK, view="AP", phase="2", height=200),
    case_of("d", {}),
)


def chosen(*texts: str) -> dict[str, set[str]]:
    """Return the subsets that these texts ask for."""
    return {n: set(m) for n, m in requested_memberships(texts, CASES, HOST).items()}


def test_plugins_and_their_parts() -> None:
    assert chosen("abnormal", "normal") == {"abnormal": {"a", "c"}, "normal": {"b"}}
    assert chosen("phase") == {"phase:1": {"a", "b"}, "phase:2": {"c"}}
    assert chosen("phase:2") == {"phase:2": {"c"}}
    assert chosen("finding:Atelectasis") == {"finding:Atelectasis": {"a", "c"}}
    assert chosen("abnormal:threshold=2") == {"abnormal:threshold=2": {"a"}}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"Atelectasis" in findings and view == "AP"', {"a", "c"}),
        ("readings >= 2", {"a", "b"}),
        ("height > width and height > 150", {"c"}),
        ('id in ["a", "d"]', {"a", "d"}),
        ("abnormal and not (view == 'PA')", {"a", "c"}),
        ("not abnormal", {"b"}),  # d has no labels and is neither
        ('view != "AP"', {"b"}),  # d has no view and is neither
        ('"1" in phase', {"a", "b"}),
    ],
)
def test_expressions_see_case_fields_findings_and_subsets(
    expression: str, expected: set[str]
) -> None:
    assert chosen(f"mine={expression}") == {"mine": expected}


def test_memberships_take_plugins_and_named_expressions() -> None:
    found = memberships(CASES, [HOST.get("subset", "normal")], {"tall": "height > 150"})

    assert found == {"normal": {"b"}, "tall": {"c"}}


@pytest.mark.parametrize(
    ("texts", "error", "says"),
    [
        (("abnormel",), PluginError, "abnormel"),
        (("phase:3",), UsageError, "no part '3'"),
        (("mine=veiw == 'AP'",), UsageError, "did you mean 'view'"),
        (("mine=view == 1",), UsageError, "cannot be compared"),
        (("normal", "normal"), UsageError, "twice"),
        (("all=height > 1",), UsageError, "twice"),
    ],
)
def test_bad_requests_are_refused(
    texts: tuple[str, ...], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        chosen(*texts)


def test_plugin_that_answers_nonsense_is_named(tmp_path: Path) -> None:
    file = tmp_path / "odd.py"
    file.write_text("from gazebench import subset\n\n@subset()\ndef odd(case):\n    return 3.5\n")

    with pytest.raises(PluginError, match=r"subset odd, case a: answered 3\.5"):
        requested_memberships(["odd"], CASES, Host(files=[file]))
