"""`gazebench plugins list|info|doctor`, as a user runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fake_distributions import FINE, install

BROKEN = "import math\n\nfrom fake_nowhere import something\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with one distribution that is fine, one that raises, and one that takes a name."""
    folder = tmp_path / "site"
    sources = {
        "fine": (FINE.format(name="twice"), "twice"),
        "broken": (BROKEN, "broken"),
        "rival": (FINE.format(name="gradcam"), "gradcam"),
    }
    for name, (source, public) in sources.items():
        install(
            folder,
            f"fake-{name}",
            modules={f"fake_{name}": source},
            entry_points={"gazebench.methods": {public: f"fake_{name}:{public}"}},
        )
    return folder


def gazebench(*arguments: str | Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command with a folder first on the path."""
    paths = [str(path or ""), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    return subprocess.run(
        [sys.executable, "-m", "gazebench", "plugins", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def test_list_shows_every_name_with_its_distribution(site: Path) -> None:
    """Exit 0 and a note on stderr that there are problems; what collides has its full name."""
    done = gazebench("list", "--kind", "method", path=site)

    rows = [line.split() for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert rows[0] == ["kind", "name", "distribution", "version"]
    assert ["method", "twice", "fake-fine", "1.0"] in rows
    assert ["method", "broken", "fake-broken", "1.0"] in rows
    assert ["method", "fake-rival/gradcam", "fake-rival", "1.0"] in rows
    assert "gazebench/gradcam" in [row[1] for row in rows]
    assert "1 problem: `gazebench plugins doctor` explains it." in done.stderr


def test_list_speaks_json() -> None:
    """The same facts."""
    rows = json.loads(gazebench("list", "--json").stdout)

    assert {"sononet", "gradcam", "sauc", "phantom"} <= {row["name"] for row in rows}
    assert set(rows[0]) == {"kind", "name", "distribution", "version"}


def test_info_explains_a_plugin(tmp_path: Path) -> None:
    """Its title, reference, parameters with defaults, file and code hash."""
    path = tmp_path / "mine.py"
    path.write_text(
        "from gazebench import metric\n"
        "@metric(higher_is_better=False, range=(0, 2), chance=1, needs={'reference'}, version=3,\n"
        "        reference='Somebody 2001')\n"
        "def odd(scored, target, *, power: float = 2.0):\n    '''Oddness of a map.'''\n"
    )

    done = gazebench("info", "odd", "--plugin", path)
    facts = json.loads(gazebench("info", "odd", "--plugin", path, "--json").stdout)[0]

    assert done.returncode == 0
    assert "metric odd: Oddness of a map" in done.stdout
    assert "power: float (default 2.0)" in done.stdout
    assert str(path) in done.stdout
    assert facts["code_sha256"] in done.stdout
    assert facts["metric_version"] == 3
    assert facts["higher_is_better"] is False
    assert facts["needs"] == ["reference"]
    assert facts["reference"] == "Somebody 2001"


def test_info_shows_a_name_in_every_kind_that_has_it(tmp_path: Path) -> None:
    """Unless one kind is asked for."""
    path = tmp_path / "mine.py"
    path.write_text(
        "from gazebench import image_method, hookimpl, floor\n"
        "@image_method()\ndef both(image):\n    '''A method.'''\n"
        "@floor()\ndef other(context):\n    '''A floor.'''\n"
        "@hookimpl\ndef gazebench_register():\n    return {'both': other}\n"
    )

    both = gazebench("info", "both", "--plugin", path).stdout
    one = gazebench("info", "both", "--plugin", path, "--kind", "floor").stdout

    assert ("method both: A method" in both, "floor both: A floor" in both) == (True, True)
    assert ("method both: A method" in one, "floor both: A floor" in one) == (False, True)


def test_asking_for_a_broken_plugin_shows_its_error_and_exits_with_4(site: Path) -> None:
    """The line that failed, the distribution, what to do; no traceback of ours."""
    done = gazebench("info", "broken", path=site)

    assert done.returncode == 4
    assert "the method 'broken' of fake-broken 1.0 cannot be used" in done.stderr
    assert 'fake_broken.py", line 3' in done.stderr
    assert "No module named 'fake_nowhere'" in done.stderr
    assert "Do: install the module 'fake_nowhere', or uninstall fake-broken" in done.stderr
    assert "gazebench/registry" not in done.stderr


def test_asking_for_a_colliding_name_names_both(site: Path) -> None:
    """And the full names."""
    done = gazebench("info", "gradcam", path=site)

    assert done.returncode == 4
    assert "ask for fake-rival/gradcam or gazebench/gradcam" in done.stderr


def test_doctor_reports_every_problem_by_distribution_and_cause(site: Path) -> None:
    """And exits with 4."""
    done = gazebench("doctor", path=site)
    problems = {
        (p["name"], p["distribution"]): p
        for p in json.loads(gazebench("doctor", "--json", path=site).stdout)
    }

    assert done.returncode == 4
    assert "method broken of fake-broken 1.0" in done.stdout
    assert "  | ModuleNotFoundError: No module named 'fake_nowhere'" in done.stdout
    assert problems[("gradcam", "fake-rival, gazebench")]["cause"].startswith("given by fake-rival")
    assert not [name for name in problems if "fake-fine" in name[1]]


def test_doctor_finds_nothing_wrong_with_what_we_ship() -> None:
    """Every built-in plugin loads, and the installation knows every entry point."""
    done = gazebench("doctor")

    assert (done.returncode, done.stderr) == (0, "")
    assert "plugins load, and no names collide" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["info", "gradcm"], 4, "did you mean 'gradcam'?"),
        (["info", "gradcam", "--kind", "model"], 4, "no model is called 'gradcam'"),
        (["list", "--kind", "methods"], 2, "did you mean 'method'?"),
        (["list", "--plugin", "absent.py"], 4, "cannot read the plugin file absent.py"),
    ],
)
def test_what_does_not_exist_is_said_with_what_does(
    arguments: list[str], code: int, message: str
) -> None:
    """One message, one exit code, nothing on stdout."""
    done = gazebench(*arguments)

    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
