"""The host: lazy, isolated, loud."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from fake_distributions import FINE, install
from gazebench.errors import PluginError, UsageError
from gazebench.registry.host import Host
from gazebench.spec.events import Notice

BROKEN = "import math\n\nfrom fake_nowhere import something\n"
MODEL = """
from gazebench import model

@model(provides={"logits"}, family=True)
def nets(variant, *, seed, depth: int = 3):
    return variant, seed, depth
"""
HOOKS = """
from gazebench import hookimpl, image_method

heard = []

@image_method()
def made(image, *, k: int = 1):
    return image + k

@hookimpl
def gazebench_register():
    return {names}

@hookimpl
def gazebench_event(event):
    heard.append(event)
    {event}

@hookimpl
def gazebench_commands(app):
    @app.command()
    def hello(): ...
    @app.command("run")
    def mine(): ...
"""


def install_method(site: Path, name: str, source: str, *, public: str = "twice") -> None:
    """Install a distribution with one method."""
    module = name.replace("-", "_")
    install(
        site,
        name,
        modules={module: source},
        entry_points={"gazebench.methods": {public: f"{module}:{public}"}},
    )


@pytest.fixture
def three(site: Path) -> Path:
    """Install a distribution that is fine, one that raises, and one that takes a name."""
    install_method(site, "fake-fine", FINE.format(name="twice"))
    install_method(site, "fake-broken", BROKEN, public="broken")
    install_method(site, "fake-rival", FINE.format(name="gradcam"), public="gradcam")
    return site


def test_one_broken_and_one_rival_distribution_leave_the_fine_one_alone(three: Path) -> None:
    """All are listed without an import; the fine one is usable."""
    host = Host()

    names = {p.full_name for p in host.listed("method")}

    assert {"fake-fine/twice", "fake-broken/broken", "fake-rival/gradcam"} <= names
    assert not {"fake_fine", "fake_broken", "fake_rival"} & set(sys.modules)
    assert host.get("method", "twice").call(21) == 42
    assert str(three) in str(sys.modules["fake_fine"].__file__)


@pytest.mark.usefixtures("three")
def test_asking_for_the_broken_one_shows_its_own_error() -> None:
    """The original exception is the cause, its line is in the message; asking again repeats it."""
    host = Host()

    for _ in range(2):
        with pytest.raises(PluginError) as error:
            host.get("method", "broken")
        assert isinstance(error.value.__cause__, ModuleNotFoundError)
        assert error.value.exit_code == 4
        assert "the method 'broken' of fake-broken 1.0" in error.value.message
        assert 'fake_broken.py", line 3, in <module>' in error.value.message
        assert "importlib" not in error.value.message
        assert error.value.do == "install the module 'fake_nowhere', or uninstall fake-broken"
    assert [(p.name, p.distribution) for p in host.problems() if p.traceback] == [
        ("broken", "fake-broken")
    ]


@pytest.mark.usefixtures("three")
def test_a_colliding_name_is_an_error_naming_both() -> None:
    """And full names work."""
    host = Host()

    with pytest.raises(PluginError, match=r"given by fake-rival 1.0 .* and by gazebench") as error:
        host.get("method", "gradcam")

    assert "ask for fake-rival/gradcam or gazebench/gradcam" in error.value.do
    plugin = host.get("method", "fake-rival/gradcam:times=3")
    assert (plugin.name, plugin.label) == ("fake-rival/gradcam", "fake-rival/gradcam:times=3")


@pytest.mark.usefixtures("three")
def test_checking_everything_finds_every_problem() -> None:
    """By name, distribution and cause."""
    host = Host()
    host.check_everything()

    ours = {
        (p.kind, p.name, p.distribution): p.cause
        for p in host.problems()
        if "fake" in p.distribution
    }

    assert ours[("method", "broken", "fake-broken")].startswith("ModuleNotFoundError")
    assert ("method", "gradcam", "fake-rival, gazebench") in ours
    assert len(ours) == 2


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("import sys\nsys.exit(1)\n", "SystemExit: 1"),
        ("def twice(image): ...\n", "is function object, not a method"),
        (
            "from gazebench import floor\n@floor()\ndef twice(context): ...\n",
            "is a floor, not a method",
        ),
        (
            "from gazebench import image_method\n@image_method(api=99)\ndef twice(i): ...\n",
            "is written for plugin API 99",
        ),
        ("other = 1\n", "AttributeError: module 'fake_odd' has no attribute 'twice'"),
    ],
)
def test_whatever_an_import_does_is_quarantined(site: Path, source: str, cause: str) -> None:
    """Exits, wrong kinds, other APIs, missing names."""
    install_method(site, "fake-odd", source)
    host = Host()

    host.check_everything()

    assert any(cause in p.cause for p in host.problems() if p.distribution == "fake-odd")
    with pytest.raises(PluginError, match=r"the method 'twice' of fake-odd 1.0 cannot be used"):
        host.get("method", "twice")


def test_a_family_is_asked_for_with_its_variant(site: Path) -> None:
    """By short and full name; the seed comes from the run."""
    install(
        site,
        "fake-nets",
        modules={"fake_nets": MODEL},
        entry_points={"gazebench.models": {"nets": "fake_nets:nets"}},
    )
    host = Host()

    plugin = host.get("model", "fake-nets/nets/a/b:depth=5")

    assert (plugin.name, plugin.label) == ("nets/a/b", "nets/a/b:depth=5")
    assert plugin.call(seed=1) == ("a/b", 1, 5)
    with pytest.raises(UsageError, match="nets is a family") as error:
        host.get("model", "nets")
    assert error.value.do == "write nets/VARIANT"


def test_a_variant_of_what_is_no_family_is_refused(site: Path) -> None:
    """Rather than ignored."""
    install_method(site, "fake-fine", FINE.format(name="twice"))

    with pytest.raises(PluginError, match="twice has no variants, found twice/x"):
        Host().get("method", "twice/x")


def test_labels_do_not_depend_on_how_parameters_were_written(tmp_path: Path) -> None:
    """The function's order and the values' own spelling, so that an entry has one name."""
    path = tmp_path / "mine.py"
    path.write_text(
        "from gazebench import image_method\n\n@image_method()\n"
        "def m(image, *, a: int = 1, b: bool = False):\n    return image\n"
    )
    host = Host([path])

    assert host.get("method", "m:b=YES, a=02").label == "m:a=2,b=true"
    assert host.get("method", "m").label == "m"
    assert host.get("method", "m:a=3", {"b": "no"}).parameters == {"a": 3, "b": False}


@pytest.mark.parametrize(
    ("text", "message", "do"),
    [
        ("twic", "no method is called 'twic', of", "did you mean 'twice'?"),
        ("sononet", "it is a model", "`gazebench plugins list --kind method` lists them"),
    ],
)
def test_an_unknown_name_says_what_there_is(site: Path, text: str, message: str, do: str) -> None:
    """How many exist, the closest, and the command that lists them."""
    install_method(site, "fake-fine", FINE.format(name="twice"))

    with pytest.raises(PluginError, match=message) as error:
        Host().get("method", text)

    assert do in error.value.do


def test_a_colon_without_a_parameter_is_a_usage_error(site: Path) -> None:
    """Not an unknown plugin."""
    install_method(site, "fake-fine", FINE.format(name="twice"))

    with pytest.raises(UsageError, match="'3' after twice: is not a parameter") as error:
        Host().get("method", "twice:3")

    assert error.value.do == "write twice:KEY=VALUE"


def test_a_file_gives_plugins_under_its_own_name(site: Path, tmp_path: Path) -> None:
    """And collides like any distribution."""
    install_method(site, "fake-fine", FINE.format(name="twice"))
    path = tmp_path / "mine.py"
    path.write_text(FINE.format(name="twice") + FINE.format(name="thrice").replace("* ", "** "))
    host = Host([path])

    assert host.from_files("method") == ("twice", "thrice")
    plugin = host.get("method", "thrice")
    assert (plugin.distribution, plugin.version, plugin.origin) == ("mine.py", "", str(path))
    assert plugin.call(3) == 9
    assert len(plugin.code_hash or "") == 64
    with pytest.raises(PluginError, match=r"fake-fine 1.0 .* and by mine.py"):
        host.get("method", "twice")
    assert host.get("method", "mine.py/twice").call(2) == 4


def hooked(site: Path, *, names: str = "{'made': made}", event: str = "pass") -> Any:
    """Install a distribution with hooks and return a host."""
    source = HOOKS.replace("{names}", names).replace("{event}", event)
    install(
        site,
        "fake-hooks",
        modules={"fake_hooks": source},
        entry_points={"gazebench": {"ears": "fake_hooks"}},
    )
    return Host()


def test_a_hook_may_register_plugins(site: Path) -> None:
    """Listed, usable and hashed like any other."""
    host = hooked(site)

    plugin = host.get("method", "made:k=2")

    assert "fake-hooks/made" in [p.full_name for p in host.listed("method")]
    assert plugin.call(1) == 3
    assert plugin.distribution == "fake-hooks"
    assert plugin.code_hash is not None


@pytest.mark.parametrize("names", ["None", "3", "{'made': 3}", "1 / 0", "{'a/b': made}"])
def test_a_register_hook_that_gives_nonsense_is_quarantined(site: Path, names: str) -> None:
    """Other plugins keep working."""
    host = hooked(site, names=names)

    assert "gazebench/gradcam" in [p.full_name for p in host.listed("method")]
    problems = [p for p in host.problems() if p.distribution == "fake-hooks"]
    assert len(problems) == (names != "None")  # pluggy drops answers of None


def test_events_reach_hooks_and_their_faults_come_back(site: Path) -> None:
    """Once; the run decides how to say it."""
    host = hooked(site, event="raise ValueError('deaf')")
    event = Notice(message="x")

    (fault,) = host.event(event)

    assert fault.cause == "ValueError: deaf"
    assert host.event(event) == ()
    assert sys.modules["fake_hooks"].heard == [event, event]
    assert fault in host.problems()


def test_a_command_that_exists_already_is_left_out(site: Path) -> None:
    """Typer alone would let the later one win in silence."""
    app = typer.Typer()

    @app.command()
    def run() -> None:
        """Stay."""

    (fault,) = hooked(site).add_commands(app)

    assert [getattr(info.callback, "__name__", "") for info in app.registered_commands] == [
        "run",
        "hello",
    ]
    assert fault.cause == "the command 'run' exists already"
    assert fault.distribution == "fake-hooks"


def test_a_file_may_listen_too(tmp_path: Path) -> None:
    """A file with hooks only is a plugin file."""
    path = tmp_path / "ears.py"
    path.write_text(
        "from gazebench import hookimpl\nheard = []\n"
        "@hookimpl\ndef gazebench_board_written(board, folder):\n"
        "    heard.append((board, folder))\n"
    )
    host = Host([path])

    board: Any = "board"

    assert host.board_written(board, tmp_path) == ()
    module = next(m for n, m in sys.modules.items() if n.startswith("_gazebench_file_ears"))
    assert module.heard == [("board", tmp_path)]
