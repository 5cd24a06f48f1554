"""Explained numbers: those of the board, from rows that anybody can add up."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from boards import cell, rows_of
from gazebench.engine.store import SCHEMA, score_table
from gazebench.errors import DataError, GazeBenchError, UsageError
from gazebench.leaderboard.explain import explain
from gazebench.leaderboard.explain_files import explanation_json
from gazebench.leaderboard.explanation import Explanation
from gazebench.leaderboard.rank_table import TableOptions, rank_table
from gazebench.leaderboard.scored_table import TableRoles, read_scores
from gazebench.leaderboard.subset_choice import read_with_subsets
from gazebench.leaderboard.write import write_board
from gazebench.registry.host import Host
from gazebench.spec import EntryKind, ScoreRow, Status

HOST = Host()
FEW = 300  # resamples
IMAGES = 14


def values(shift: float, seed: int) -> list[float]:
    """Return a score for every image; images are hard or easy for all."""
    image = np.random.default_rng(0).normal(size=IMAGES)
    own = np.random.default_rng(seed).normal(size=IMAGES)
    return (0.6 + shift + 0.05 * image + 0.01 * own).round(4).tolist()


ENTRIES = {"interobserver": 0.2, "uniform": -0.1, "m/good": 0.1, "m/same": 0.099, "m/bad": -0.05}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a CSV where m/good and m/same share the first place."""
    lines = ["image,reading,seed,entry,metric,score,abnormal_majority,view"]
    for seed, (entry, shift) in enumerate(ENTRIES.items()):
        for image, value in enumerate(values(shift, seed)):
            score = "" if (entry, image) == ("m/bad", 3) else value
            lines.append(
                f"i{image},r,7,{entry},auc,{score},{image % 2},{'PA' if image > 4 else ''}"
            )
    path = tmp_path / "made.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run's folder with a manifest, subsets and a board."""
    folder = tmp_path / "run"
    folder.mkdir()
    rows = [
        ScoreRow(
            dataset="phantom", case=f"c{image}", reading=reading, entry=entry, seed=0,
            kind={"interobserver": EntryKind.CEILING, "uniform": EntryKind.FLOOR}.get(
                entry, EntryKind.ENTRY
            ),
            metric="sauc", value=value + 0.01 * (reading == "r2"), status=Status.OK,
        )
        for seed, (entry, shift) in enumerate(ENTRIES.items())
        for image, value in enumerate(values(shift, seed))
        for reading in ("r1", "r2")
    ]  # fmt: skip
    from pyarrow import parquet

    parquet.write_table(score_table(rows).cast(SCHEMA), folder / "scores.parquet")
    kept = {"shown": ["few", "none"], "cases": {"few": ["c0", "c1", "c5"], "none": []}}
    (folder / "subsets.json").write_text(json.dumps(kept))
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))
    write_board(rank_table(folder, HOST, TableOptions(resamples=FEW)), folder, HOST)
    return folder


MANIFEST: dict[str, Any] = {
    "status": "finished",
    "command": ["/usr/bin/gazebench", "run", "--out", "a folder"],
    "config": {"centre_bias": "paper", "interval": "bca", "resamples": FEW},
    "dataset": {"name": "phantom", "fingerprint": "f" * 64},
    "plugins": {
        "model:m": {"distribution": "d", "version": "2", "code_sha256": "a" * 64},
        "method:good": {"distribution": "d", "version": "2", "code_sha256": "b" * 64},
        "floor:uniform": {"distribution": "d", "version": "2", "code_sha256": "c" * 64},
        "metric:sauc": {"distribution": "d", "version": "2", "code_sha256": "d" * 64},
    },
    "weights": {"m@0": {"sha256": "e" * 64, "trained_on": "phantom"}},
    "versions": {"numpy": "2.0"},
}


def explained(path: Path, entry: str, metric: str, subset: str = "all", **more: Any) -> Explanation:
    """Explain one number of a file."""
    table, _ = read_with_subsets(path, HOST, TableRoles(), (subset,))
    return explain(table, entry, metric, host=HOST, subset=subset, **{"resamples": FEW, **more})


