"""What is recorded is whole, or counts as absent; what cannot be read now is not thrown away."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gazebench.engine.shard_store import KEYED, Part, ShardStore
from gazebench.engine.shards import Shard
from gazebench.engine.store import PARTIAL, remove_unfinished, write_atomically, write_bytes
from gazebench.errors import RunError

SHARD = Shard(index=0, cases=(), key="shard")


def part(rows: int = 40) -> Part:
    values = {"value": [one / 7 for one in range(rows)], "seed": [0] * rows}
    columns = {
        field.name: values.get(field.name, [f"{field.name} {one}" for one in range(rows)])
        for field in KEYED
    }
    return Part(rows=KEYED.empty_table().from_pydict(columns, schema=KEYED), keys=frozenset("ab"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[ShardStore, Path, bytes]:
    """Return a store, the file of its one part, and what that holds."""
    store = ShardStore(tmp_path_factory.mktemp("store"))
    path = store.add(SHARD, part())
    return store, path, path.read_bytes()


@given(st.data())
def test_a_changed_bit_makes_a_part_absent(
    recorded: tuple[ShardStore, Path, bytes], data: st.DataObject
) -> None:
    """Wherever it is: in a number, where the format notices nothing, too."""
    store, path, content = recorded
    place = data.draw(st.integers(0, len(content) - 1))
    changed = bytearray(content)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))

    path.write_bytes(changed)
    found = list(store.parts(SHARD))
    is_there = path.exists()
    path.write_bytes(content)

    assert (found, is_there) == ([], False)
    assert [one.rows for one in store.parts(SHARD)] == [part().rows]


def test_a_part_that_cannot_be_read_is_kept(tmp_path: Path) -> None:
    """A folder in its place stands for an error of the disk, or of permissions."""
    store = ShardStore(tmp_path)
    path = store.add(SHARD, part())
    path.unlink()
    path.mkdir()

    with pytest.raises(RunError, match=path.name):
        list(store.parts(SHARD))

    assert path.exists()


def test_what_other_versions_have_recorded_stays(tmp_path: Path) -> None:
    (tmp_path / "shard").mkdir()
    other = tmp_path / "shard" / "0123.parquet"
    other.write_bytes(b"of another format")

    assert list(ShardStore(tmp_path).parts(SHARD)) == []
    assert other.exists()


def test_many_may_write_one_file_at_once(tmp_path: Path) -> None:
    """Each has a temporary file of its own, and the last one's content stands."""
    path, failed = tmp_path / "file", []
    contents = [bytes([one]) * 50_000 for one in range(8)]

    def write(content: bytes) -> None:
        try:
            for _ in range(20):
                write_bytes(path, content)
        except RunError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_left_half_written_is_removed(tmp_path: Path) -> None:
    def killed(partial: Path) -> None:
        partial.write_text("half")
        raise KeyboardInterrupt

    (tmp_path / "in").mkdir()
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "in" / "file", killed)
    write_bytes(tmp_path / "in" / "other", b"whole")
    assert any(one.suffix == PARTIAL for one in (tmp_path / "in").iterdir())

    remove_unfinished(tmp_path)

    assert [one.name for one in (tmp_path / "in").iterdir()] == ["other"]
