"""What metrics share: products, distribution, ranks at points; dense maps and coarse ones alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import strategies
from gazebench.gaze.grid import Upsampling
from gazebench.gaze.resample import AxisMap
from gazebench.scoring.scored_grid import ScoredGrid
from gazebench.scoring.scored_map import ScoredMap
from gazebench.scoring.target import Target
from gazebench.spec.values import Points, Size


def large(seed: int = 0) -> tuple[np.ndarray, Target]:
    rng = np.random.default_rng(seed)
    size = Size(600, 512)
    references = rng.random((3, *size), dtype=np.float32) ** 3
    references /= references.sum(axis=(1, 2), keepdims=True)
    bias = rng.random(size, dtype=np.float32)
    target = Target(size=size, references=references, centre_bias=bias / bias.sum())
    values = rng.normal(size=size).astype(np.float32) + 300 * references[0] * references[0].size
    return values.astype(np.float32), target


def test_large_correlations_are_those_of_float64() -> None:
    values, target = large()
    scored = ScoredMap(values, target)
    wide = values.astype(float).ravel()

    found = scored.ncc(target.references)

    expected = [np.corrcoef(wide, p.astype(float).ravel())[0, 1] for p in target.references]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    bias = np.corrcoef(wide, target.centre_bias.astype(float).ravel())[0, 1]
    assert scored.ncc(target.centre_bias[None])[0] == pytest.approx(bias, abs=1e-6)


def test_large_divergences_and_overlaps_are_those_of_float64() -> None:
    values, target = large()
    scored = ScoredMap(values, target)
    wide = values.astype(float) - min(values.min(), 0)
    m = wide / wide.sum()
    p = target.references.astype(float)
    eps = 2.2e-16

    crossed = -(p * np.log(m + eps)).sum(axis=(1, 2)) / p.sum(axis=(1, 2))
    np.testing.assert_allclose(scored.cross_entropies(target.references, eps), crossed, atol=2e-5)
    shared = np.minimum(p, m).sum(axis=(1, 2))
    np.testing.assert_allclose(scored.intersections(target.references), shared, atol=1e-6)
    own = -(p * np.log(p, where=p > 0, out=np.zeros_like(p))).sum(axis=(1, 2))
    np.testing.assert_allclose(target.entropies, own, atol=1e-6)


def test_large_rank_correlations_are_spearmans() -> None:
    values, target = large()

    found = ScoredMap(values, target).rank_correlations(target.references)

    expected = [stats.spearmanr(values.ravel(), p.ravel())[0] for p in target.references]
    np.testing.assert_allclose(found, expected, atol=1e-5)


@strategies.unhurried
@given(st.data(), strategies.sizes)
def test_mid_ranks_at_points_are_counts_of_pixels(data, size) -> None:
    values = data.draw(strategies.maps(size)).astype(np.float32)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    points = Points(rng.integers(size.height, size=7), rng.integers(size.width, size=7))

    found = ScoredMap(values).mid_ranks(points)

    at = values[points.rows, points.columns][:, None]
    flat = values.ravel()
    expected = ((flat < at).sum(axis=1) + (flat == at).sum(axis=1) / 2) / flat.size
    np.testing.assert_allclose(found, expected, atol=1e-15)


def grid_and_target(seed: int) -> tuple[np.ndarray, Upsampling, Target]:
    rng = np.random.default_rng(seed)
    size = Size(70, 90)
    rows = AxisMap.linear(size.height, 9, scale=7.3 / size.height, offset=0.8)
    upsampling = Upsampling(rows, AxisMap.resizing(size.width, 8))
    references = rng.random((3, *size), dtype=np.float32)
    references /= references.sum(axis=(1, 2), keepdims=True)
    target = Target(size=size, references=references, centre_bias=references[0] * 0 + 1 / 6300)
    return rng.normal(size=(9, 8)).astype(np.float32), upsampling, target


@pytest.mark.parametrize("seed", range(4))
def test_a_coarse_map_scores_as_the_map_it_is_stretched_to(seed: int) -> None:
    grid, upsampling, target = grid_and_target(seed)
    coarse = ScoredGrid(grid, upsampling, target)
    native = ScoredMap(upsampling.apply(grid), target)
    points = Points(np.array([0, 69, 33]), np.array([0, 89, 12]))

    assert coarse.mean == pytest.approx(native.mean, abs=1e-7)
    assert coarse.deviation == pytest.approx(native.deviation, rel=1e-6)
    np.testing.assert_allclose(
        coarse.ncc(target.references), native.ncc(target.references), atol=1e-6
    )
    np.testing.assert_allclose(coarse.at(points), native.at(points), atol=1e-6)
    np.testing.assert_array_equal(coarse.values, native.values)
    np.testing.assert_array_equal(
        coarse.ranks(None).auc(target.references), native.ranks(None).auc(target.references)
    )


def test_a_coarse_map_that_differs_only_where_nothing_is_shown_is_constant() -> None:
    _, _, target = grid_and_target(0)
    rows = AxisMap.linear(70, 9, scale=5.0 / 70, offset=2.0)
    upsampling = Upsampling(rows, AxisMap.resizing(90, 8))
    grid = np.full((9, 8), 2.5, np.float32)
    grid[upsampling.weights == 0.0] = 9.0
    assert (upsampling.weights == 0.0).any()

    scored = ScoredGrid(grid, upsampling, target)

    assert scored.is_constant
    assert np.isnan(scored.ncc(target.references)).all()


def test_a_coarse_map_with_nan_is_refused() -> None:
    _, upsampling, target = grid_and_target(0)

    with pytest.raises(ValueError, match="NaN"):
        ScoredGrid(np.full((9, 8), np.nan, np.float32), upsampling, target)


@given(st.integers(0, 50))
def test_the_adjoint_moves_to_the_other_side_of_the_product(seed: int) -> None:
    grid, upsampling, target = grid_and_target(seed)
    image = target.references[0].astype(np.float64)

    left = float((image * upsampling.apply(grid)).sum())

    assert float((upsampling.adjoint(image) * grid).sum()) == pytest.approx(left, abs=1e-6)


def test_the_distribution_of_a_map_without_mass_is_uniform() -> None:
    scored = ScoredMap(np.zeros((2, 4)))

    np.testing.assert_array_equal(scored.distribution, np.full((2, 4), 0.125))
    half = np.full((1, 2, 4), 0.125)
    assert scored.intersections(half)[0] == pytest.approx(1.0)
    assert scored.cross_entropies(half, 0.0)[0] == pytest.approx(np.log(8))


def test_an_array_that_lies_where_another_one_was_is_not_taken_for_it() -> None:
    values, target = large()
    scored, lent = ScoredMap(values, target), np.empty((1, *values.shape), np.float32)
    exact = ScoredMap(values, exact=True)

    for reference in target.references:
        lent[0] = reference
        expected = exact.ranks(None).auc(reference[None].copy())
        np.testing.assert_allclose(scored.ranks(None).auc(lent), expected, atol=1e-6)
        bias = exact.ranks(reference.copy()).auc(target.references)
        np.testing.assert_allclose(scored.ranks(lent[0]).auc(target.references), bias, atol=1e-6)
        single = ScoredMap(values).ncc(reference[None].copy())
        np.testing.assert_allclose(scored.ncc(lent), single, atol=1e-12)


def test_only_some_readings_share_what_is_known_about_them() -> None:
    _, target = large()

    some = target.only([0, 2])

    np.testing.assert_array_equal(some.references, target.references[[0, 2]])
    np.testing.assert_array_equal(some.entropies, target.entropies[[0, 2]])
    assert target.only([0, 1, 2]) is target


@pytest.mark.parametrize("kind", ["half zeros, half saturated", "few values about one"])
def test_ranks_of_maps_that_crowd_into_few_bins_are_exact(kind: str) -> None:
    rng = np.random.default_rng(6)
    size = Size(600, 700)
    smooth = rng.normal(size=size)
    if kind == "few values about one":
        values = (1 + 3e-7 * smooth).astype(np.float32)
    else:
        values = (1 / (1 + np.exp(-15 - smooth))).astype(np.float32)
        values[:300] = 0
    density = np.exp(0.3 * smooth + rng.normal(size=size)).astype(np.float32)[None]

    found = ScoredMap(values).rank_correlations(density)[0]

    expected = stats.spearmanr(values.ravel(), density.ravel())[0]
    assert found == pytest.approx(expected, abs=2e-5)


@pytest.mark.parametrize("scale", [5e35, 1e-42, 1e-30, 1e30])
def test_values_at_the_edges_of_float32_score_as_those_in_its_middle(scale: float) -> None:
    values, target = large()
    steps = np.round(values * 4)  # survives the few bits of the smallest numbers
    middle = ScoredMap(steps.astype(np.float32), target)
    edge = ScoredMap((steps.astype(np.float64) * scale / 1e2).astype(np.float32), target)

    near = {"atol": 0.02} if scale < 1e-40 else {"rtol": 1e-4}
    np.testing.assert_allclose(edge.ncc(target.references), middle.ncc(target.references), **near)
    found = edge.intersections(target.references)
    np.testing.assert_allclose(found, middle.intersections(target.references), **near)
    crossed = edge.cross_entropies(target.references, 1e-16)
    np.testing.assert_allclose(crossed, middle.cross_entropies(target.references, 1e-16), rtol=0.02)
