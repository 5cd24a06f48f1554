from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import plants
from gazebench.engine.store import SCHEMA
from gazebench.errors import RecordError
from gazebench.leaderboard.run_record import read_run_record
from gazebench.publish.scan import Find, own_data_of, refuse_finds, scan_run
from gazebench.publish.scan_own import OwnData, own_data
from gazebench.publish.scan_run import scan_run_file, scored_cases, scored_ids

JSONS = ("manifest.json", "leaderboard.json", "subsets.json")
TEXTS = (*JSONS, "costs.csv", "checks.csv", "leaderboard.csv", "leaderboard.md", "plane.svg")
COLUMNS = ("dataset", "entry", "kind", "metric", "status", "reason", "cluster")


@pytest.fixture(scope="module")
def own(genuine: Path) -> OwnData:
    return own_data_of(read_run_record(genuine), pq.read_table(genuine / "scores.parquet"))


@pytest.fixture
def copied(genuine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(genuine, tmp_path / "copied"))


def test_a_genuine_run_passes_with_failures_plots_and_maps_made_elsewhere(
    genuine: Path, own: OwnData
) -> None:
    names = {path.name for path in genuine.iterdir()}
    assert {*TEXTS, "failures.log", "plane.png", "scores.parquet"} <= names
    assert own.ids
    assert own.said
    assert own.unseen == ()

    assert list(scan_run(genuine, own)) == []


def test_what_was_planted_in_a_text_of_a_run_is_found_and_named(
    genuine: Path, own: OwnData, tmp_path: Path
) -> None:
    """Thousands of plants, each at a random leaf, key, cell or line of a random file."""
    rng = random.Random(0)
    originals = {name: (genuine / name).read_text("utf-8") for name in TEXTS}
    members = scored_cases(genuine)
    small = [name for name in TEXTS if len(originals[name]) < 10_000]
    for round_ in range(9):
        for plant in plants.texts(rng):
            name = rng.choice(TEXTS if round_ == 0 else small)
            file = tmp_path / name
            file.write_text(planted(name, originals[name], plant, rng), "utf-8")

            finds = list(scan_run_file(file, own, members))

            assert finds, f"{plant[:60]!r} in {name}"
            assert all(find.place.startswith(name) for find in finds)
            told = "\n".join(find.what for find in finds)
            assert len(plant) < 12 or plant not in told


def planted(name: str, text: str, plant: str, rng: random.Random) -> str:
    """Return a text with something at a random place in it."""
    if name in JSONS:
        content = json.loads(text)
        rng.choice(list(plants.leaves(content, lambda _text: None)))(plant)
        return json.dumps(content, ensure_ascii=rng.random() < 0.5)
    if name.endswith(".csv"):
        import csv
        import io

        rows = list(csv.reader(io.StringIO(text)))
        row = rng.choice(rows)
        row[rng.randrange(len(row))] = plant
        file = io.StringIO()
        csv.writer(file).writerows(rows)
        return file.getvalue()
    if name.endswith(".svg"):
        escaped = plant.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        forms = ("<text>{}</text>", "<!-- {} -->", '<path id="{}"/>', "<desc>{}</desc>")
        made = rng.choice(forms).format(escaped)
        return text.replace("</metadata>", f"</metadata>\n{made}\n", 1)
    lines = text.split("\n")
    lines.insert(rng.randrange(len(lines)), plant)
    return "\n".join(lines)


@pytest.mark.parametrize("column", COLUMNS)
def test_what_was_planted_in_a_column_of_the_scores_is_found(
    genuine: Path, own: OwnData, tmp_path: Path, column: str
) -> None:
    rng = random.Random(COLUMNS.index(column))
    table = pq.read_table(genuine / "scores.parquet")
    for plant in rng.sample(list(plants.texts(rng)), 40):
        changed = with_text(table, column, rng.randrange(table.num_rows), plant)
        pq.write_table(changed, tmp_path / "scores.parquet")

        finds = list(scan_run_file(tmp_path / "scores.parquet", own, frozenset()))

        assert any(find.place.startswith(f"scores.parquet: {column}, row") for find in finds)


@pytest.mark.parametrize("column", ["case", "reading"])
def test_ids_stand_in_their_columns_and_sentences_and_files_do_not(
    genuine: Path, own: OwnData, tmp_path: Path, column: str
) -> None:
    table = pq.read_table(genuine / "scores.parquet")
    rng = random.Random(1)
    for plant in (*plants.SENTENCES, *(one.hex() for one in plants.packed(rng).values())):
        pq.write_table(with_text(table, column, 3, plant), tmp_path / "scores.parquet")

        assert list(scan_run_file(tmp_path / "scores.parquet", own, frozenset()))


