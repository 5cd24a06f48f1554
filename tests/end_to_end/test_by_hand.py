"""A whole run against the protocol by hand: of the harness, only the output is used."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal
from sklearn.metrics import roc_auc_score

from commands import gazebench

ATOL = 2e-5  # densities are held in float32


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    folder = tmp_path_factory.mktemp("by_hand")
    made = gazebench(
        "dataset", "synthesize", "--cases", "3", "--size", "210x200", "--seed", "9",
        "--out", folder / "data",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    done = gazebench(
        "run", "--data-root", folder / "data", "--model", "sononet:weights=none",
        "--method", "gradcam", "--mixing", "max", "--out", folder / "run",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder / "data", pd.read_parquet(folder / "run" / "scores.parquet")


def densities_by_hand(root: Path) -> dict[str, dict[str, np.ndarray]]:
    """Return case -> reading -> fixation density, pixel by pixel from the tables."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for table in sorted((root / "main_data").glob("metadata_phase_*.csv")):
        for row in rows_of(table):
            if row["eye_tracking_data_discarded"] == "True":
                continue
            size = int(row["image_size_y"]), int(row["image_size_x"])
            fixations = root / "main_data" / row["id"] / "fixations.csv"
            density = heatmap_by_hand(rows_of(fixations), size)
            found.setdefault(row["dicom_id"], {})[row["id"]] = density / density.sum()
    return found


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def heatmap_by_hand(rows: list[dict[str, str]], size: tuple[int, int]) -> np.ndarray:
    places = np.dstack(np.mgrid[: size[0], : size[1]])
    heatmap = np.zeros(size)
    for row in rows:
        seconds = float(row["timestamp_end_fixation"]) - float(row["timestamp_start_fixation"])
        spread = [float(row[f"angular_resolution_{axis}_pixels_per_degree"]) ** 2 for axis in "yx"]
        centre = [float(row["y_position"]), float(row["x_position"])]
        x0, y0, x1, y1 = (
            int(row[f"{edge}_shown_from_image"]) for edge in ("xmin", "ymin", "xmax", "ymax")
        )
        shown = slice(y0, y1), slice(x0, x1)
        gaussian = multivariate_normal(centre, np.diag(spread)).pdf(places[shown])
        heatmap[shown] += seconds * gaussian
    return heatmap


def auc_by_hand(density: np.ndarray, values: np.ndarray) -> float:
    """Return P(S+ > S-) + P(S+ = S-)/2: every pixel is a positive of weight p, a negative of 1."""
    labels = np.repeat([1, 0], density.size)
    weights = np.concatenate([density.ravel(), np.full(density.size, 1 / density.size)])
    # Ranks of float32 values: maps are scored in single precision.
    scores = np.tile(values.astype(np.float32).ravel(), 2)
    return float(roc_auc_score(labels, scores, sample_weight=weights))


def test_the_ceiling_is_the_protocols(run: tuple[Path, pd.DataFrame]) -> None:
    root, scores = run
    ceiling = scores[scores["entry"] == "interobserver"].set_index(["reading", "metric"])["value"]
    cases = {case: found for case, found in densities_by_hand(root).items() if len(found) == 5}

    assert cases
    for found in cases.values():
        for reading, own in found.items():
            reference = np.mean([d for other, d in found.items() if other != reading], axis=0)
            ncc = np.corrcoef(own.ravel(), reference.ravel())[0, 1]
            assert ceiling[reading, "ncc"] == pytest.approx(ncc, abs=ATOL)
            assert ceiling[reading, "auc"] == pytest.approx(auc_by_hand(reference, own), abs=ATOL)


def test_shuffled_metrics_discount_the_map_of_the_centre_bias(
    run: tuple[Path, pd.DataFrame],
) -> None:
    """SNCC = NCC(reference, map) - NCC(bias, map): for the bias itself, its own NCC less 1."""
    _, scores = run
    bias = scores[scores["entry"] == "centre_bias"].pivot(
        index="reading", columns="metric", values="value"
    )

    np.testing.assert_allclose(bias["sncc"], bias["ncc"] - 1, atol=ATOL)


def test_every_entry_was_scored_against_the_same_readings(
    run: tuple[Path, pd.DataFrame],
) -> None:
    _, scores = run

    readings = scores.groupby(["entry", "metric"])["reading"].agg(lambda r: tuple(sorted(r)))

    assert readings.nunique() == 1
