"""Tables of scores, as people have them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from boards import rows_of, table_of
from gazebench.errors import DataError, GazeBenchError, UsageError
from gazebench.leaderboard.rank_table import TableOptions, rank_table
from gazebench.leaderboard.table_file import read_table
from gazebench.leaderboard.tidy import Roles, tidy_scores
from gazebench.registry.host import Host
from gazebench.spec.board import Board

AUC = "auc:higher,chance=0.5"
ROLES = Roles(ceilings=frozenset({"interobserver"}), floors=frozenset({"uniform", "random"}))
PLAIN = """image,entry,metric,score
x,m,auc,0.7
y,m,auc,0.9
x,interobserver,auc,0.8
y,interobserver,auc,0.9
x,uniform,auc,0.5
y,uniform,auc,0.5
"""


def write(folder: Path, text: str, name: str = "scores.csv") -> Path:
    """Write a table and return its path."""
    path = folder / name
    path.write_text(text)
    return path


def rank(path: Path, **options: object) -> Board:
    """Rank a table whose one metric is AUC."""
    settings = {"metrics": (AUC,), "resamples": 50, **options}
    return rank_table(path, Host(), TableOptions(**settings))  # type: ignore[arg-type]


def kinds(board: Board) -> dict[str, str]:
    """Return the kind of every entry."""
    return {row.entry: str(row.kind) for row in board.subsets[0].rows}


def test_kinds_come_from_names(tmp_path: Path) -> None:
    board = rank(write(tmp_path, PLAIN))

    assert kinds(board) == {"interobserver": "ceiling", "m": "entry", "uniform": "floor"}
    assert board.dataset == "scores"


def test_user_says_what_is_ceiling_and_floor(tmp_path: Path) -> None:
    board = rank(write(tmp_path, PLAIN), ceiling="m", floors=("interobserver",))

    assert kinds(board) == {"interobserver": "floor", "m": "ceiling", "uniform": "floor"}


def test_another_ceiling_displaces_the_named_one(tmp_path: Path) -> None:
    assert kinds(rank(write(tmp_path, PLAIN), ceiling="m"))["interobserver"] == "entry"


@pytest.mark.parametrize("option", [{"ceiling": "interobsever"}, {"floors": ("interobsever",)}])
def test_unknown_entry_is_refused_with_a_suggestion(
    tmp_path: Path, option: dict[str, object]
) -> None:
    with pytest.raises(UsageError, match="did you mean 'interobserver'"):
        rank(write(tmp_path, PLAIN), **option)


def test_parameters_of_a_floor_do_not_hide_it(tmp_path: Path) -> None:
    board = rank(write(tmp_path, PLAIN.replace("uniform", "random:grain=3")))

    assert kinds(board)["random:grain=3"] == "floor"


def test_same_table_in_any_format_is_the_same_board(tmp_path: Path) -> None:
    plain = write(tmp_path, PLAIN)
    zipped = tmp_path / "scores.csv.gz"
    zipped.write_bytes(gzip.compress(PLAIN.encode()))
    tabs = write(tmp_path, PLAIN.replace(",", "\t"), "scores.tsv")
    bom = write(tmp_path, "\ufeff" + PLAIN.replace("\n", "\r\n"), "bom.csv")
    columnar = tmp_path / "scores.parquet"
    rows = [line.split(",") for line in PLAIN.splitlines()[1:]]
    image, entry, metric, score = zip(*rows, strict=True)
    pq.write_table(
        pa.table(
            {
                "image": image,
                "entry": pa.array(entry).dictionary_encode(),
                "metric": metric,
                "score": [float(s) for s in score],
            }
        ),
        columnar,
    )

    boards = [rank(path, title="x") for path in (plain, zipped, tabs, bom, columnar)]

    assert all(board == boards[0] for board in boards)


def test_folder_of_a_run_is_read_with_its_kinds_and_statuses(tmp_path: Path) -> None:
    rows = rows_of({"ceiling": [0.9, 0.8], "floor": [0.5, 0.5], "m": [0.7, None]})
    table = table_of(rows).append_column("dataset", pa.array(["phantom"] * len(rows)))
    pq.write_table(table, tmp_path / "scores.parquet")

    board = rank(tmp_path)

    assert board.dataset == "phantom"
    assert kinds(board)["ceiling"] == "ceiling"
    cells = {row.entry: row.cells["auc"] for row in board.subsets[0].rows}
    assert cells["m"].score == pytest.approx(0.6)


def test_empty_score_is_missing_and_infinity_not_finite(tmp_path: Path) -> None:
    text = "image,entry,metric,score\na,m,auc,\nb,m,auc,inf\nc,m,auc,NaN\nd,m,auc,0.5\n"

    tidy = tidy_scores(read_table(write(tmp_path, text)), ROLES)

    assert tidy.scores.column("status").to_pylist() == ["missing", "nonfinite", "missing", "ok"]
    assert tidy.scores.column("value").to_pylist() == [None, None, None, 0.5]


def test_phase_and_trial_together_name_an_image(tmp_path: Path) -> None:
    text = "phase,trial,entry,metric,score\n1,7,m,auc,0.5\n2,7,m,auc,0.6\n"

    tidy = tidy_scores(read_table(write(tmp_path, text)), ROLES)

    assert tidy.scores.column("case").to_pylist() == ["1/7", "2/7"]


def test_image_columns_can_be_named(tmp_path: Path) -> None:
    text = "study,side,entry,metric,score\n1,l,m,auc,0.5\n1,r,m,auc,0.6\n"
    path = write(tmp_path, text)

    assert rank(path, image_columns=("study", "side")).subsets[0].n_images == 2
    with pytest.raises(UsageError, match="did you mean 'study'"):
        rank(path, image_columns=("studdy",))


def test_one_mixing_leaves_names_alone_and_several_join_them(tmp_path: Path) -> None:
    one = "image,mixing,entry,metric,score\na,max,m,auc,0.5\na,max,interobserver,auc,0.6\n"
    two = one + "a,uniform,m,auc,0.5\na,uniform,interobserver,auc,0.7\n"

    assert set(kinds(rank(write(tmp_path, one)))) == {"m", "interobserver"}
    board = rank(write(tmp_path, two))
    assert set(kinds(board)) == {"m/max", "m/uniform", "interobserver"}
    assert board.notices == ("ceiling and floors are those of mixing 'max'",)


def test_unknown_metric_has_to_be_declared(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN.replace("auc", "wobble"))

    with pytest.raises(UsageError) as caught:
        rank(path, metrics=())
    assert "--metric wobble:higher,chance=NUMBER" in caught.value.do

    assert rank(path, metrics=("wobble:lower,chance=2",)).metrics[0].chance == 2


@pytest.mark.parametrize(
    "text",
    ["auc", "auc:higher", "auc:up,chance=0", "auc:higher,chance=x", "auc:higher,chance=nan"],
)
def test_declaration_is_complete_or_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="--metric takes"):
        rank(write(tmp_path, PLAIN), metrics=(text,))


def test_declaration_of_an_unscored_metric_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not scored"):
        rank(write(tmp_path, PLAIN), metrics=(AUC, "nss:higher,chance=0"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("image,entry,metric,score\n", "no rows"),
        ("image,enty,metric,score\na,m,auc,1\n", "did you mean 'enty'"),
        ("image,entry,metric,points\na,m,auc,1\n", "no column 'score'"),
        ("pic,entry,metric,score\na,m,auc,1\n", "no column 'image'"),
        ("image,entry,metric,score\na,m,auc,0.5\nb,m,auc,o.7\n", r"scores.csv:3: score .* 'o.7'"),
        ("image,entry,metric,score\na,,auc,0.5\n", r"scores.csv:2: entry is empty"),
        ("image,entry,metric,score\na,m,auc,0.5\na,m,auc,0.5\n", "stand twice"),
        ("image,entry,metric,score,score\na,m,auc,0.5,1\n", "'score' more than once"),
        ("image;entry;metric;score\na;m;auc;0.5\n", "semicolons"),
        ("image,entry,metric,score\na,m,auc\n", "cannot be read as a table"),
        ("image,entry,metric,score,seed\na,m,auc,0.5,one\n", r"scores.csv:2: seed"),
        ("image,entry,metric,score,seed\na,m,auc,0.5,1.5\n", r"scores.csv:2: seed"),
        ("image,entry,metric,score,kind\na,m,auc,0.5,king\n", r"scores.csv:2: kind must be one of"),
        ("image,entry,metric,score,status\na,m,auc,,ok\n", r"scores.csv:2: status is ok"),
        ("image,entry,metric,score,dataset\na,m,auc,1,d\nb,m,auc,1,e\n", "mixes the datasets d, e"),
    ],
)
def test_bad_table_is_one_clear_message(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        rank(write(tmp_path, text))


@pytest.mark.parametrize("name", ["nothing.csv", "."])
def test_missing_table_is_one_clear_message(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"no (file|scores.parquet)"):
        rank(tmp_path / name)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet"])
def test_garbage_is_one_clear_message(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(bytes(range(256)) * 3)

    with pytest.raises(GazeBenchError):
        rank(tmp_path / name)


def test_a_score_whose_sums_overflow_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "scores.csv"
    table.write_text("image,metric,entry,score\n1,ncc,m,0.5\n2,ncc,m,1e308\n")

    with pytest.raises(DataError, match=r"scores\.csv:3: score is 1e\+308"):
        tidy_scores(read_table(table), Roles(ceilings=frozenset(), floors=frozenset()))