def with_text(table: Any, column: str, row: int, text: str) -> Any:
    """Return a table with one cell changed."""
    values = table.column(column).to_pylist()
    values[row] = text
    index = table.schema.get_field_index(column)
    return table.set_column(index, table.schema.field(column), pa.array(values, pa.string()))


def test_files_of_other_kinds_are_found_under_any_name(copied: Path, own: OwnData) -> None:
    rng = random.Random(2)
    names = ["film.dcm", "map.npy", "notes", "leaderboard.txt", "plane.png", "costs.csv", "x.json"]
    names += ["scores.parquet", "manifest.json", "failures.log", "P102R472132.txt", ".hidden"]
    for name in names:
        before = (copied / name).read_bytes() if (copied / name).exists() else None
        for kind, content in plants.packed(rng).items():
            (copied / name).write_bytes(content)
            finds = list(scan_run_file(copied / name, own, frozenset()))
            assert any(name[:4] in find.place for find in finds), f"{kind} as {name}"
        (copied / name).unlink()
        if before is not None:
            (copied / name).write_bytes(before)
    assert list(scan_run(copied, own)) == []


def test_what_was_appended_to_a_file_is_found(copied: Path, own: OwnData) -> None:
    rng = random.Random(3)
    for path in sorted(path for path in copied.iterdir() if path.is_file()):
        before = path.read_bytes()
        for kind, content in plants.packed(rng).items():
            path.write_bytes(before + content)
            finds = list(scan_run_file(path, own, frozenset()))
            assert any(find.place.startswith(path.name) for find in finds), f"{kind} in {path.name}"
        path.write_bytes(before)


def test_a_file_under_another_name_is_found(copied: Path, own: OwnData) -> None:
    (copied / "scores.parquet").rename(copied / "leaderboard.tex")
    (copied / "plane.png").rename(copied / "picture.png")
    (copied / "subsets.json").rename(copied / "costs.json")

    found = {find.place: find.what for find in scan_run(copied, own)}

    assert found["leaderboard.tex"] == "is a Parquet file"
    assert found["picture.png"] == "is no file that a run writes; it is a PNG picture"
    assert found["costs.json"] == "is no file that a run writes"


def test_folders_and_links_are_no_files_of_a_run(copied: Path, own: OwnData) -> None:
    (copied / "parts").mkdir()
    assert (copied / "cache").is_dir()  # the one folder that a run leaves
    (copied / "leaderboard.html").symlink_to("/etc/hostname")

    assert {find.place for find in scan_run(copied, own)} == {"parts", "leaderboard.html"}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda s: s["cases"]["abnormal"].append("other"), 'subsets.json: cases["abnormal"]'),
        (lambda s: s["cases"].update(mine=[3]), 'subsets.json: cases["mine"][0]'),
        (lambda s: s.update(more=1), "subsets.json: more"),
        (lambda s: s["cases"].update(P102R472132=[]), "subsets.json: P102..."),
        (lambda s: s.pop("shown"), "subsets.json"),
    ],
)
def test_subsets_hold_cases_of_the_scores_and_nothing_else(
    copied: Path, own: OwnData, change: Callable[[Any], Any], place: str
) -> None:
    content = json.loads((copied / "subsets.json").read_text())
    change(content)
    (copied / "subsets.json").write_text(json.dumps(content))

    assert any(find.place.startswith(place) for find in scan_run(copied, own))


def test_a_key_given_twice_hides_nothing(copied: Path, own: OwnData) -> None:
    text = (copied / "manifest.json").read_text()
    (copied / "manifest.json").write_text(text.replace("{", '{"status": "P102R472132",', 1))

    assert {find.place for find in scan_run(copied, own)} == {"manifest.json: status"}


@pytest.mark.parametrize("number", [10000032, 10000032.0, 50414267, -10000032])
def test_numbers_can_be_ids(copied: Path, own: OwnData, number: float) -> None:
    content = json.loads((copied / "manifest.json").read_text())
    content["config"]["batch"] = number
    (copied / "manifest.json").write_text(json.dumps(content))

    (find,) = scan_run(copied, own)
    assert find.place == "manifest.json: config.batch"


