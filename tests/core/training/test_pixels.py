from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gazebench.errors import DataError
from gazebench.spec.contracts import TrainingSample
from gazebench.spec.geometry import ShortSideThenPad
from gazebench.training.pixels import Pixels, cached_pixels, shrink
from tiny_training import Blobs

GEOMETRY = ShortSideThenPad(short_side=16, multiple=8)


class Counted(Blobs):
    """Counts what is decoded."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.decoded = 0

    def image(self, sample: TrainingSample) -> np.ndarray:
        self.decoded += 1
        return super().image(sample)


def filled(data: Blobs, folder: Path, geometry: ShortSideThenPad = GEOMETRY) -> Pixels:
    told: list[tuple[int, int]] = []
    pixels = cached_pixels(
        data,
        data.samples(),
        geometry,
        folder,
        workers=2,
        decoded=lambda done, total: told.append((done, total)),
    )
    assert told in ([], [(done, 48) for done in range(1, 49)])
    return pixels


def test_every_image_is_kept_at_network_size(tmp_path: Path) -> None:
    data = Blobs(1)

    pixels = filled(data, tmp_path)

    assert len(pixels) == len(data.samples())
    for row, sample in enumerate(data.samples()):
        expected = shrink(data.image(sample), GEOMETRY)
        assert np.array_equal(pixels[row], expected.values)
        assert pixels.placements[row] == expected.placement


def test_images_are_decoded_once(tmp_path: Path) -> None:
    data = Counted(1)
    first = filled(data, tmp_path)
    before = data.decoded

    again = filled(data, tmp_path)

    assert data.decoded - before <= 8  # the probes
    assert again.digest == first.digest


def test_other_pixels_under_the_same_ids_are_noticed(tmp_path: Path) -> None:
    first = filled(Blobs(1), tmp_path)

    other = filled(Blobs(2), tmp_path)

    assert other.digest != first.digest


def test_another_geometry_is_another_cache(tmp_path: Path) -> None:
    filled(Blobs(1), tmp_path)

    wider = filled(Blobs(1), tmp_path, ShortSideThenPad(short_side=24, multiple=8))

    assert wider[0].shape == (24, 24)


def test_a_cache_without_an_index_is_made_anew(tmp_path: Path) -> None:
    filled(Blobs(1), tmp_path)
    (home,) = tmp_path.iterdir()
    (home / "index.json").unlink()
    (home / "pixels.bin").write_bytes(b"torn")

    pixels = filled(Blobs(1), tmp_path)

    assert pixels[0].shape == (16, 16)


def test_an_image_that_fails_leaves_no_half_cache(tmp_path: Path) -> None:
    class Broken(Blobs):
        def image(self, sample: TrainingSample) -> np.ndarray:
            if sample.id == "image3":
                raise DataError("image3.jpg is truncated", do="download it again")
            return super().image(sample)

    with pytest.raises(DataError, match=r"image3\.jpg is truncated"):
        filled(Broken(1), tmp_path)

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_sixteen_bits_and_colours_become_eight_grey_bits() -> None:
    wide = np.full((20, 16), 65535 * 2 // 5, dtype=np.uint16)
    coloured = np.zeros((20, 16, 3), dtype=np.uint8)
    coloured[..., 1] = 200

    assert np.unique(shrink(wide, GEOMETRY).values).tolist() == [102]
    assert np.unique(shrink(coloured, GEOMETRY).values).tolist() == [round(200 * 0.587)]


def test_an_array_that_is_no_image_is_refused(tmp_path: Path) -> None:
    class Flat(Blobs):
        def image(self, sample: TrainingSample) -> np.ndarray:
            return super().image(sample)[0]

    with pytest.raises(DataError, match=r"image0 has the shape \(32,\)"):
        filled(Flat(1), tmp_path)


def test_a_read_only_image_is_taken_without_a_warning() -> None:
    image = np.full((20, 16), 51, dtype=np.uint8)
    image.flags.writeable = False

    assert np.unique(shrink(image, GEOMETRY).values).tolist() == [51]
