"""Binned AUCs against sorting, on maps of every kind: within 1e-6 and inside the certificate."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import oracles
from gazebench.gaze.resample import resize
from gazebench.scoring.auc import TOLERANCE
from gazebench.scoring.histogram import BINNED_FROM, RankHistogram, all_mid_ranks
from gazebench.scoring.ranks import mid_ranks
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.values import Size

SIZE = Size(560, 520)  # more pixels than are sorted
assert SIZE.height * SIZE.width > BINNED_FROM


def blob(row: float, column: float, spread: float) -> NDArray[np.float32]:
    y, x = np.mgrid[: SIZE.height, : SIZE.width]
    bump = np.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * spread**2))
    return (bump / bump.sum()).astype(np.float32)


def target() -> Target:
    references = np.stack([blob(200, 180, 40), blob(300, 330, 15), blob(250, 250, 200)])
    return Target(size=SIZE, references=references, centre_bias=blob(280, 260, 110))


def maps() -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(3)
    normal = rng.normal(size=SIZE).astype(np.float32)
    smooth = resize(rng.normal(size=(12, 11)).astype(np.float32), SIZE)
    region = normal.copy()
    region[:300] = 0.25
    constant_but_one = np.zeros(SIZE, np.float32)
    constant_but_one[3, 4] = 1.0
    return {
        "random": normal,
        "smooth": smooth,
        "rectified": np.maximum(smooth, 0),
        "tied": np.round(normal * 4) / 4,
        "constant region": region,
        "heavy-tailed": (np.abs(rng.standard_cauchy(SIZE)) ** 3).astype(np.float32),
        "binary": (normal > 0.5).astype(np.float32),
        "a density": blob(210, 190, 45),
        "another density": blob(300, 330, 15),
        "tiny values": (smooth * 1e-38).astype(np.float32),
        "large offset": (1e6 + smooth).astype(np.float32),
        "signed zeros": np.where(normal > 0, np.float32(0.0), np.float32(-0.0)),
        "columns that a regular subsample misses": np.tile(
            (np.arange(SIZE.width) % 13).astype(np.float32), (SIZE.height, 1)
        ),
        "all but constant": constant_but_one,
    }


@pytest.mark.parametrize("name", maps())
@pytest.mark.parametrize("negatives", ["uniform", "centre bias"])
def test_binned_auc_is_within_its_certificate_of_the_sorted_one(name: str, negatives: str) -> None:
    of, values = target(), maps()[name]
    under = None if negatives == "uniform" else of.centre_bias
    binned, exact = ScoredMap(values, of).ranks(under), ScoredMap(values, exact=True).ranks(under)

    off = np.abs(binned.auc(of.references) - exact.auc(of.references))

    assert off.max() < 1e-6
    assert (off <= binned.certificates(of.references)).all()
    assert binned.certificates(of.references).max() < 2 * TOLERANCE


def test_sorted_auc_is_that_of_every_pair_of_pixels_on_a_part() -> None:
    """The sorted way itself, on a map small enough for the definition."""
    values = maps()["tied"][:20, :25]
    positives, negatives = (
        blob(*place)[:20, :25].astype(np.float64) for place in ((10, 10, 5), (5, 12, 9))
    )

    found = ScoredMap(values, exact=True).ranks(negatives).auc(positives[None])[0]

    assert found == pytest.approx(oracles.auc(values, positives, negatives), abs=1e-12)


def test_a_certificate_that_is_too_large_makes_the_score_exact() -> None:
    """All of q and p on two pixels of nearly equal value, which the subsample does not see."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=SIZE).astype(np.float32)
    values[0, 1:3] = 1.0, np.nextafter(np.float32(1.0), np.float32(2.0), dtype=np.float32)
    peak = np.zeros(SIZE, np.float32)
    peak[0, 1:3] = 0.25, 0.75
    of = Target(size=SIZE, references=peak[None], centre_bias=peak)
    histogram = RankHistogram(values, peak, ScoredMap(values)._buffers)

    binned = ScoredMap(values, of).ranks(of.centre_bias)

    assert histogram.expectations(peak[None])[0, 2] > TOLERANCE
    exact = ScoredMap(values, exact=True).ranks(peak).auc(of.references)
    np.testing.assert_allclose(binned.auc(of.references), exact, atol=1e-12)
    assert binned.certificates(of.references)[0] < 1e-9


def test_without_a_target_any_negatives_do() -> None:
    values, of = maps()["rectified"], target()
    other = blob(100, 100, 60)

    found = ScoredMap(values).ranks(other).auc(of.references)

    exact = ScoredMap(values, exact=True).ranks(other).auc(of.references)
    np.testing.assert_allclose(found, exact, atol=1e-6)


def test_a_constant_map_is_exactly_at_chance() -> None:
    of = target()
    scored = ScoredMap(np.full(SIZE, 0.3, np.float32), of)

    assert scored.ranks(None).auc(of.references).tolist() == [0.5] * 3
    assert scored.ranks(of.centre_bias).auc(of.references).tolist() == [0.5] * 3


def test_ranks_under_several_negatives_may_be_used_in_any_order() -> None:
    """They take turns in the same memory."""
    values, of = maps()["smooth"], target()
    negatives = [None, of.centre_bias, blob(100, 100, 60)]
    scored = ScoredMap(values, of)
    ranked = [scored.ranks(q) for q in negatives]

    for index in (2, 0, 1, 2):
        exact = ScoredMap(values, exact=True).ranks(negatives[index]).auc(of.references[:2])
        np.testing.assert_allclose(ranked[index].auc(of.references[:2]), exact, atol=1e-6)


def test_auc_is_the_same_after_an_increasing_transform() -> None:
    of, values = target(), maps()["smooth"]
    before = ScoredMap(values, of).ranks(of.centre_bias).auc(of.references)

    after = ScoredMap(np.exp(2 * values), of).ranks(of.centre_bias).auc(of.references)

    np.testing.assert_allclose(before, after, atol=1e-5)


@pytest.mark.parametrize("name", ["smooth", "tied", "heavy-tailed"])
def test_binned_mid_ranks_are_near_the_sorted_ones(name: str) -> None:
    values = maps()[name]

    off = np.abs(all_mid_ranks(values) - mid_ranks(values))
    assert off.mean() < 2e-5
    assert off.max() < 2e-3  # a pixel that shares its bin with many equal ones


def test_one_thread_of_buffers_serves_maps_of_any_size_in_turn() -> None:
    of, small = target(), np.arange(6.0).reshape(2, 3)
    first = ScoredMap(maps()["random"], of)
    auc = first.ranks(None).auc(of.references)
    again = ScoredMap(maps()["smooth"], of, buffers=first._buffers)
    again.ranks(None).auc(of.references)

    repeated = ScoredMap(maps()["random"], of, buffers=first._buffers)

    np.testing.assert_array_equal(repeated.ranks(None).auc(of.references), auc)
    assert ScoredMap(small, buffers=first._buffers).ranks(None).auc(np.ones((1, 2, 3)))[0] == 0.5