def test_lists_of_numbers_are_found_and_seeds_are_none(copied: Path, own: OwnData) -> None:
    content = json.loads((copied / "manifest.json").read_text())
    content["config"]["seeds"] = list(range(20))
    (copied / "manifest.json").write_text(json.dumps(content))
    assert list(scan_run(copied, own)) == []

    content["timings_s"]["more"] = [[0.5, 0.25, 0.75, 0.125]]
    (copied / "manifest.json").write_text(json.dumps(content))
    (find,) = scan_run(copied, own)
    assert find == Find("manifest.json: timings_s.more[0]", "a list of 4 numbers")


def test_other_columns_metadata_or_types_are_no_scores(copied: Path, own: OwnData) -> None:
    table = pq.read_table(copied / "scores.parquet")
    image = pa.array([b"x"] * table.num_rows)
    for changed in (
        table.append_column("image", image),
        table.drop_columns(["reason"]),
        table.replace_schema_metadata({"note": "The heart is enlarged."}),
        table.set_column(5, "seed", pa.array([0.5] * table.num_rows)),
    ):
        pq.write_table(changed, copied / "scores.parquet")
        assert any(find.place == "scores.parquet" for find in scan_run(copied, own))
    assert table.schema.equals(SCHEMA)


def test_a_plot_that_shows_a_film_or_carries_a_text_is_none(copied: Path, own: OwnData) -> None:
    from PIL import Image, PngImagePlugin

    film = np.random.default_rng(0).integers(0, 200, (80, 60)).astype(np.uint8)
    Image.fromarray(film).save(copied / "plane.png")
    (find,) = scan_run(copied, own)
    assert find == Find("plane.png", "is a picture, and no plot on white paper")

    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "hidden")
    Image.new("L", (20, 20), 255).save(copied / "plane.png", pnginfo=note)
    (find,) = scan_run(copied, own)
    assert find.what == "a part 'tEXt' that no plot of ours has"


def test_a_refusal_lists_twenty_places_and_repeats_no_id(copied: Path, own: OwnData) -> None:
    lines = [f"{n}: P102R{n:06d}" for n in range(30)]
    (copied / "leaderboard.md").write_text("\n".join(lines))

    with pytest.raises(RecordError) as refused:
        refuse_finds(scan_run(copied, own), str(copied))

    assert refused.value.exit_code == 6
    listed = refused.value.message.splitlines()
    assert len(listed) == 22
    assert listed[-1].endswith(" more")
    assert "leaderboard.md:1: a reading id of REFLACX: P102..." in refused.value.message
    assert "R0000" not in refused.value.message


def test_ids_of_any_shape_are_found_where_the_run_has_them() -> None:
    own = own_data(["ward 7/Bed-12", "img0042", "1001", "normal", "patient 3", "kittiwakeonrock"])

    assert list(own.ids_in("seen on Ward 7, bed 12.")) == ["ward 7/Bed-12"]
    assert list(own.ids_in("WARD7BED12")) == ["ward 7/Bed-12"]
    assert list(own.ids_in("img0042.png of patient 3")) == ["img0042", "patient 3"] or list(
        own.ids_in("img0042.png of patient 3")
    ) == ["patient 3", "img0042"]
    assert list(own.ids_in("the kittiwakeonrock film")) == ["kittiwakeonrock"]
    assert list(own.ids_in("1001 normal cases, patient 33, img00421")) == []


def test_words_of_transcripts_are_found_across_punctuation() -> None:
    own = own_data([], ["tortuous aorta . otherwise it all looks as it did in spring"])

    assert not own.repeats("said: It all looks, as it does in spring")
    assert own.repeats("said: it all looks as it - did in May")
    assert own.repeats("a TORTUOUS aorta, otherwise it is fine") is True
    assert not own.repeats("nothing of it")
    assert not own_data([], ["Pleural effusion . Atelectasis . Edema"]).repeats(
        "its classes are Pleural effusion, Atelectasis, Edema"
    )


def test_a_run_whose_dataset_is_gone_is_still_searched_for_its_ids(genuine: Path) -> None:
    record = read_run_record(genuine)
    assert record is not None
    config = {**record.content["config"], "data_root": "/nowhere"}
    scores = pq.read_table(genuine / "scores.parquet")

    found = own_data_of(type(record)(content={"config": config}), scores)

    assert "cannot be opened again" in found.unseen[0]
    assert next(found.ids_in(sorted(scored_ids(genuine))[0]))
    assert own_data_of(None, scores).unseen