def printed(line: str) -> float:
    """Run the line of Python that an explanation gives, and read what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(line, {})
    return float(out.getvalue())


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("subset", ["all", "abnormal", "normal", "pa=view == 'PA'"])
def test_number_is_the_boards_and_that_of_the_rows(table: Path, entry: str, subset: str) -> None:
    wanted = () if subset == "all" else (subset,)
    board = rank_table(table, HOST, TableOptions(subsets=wanted, resamples=FEW))

    found = explained(table, entry, "auc", subset)

    on_board = cell(board, entry, "auc", subset=0 if subset == "all" else 1)
    assert found.cell == on_board
    assert found.recomputed == pytest.approx(on_board.score, abs=1e-12)
    if not found.substitutions:
        assert printed(found.rows.line) == pytest.approx(on_board.score, abs=1e-12)


def test_missing_rows_are_named_with_what_counts_instead(table: Path) -> None:
    found = explained(table, "m/bad", "auc")

    (one,) = found.substitutions
    assert (one.case, one.reading, one.seed, one.status) == ("i3", "r", 7, "missing")
    assert one.value == min(0.5, values(ENTRIES["uniform"], 1)[3])
    rest = [v for image, v in enumerate(values(ENTRIES["m/bad"], 4)) if image != 3]
    assert printed(found.rows.line) == pytest.approx(np.mean(rest))
    assert found.recomputed == pytest.approx(np.mean([*rest, one.value]))
    assert "1 missing" in found.gaps


def test_rivals_agree_with_groups_and_ranks(table: Path) -> None:
    found = explained(table, "m/good", "auc")

    told = {rival.entry: rival for rival in found.rivals}
    assert set(told) == {"m/same", "m/bad"}
    assert told["m/bad"].is_separated
    assert told["m/bad"].lead > 0
    assert not told["m/same"].is_separated
    assert found.cell.ranks == (1, 2)
    assert explained(table, "uniform", "auc").rivals == ()


def test_images_go_from_the_lowest_mean_to_the_highest(run: Path) -> None:
    found = explained(run, "m/good", "sauc")

    means = [image.mean for image in found.images]
    assert means == sorted(means)
    assert len(means) == IMAGES
    assert {image.rows for image in found.images} == {2}
    assert np.mean(means) == pytest.approx(found.cell.score)


def test_formula_is_the_plugins(table: Path) -> None:
    formula = explained(table, "m/good", "auc").formula

    assert (formula.title, formula.version, formula.range) == ("AUC", 1, (0.0, 1.0))
    assert "P(S+ > S-)" in formula.text
    assert "2112.11716" in formula.reference
    assert "gazebench_plugins.metrics" in formula.source
    assert "does not say how" in formula.notes[0]


def test_declared_metric_has_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("image,entry,metric,score\na,m,wobble,0.5\nb,m,wobble,0.75\n")
    roles = TableRoles(metrics=("wobble:lower,chance=1",))

    found = explain(read_scores(path, HOST, roles), "m", "wobble", host=HOST, resamples=FEW)

    assert (found.recomputed, found.formula.text, found.ceiling) == (0.625, "", None)
    assert "declared by hand" in found.formula.notes[0]


@pytest.mark.parametrize("subset", ["all", "few"])
def test_a_runs_settings_code_and_commands_are_told(run: Path, subset: str) -> None:
    found = explained(run, "m/good", "sauc", subset, resamples=None)

    assert "BCa" in found.interval
    assert f"{FEW} resamples" in found.interval
    assert any("(paper)" in note for note in found.formula.notes)
    assert any("code has changed" in note for note in found.formula.notes)
    assert found.command == "gazebench run --out 'a folder'"
    wanted = [] if subset == "all" else ["--subset", "few"]
    assert found.again.split()[3:] == [
        "--rank-by", "sauc", *wanted, "--interval", "bca", "--resamples", str(FEW),
    ]  # fmt: skip
    assert [text.partition(":")[0] for text in found.made_by] == [
        "model m", "method good", "weights m@0",
    ]  # fmt: skip
    assert printed(found.rows.line) == pytest.approx(found.cell.score)
    assert not any("leaderboard.json" in note for note in found.notes)


def test_ceiling_and_floors_are_told_too(run: Path) -> None:
    ceiling, floor = (explained(run, name, "sauc") for name in ("interobserver", "uniform"))

    assert ceiling.made_by == ("each reading's own fixation density",)
    assert [text.partition(":")[0] for text in floor.made_by] == ["floor uniform"]
    assert ceiling.cell.fraction == 1.0


def test_a_board_that_says_something_else_is_told(run: Path) -> None:
    board = run / "leaderboard.json"
    document = json.loads(board.read_text())
    for row in document["subsets"][0]["rows"]:
        row["cells"]["sauc"]["score"] = 0.25
    board.write_text(json.dumps(document))

    found = explained(run, "m/good", "sauc")

    assert any("leaderboard.json in the folder says 0.25" in note for note in found.notes)


@pytest.mark.parametrize("text", ["{", "[]", "\udcff"])
def test_a_broken_manifest_is_refused(run: Path, text: str) -> None:
    (run / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(DataError, match=r"manifest\.json"):
        explained(run, "m/good", "sauc")


def test_a_folder_without_a_manifest_is_a_table(run: Path) -> None:
    (run / "manifest.json").unlink()

    found = explained(run, "m/good", "sauc")

    assert (found.command, found.made_by) == ("", ())
    assert "percentile" in found.interval


def test_mixings_are_undone_in_the_filter(tmp_path: Path) -> None:
    lines = ["image,entry,mixing,metric,score"]
    for mixing, lift in (("max", 0.1), ("uniform", 0.2)):
        for image in range(4):
            lines.append(f"{image},m/cam,{mixing},auc,{0.5 + lift + 0.01 * image}")
            lines.append(f"{image},interobserver,{mixing},auc,{0.8 + lift + 0.01 * image}")
    path = tmp_path / "mixed.csv"
    path.write_text("\n".join(lines) + "\n")

    for entry, mean in (("m/cam/uniform", 0.715), ("m/cam/max", 0.615), ("interobserver", 0.915)):
        found = explained(path, entry, "auc")
        assert found.recomputed == pytest.approx(mean)
        assert printed(found.rows.line) == pytest.approx(mean)


def test_undefined_score_is_explained_without_a_number(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("image,entry,metric,score\na,m,ncc,0.5\nb,m,ncc,0.7\na,uniform,ncc,\n")

    found = explained(path, "uniform", "ncc")

    assert (found.recomputed, found.cell.score) == (None, None)
    assert found.images == ()
    assert json.loads(explanation_json(found))["recomputed"] is None


def test_json_holds_everything(run: Path) -> None:
    found = explained(run, "m/good", "sauc", "few")

    document = json.loads(explanation_json(found), parse_constant=pytest.fail)

    assert document["cell"]["score"] == pytest.approx(found.cell.score)
    assert document["ceiling"]["entry"] == "interobserver"
    assert document["cell"]["ranks"] == found.cell.ranks._asdict()
    assert document["rows"]["line"] == found.rows.line
    assert {rival["entry"] for rival in document["rivals"]} == {"m/same", "m/bad"}


def test_measured_chance_and_a_range_without_end(tmp_path: Path) -> None:
    lines = ["image,entry,metric,score"]
    for entry, shift in ENTRIES.items():
        lines += [f"{i},{entry},kl,{3 - v}" for i, v in enumerate(values(shift, 1))]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n")

    found = explained(path, "m/good", "kl")

    assert found.chance == explained(path, "uniform", "kl").cell.score
    assert found.formula.range[1] == float("inf")
    assert json.loads(explanation_json(found))["formula"]["range"] == [0.0, None]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("m/god", "sauc"), "did you mean 'm/good'"),
        (("m/good", "auc"), "no metric is called 'auc', of 1; did you mean 'sauc'"),
        (("m/good", "sauc", "fe"), "the run has no subset 'fe'; did you mean 'few'"),
        (("m/good", "sauc", "none"), "subset with scored images"),
    ],
)
def test_unknown_names_are_refused(run: Path, arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(UsageError) as refused:
        explained(run, *arguments)

    assert says in refused.value.message


def test_unknown_interval_is_refused(table: Path) -> None:
    with pytest.raises(GazeBenchError, match="did you mean 'paper'"):
        explained(table, "m/good", "auc", interval="papr")


@pytest.mark.parametrize("subset", ["all", "normal"])
def test_published_scores_add_up(shared_data: Path, subset: str) -> None:
    path = shared_data / "etsaliencymaps_scores" / "table2_subsets_uniform.csv.gz"

    found = explained(path, "ag_sononet/gradcam", "sauc", subset, interval="paper")

    assert f"{found.recomputed:.3f}" == {"all": "0.530", "normal": "0.497"}[subset]
    assert printed(found.rows.line) == pytest.approx(found.recomputed, abs=1e-12)
    assert len(found.seeds) == 5


def test_row_of_a_status_is_left_out_of_the_line(tmp_path: Path) -> None:
    rows = rows_of({"m": [0.5, None, 0.7]})
    lines = ["image,entry,metric,score", *(f"{r['case']},m,auc,{r['value'] or ''}" for r in rows)]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n")

    found = explained(path, "m", "auc")

    assert found.recomputed == pytest.approx((0.5 + 0.5 + 0.7) / 3)
    assert printed(found.rows.line) == pytest.approx(0.6)
