"""What blur and a share of the centre bias would do for a map, on made-up readers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from gazebench.scoring.prior_mix import (
    BLURS,
    SHARES,
    MixTerms,
    Prior,
    mix_gains,
    mixture_scores,
)

SHAPE = (24, 32)


def blob(row: float, column: float, width: float = 3.0) -> NDArray[np.float64]:
    """Return a Gaussian on cells."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / (2 * width**2))


def images(count: int) -> list[tuple[NDArray[np.float64], list[NDArray[np.float64]]]]:
    """Return what readers look at on some images: everywhere near the centre, and at a finding."""
    rng = np.random.default_rng(3)
    found = []
    for _ in range(count):
        finding = blob(*rng.uniform((4, 4), (20, 28)))
        readers = [blob(12, 16, 6) + finding * rng.uniform(0.5, 1.5) for _ in range(5)]
        found.append((finding, readers))
    return found


def terms_of(
    maps: Sequence[NDArray[np.float64] | None],
    of_images: Sequence[tuple[NDArray[np.float64], list[NDArray[np.float64]]]],
) -> list[MixTerms]:
    bias = blob(12, 16, 6)
    return [
        Prior(readers, readers, bias).terms(one)
        for one, (_, readers) in zip(maps, of_images, strict=True)
    ]


def names(count: int) -> list[str]:
    return [str(index) for index in range(count)]


def ncc(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@given(seed=st.integers(0, 50), share=st.sampled_from(range(len(SHARES))))
def test_a_mixture_scores_as_if_it_had_been_made(seed: int, share: int) -> None:
    """The closed form is the correlation of the mixed pixels, each part of deviation 1."""
    rng = np.random.default_rng(seed)
    saliency, bias, reader = rng.random((3, *SHAPE))
    parts = [(one - one.mean()) / one.std() for one in (saliency, bias)]
    mixed = (1 - SHARES[share]) * parts[0] + SHARES[share] * parts[1]

    found = mixture_scores(Prior([reader], [reader], bias).terms(saliency))

    assert found.shape == (len(BLURS), len(SHARES))
    assert found[0, share] == pytest.approx(ncc(mixed, reader), abs=1e-9)


def test_a_map_of_the_findings_knows_more_than_the_centre_bias() -> None:
    """Alone it may lose against the centre bias; with it, it wins clearly."""
    made = images(12)

    gains = mix_gains(terms_of([finding for finding, _ in made], made), names(12))

    assert gains.beyond_bias > 0.05
    assert gains.from_mixing > 0.05


def test_a_map_of_noise_knows_nothing_beyond_the_centre_bias() -> None:
    """The best that can be done with noise is to leave it out."""
    made = images(12)
    noise = np.random.default_rng(5).random((12, *SHAPE))

    gains = mix_gains(terms_of(list(noise), made), names(12))

    assert gains.beyond_bias == pytest.approx(0.0, abs=0.01)
    assert gains.over_bias < -0.5


def test_the_centre_bias_gains_nothing_over_itself() -> None:
    """It is its own best mixture, up to a blur."""
    made = images(8)

    gains = mix_gains(terms_of([blob(12, 16, 6)] * 8, made), names(8))

    assert gains.over_bias == pytest.approx(0.0, abs=1e-12)
    assert gains.beyond_bias == pytest.approx(gains.from_mixing, abs=1e-12)


@pytest.mark.parametrize("saliency", [None, np.zeros(SHAPE), np.full(SHAPE, 7.0)])
def test_no_map_is_worth_the_centre_bias_at_best(saliency: NDArray[np.float64] | None) -> None:
    """A failed or constant map has NCC 0; mixed with the centre bias it is the centre bias."""
    made = images(6)

    gains = mix_gains(terms_of([saliency] * 6, made), names(6))

    assert gains.beyond_bias == pytest.approx(0.0, abs=1e-12)
    assert gains.from_mixing == pytest.approx(-gains.over_bias)


def test_a_mixture_is_chosen_on_other_clusters() -> None:
    """One image alone has no others, so its map stays as it is."""
    made = images(3)
    terms = terms_of([finding for finding, _ in made], made)

    assert mix_gains(terms, ["same"] * 3).from_mixing == 0.0
    assert mix_gains(terms, names(3)).from_mixing > 0.0


def test_a_map_that_is_one_readers_gaze_stands_out() -> None:
    """Its excess is far above that of the readers among themselves."""
    rng = np.random.default_rng(7)
    readers = [blob(12, 16, 6) + blob(*rng.uniform((4, 4), (20, 28))) for _ in range(5)]
    prior = Prior(readers, readers, blob(12, 16, 6))

    remembered, usual = prior.terms(readers[2]).closest_excess, prior.of_readers()

    assert remembered is not None
    assert usual is not None
    assert remembered > usual + 0.1
    assert remembered == pytest.approx(
        1.0 - np.mean([ncc(readers[2], one) for one in readers[:2] + readers[3:]])
    )


def test_two_readers_cannot_say_whom_a_map_is_like() -> None:
    """With fewer than three readings the closest is no news."""
    readers = [blob(12, 16, 6), blob(10, 10)]
    prior = Prior(readers, readers, blob(12, 16, 6))

    assert prior.terms(readers[0]).closest_excess is None
    assert prior.of_readers() is None


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_the_scale_of_a_map_does_not_matter(scale: float) -> None:
    """A correlation has no unit."""
    made = images(1)
    finding = made[0][0]

    small, plain = terms_of([finding * scale], made)[0], terms_of([finding], made)[0]

    np.testing.assert_allclose(small.with_references, plain.with_references, rtol=1e-9)
