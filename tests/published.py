"""A record with every optional part filled in."""

from __future__ import annotations

from gazebench.publish.record import (
    CostFacts,
    EntryFacts,
    GamingChecks,
    Origin,
    PluginFacts,
    Protocol,
    Publication,
    Record,
    RunFacts,
    WeightFacts,
)
from gazebench.testing.boards import full_board

HASH = "0123456789abcdef" * 4


def full_record() -> Record:
    """Return a record in which nothing is left empty."""
    facts = EntryFacts(
        model="sononet",
        method="gradcam",
        mixing="max",
        family="gradcam",
        seeds=(0, 1),
        plugins=(
            PluginFacts(
                kind="method",
                label="gradcam:layer=3",
                distribution="gazebench",
                version="0.1.0",
                code_sha256=HASH,
                parameters={"layer": "3"},
            ),
        ),
        weights=(WeightFacts(seed=0, sha256=HASH, trained_on="phantom"),),
        cost=CostFacts(
            images=22, seconds=0.5, forward_passes=1.0, backward_passes=1.0, peak_memory_mb=81.5
        ),
        checks=GamingChecks(
            gain_over_centre_bias=0.1,
            gain_from_blur_and_bias=0.2,
            gain_beyond_bias=-0.1,
            closest_reader_excess=None,
        ),
    )
    board = full_board()
    return Record(
        name="sononet-gradcam",
        title="SonoNet, Grad-CAM",
        origin=Origin.RUN,
        is_restricted=True,
        protocol=Protocol(dataset="toy", case_set=HASH, cases=9, reference_version=1),
        board=board,
        entries={row.entry: facts for row in board.subsets[0].rows},
        subset_sets={"all": HASH, "part:1 & 2": ""},
        suppressed=("finding:Acute fracture",),
        run=RunFacts(
            command="gazebench run --dataset toy --method gradcam",
            config={"centre_bias": "loio"},
            versions={"torch": "2.15.0+cu126"},
            hardware="x86_64, Linux",
            resamples=10000,
        ),
        publication=Publication(
            citation="A. Author, A paper, 2021",
            url="https://example.org/paper",
            doi="10.1000/182",
            tables="Table 1",
        ),
        case_scores=HASH,
        migrated_from=1,
    )
