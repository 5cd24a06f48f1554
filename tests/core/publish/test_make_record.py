"""The record of a run's folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gazebench.engine.store import SCHEMA
from gazebench.errors import RecordError
from gazebench.publish.case_scores_file import case_scores_text
from gazebench.publish.make_record import MadeRecord, make_record
from gazebench.publish.record_file import as_stated, record_text
from gazebench.publish.salting import case_set_of, salted
from gazebench.publish.verification.consistency import contradictions
from gazebench.publish.verification.recompute import recomputed_board, unlike
from gazebench.registry.host import Host
from gazebench.spec.notices import kept_notices, with_first
from run_folders import MANIFEST, PLUGIN, SCORES, run_folder

SALT = "5f" * 16


def made(folder: Path, *, with_case_scores: bool = True, **changes: Any) -> MadeRecord:
    """Make the record of that run."""
    return make_record(
        run_folder(folder, **changes), Host(), name="mine", title="", salt=SALT,
        with_case_scores=with_case_scores,
    )  # fmt: skip


def test_a_record_is_what_its_case_scores_give(tmp_path: Path) -> None:
    """Nothing contradicts itself, every number follows, and the file states it all."""
    record, case_scores = (found := made(tmp_path)).record, found.case_scores

    assert list(contradictions(record, {"auc": (0.0, 1.0)})) == []
    assert list(unlike(record.board, recomputed_board(record, case_scores))) == []
    assert record.case_scores == case_scores_text(case_scores).sha256
    assert as_stated(record) == record


def test_protocol_and_provenance_are_those_of_the_run(tmp_path: Path) -> None:
    """Dataset, cases under salt, reference, centre bias where a metric needs one; no path."""
    record = made(tmp_path).record

    names = [salted(SALT, "reflacx", str(n)) for n in range(7)]
    assert record.protocol.dataset == "reflacx"
    assert (record.protocol.case_set, record.protocol.cases) == (case_set_of(names), 7)
    assert record.protocol.centre_bias == "loio"
    assert record.is_restricted
    assert record.title == "1 entry on reflacx"
    assert record.run is not None
    assert record.run.config["dataset"] == '"reflacx"'
    assert record.run.hardware == "x86_64, 2 CPUs, Linux, Python 3.11.7"
    assert "gazebench run --dataset reflacx" in record.run.command
    assert "secret" not in str(record)
    assert record.entries["sononet/gradcam/max"].model == "sononet"
    assert record.board.not_applicable == MANIFEST["not_applicable"]
    assert record.board.notices == ("made up",)


def test_a_subset_of_few_images_is_suppressed(tmp_path: Path) -> None:
    """It has no board and no cases; so has, where the dataset is restricted, what gives it away."""
    restricted = made(tmp_path).record
    free = made(tmp_path, dataset={"name": "reflacx", "restricted": False}).record

    assert [subset.name for subset in restricted.board.subsets] == ["all"]
    assert set(restricted.suppressed) == {"few", "most"}
    assert [subset.name for subset in free.board.subsets] == ["all", "most"]
    assert free.suppressed == ("few",)
    assert set(free.subset_sets) == {"most"}


def test_case_scores_stay_at_home_when_they_are_not_wanted(tmp_path: Path) -> None:
    """The board is the same with and without them."""
    with_them, without = made(tmp_path), made(tmp_path, with_case_scores=False)

    assert without.record.case_scores == ""
    assert without.record.board == with_them.record.board


def test_what_is_no_finished_run_is_refused(tmp_path: Path) -> None:
    """Half a run is no result."""
    with pytest.raises(RecordError, match="has not come to its end"):
        made(tmp_path, status="running")
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(RecordError, match="is no folder of a run"):
        make_record(tmp_path, Host(), name="x", title="", salt=SALT, with_case_scores=True)


@pytest.mark.parametrize("text", ["study 50414267", "read from /home/me/films"])
def test_what_must_not_leave_is_refused(tmp_path: Path, text: str) -> None:
    """The place in the record is named."""
    with pytest.raises(RecordError, match=r"record\.board\.notices\[0\]"):
        made(tmp_path, notices=[text])


def plugin_words(folder: Path, **changes: Any) -> MadeRecord:
    """Make the record of a run whose method failed on a case, in words of its own."""
    run_folder(folder, **changes)
    table = pq.read_table(folder / "scores.parquet").to_pylist()
    for row in table:
        if row["entry"] == "sononet/gradcam/max" and row["case"] == "3":
            row |= {"value": None, "status": "failed", "reason": "gradcam raised KeyError: 'Ann'"}
        if row["entry"] == "uniform" and row["case"] == "4":
            row |= {"value": None, "status": "missing", "reason": "no map of this case was given"}
    pq.write_table(pa.Table.from_pylist(table, schema=SCHEMA), folder / "scores.parquet")
    return make_record(folder, Host(), name="mine", title="", salt=SALT, with_case_scores=True)


def test_no_word_of_a_plugin_that_failed_gets_into_a_record(tmp_path: Path) -> None:
    """Counts do, and what the harness says itself; patterns alone would not know a name."""
    counted = "sononet/gradcam/max: no usable score on 1 of 7 cases, which count as the floor"
    notice = with_first(counted, "case 3", "gradcam raised KeyError: 'Ann'")

    found = plugin_words(tmp_path, notices=[*kept_notices([notice]), "a phantom"])

    assert found.record.board.notices == (counted, "a phantom")
    text = record_text(found.record) + case_scores_text(found.case_scores).text
    assert "Ann" not in text
    assert "KeyError" not in text
    cells = {row.entry: row.cells["auc"] for row in found.record.board.subsets[0].rows}
    assert cells["sononet/gradcam/max"].note.startswith("1 of 7 rows have no value (1 failed);")
    assert "no map of this case was given" in cells["uniform"].note
    assert cells["sononet/gradcam/max"].coverage == pytest.approx(6 / 7)


def test_weights_in_a_folder_are_called_by_their_file_everywhere(tmp_path: Path) -> None:
    """Notices and what is not applicable name plugins as entries do."""
    label = "sononet:weights=/home/me/mine.safetensors"
    record = made(
        tmp_path,
        scores={**SCORES, f"{label}/gradcam/max": [0.6] * 7},
        plugins={**MANIFEST["plugins"], f"model:{label}": PLUGIN},
        notices=[f"{label} is untrained, or nobody says what it was trained on"],
        not_applicable={f"{label}/attention": f"{label} gives no attention maps"},
    ).record

    stated = "sononet:weights=mine.safetensors"
    assert f"{stated}/gradcam/max" in record.entries
    assert record.board.notices == (
        f"{stated} is untrained, or nobody says what it was trained on",
    )
    assert record.board.not_applicable == {
        f"{stated}/attention": f"{stated} gives no attention maps"
    }
    assert "/home" not in record_text(record)


def test_what_is_not_applicable_is_named_where_its_reason_must_not_be(tmp_path: Path) -> None:
    """A reason that names a study is left out, its entry is not."""
    record = made(tmp_path, not_applicable={"sononet/x": "x needs study 50414267"}).record

    assert record.board.not_applicable == {"sononet/x": "not applicable"}
