"""The figures of the paper whose protocol this is."""

from __future__ import annotations

from gazebench import replication
from gazebench.spec import PrintedFigure, PublishedTable

CEILING, CONVEX = "interobserver", "convex_segmentation"
AG_CAM, CAM = "ag_sononet/gradcam", "sononet/gradcam"
AM1, AM2 = "ag_sononet/attention1", "ag_sononet/attention2"

TABLE_1 = (
    PrintedFigure(CEILING, "ncc", "0.632", "0.606", "0.658"),
    PrintedFigure(CEILING, "auc", "0.790", "0.782", "0.799"),
    PrintedFigure(CEILING, "sncc", "0.028", "0.002", "0.055"),
    PrintedFigure(CEILING, "sauc", "0.558", "0.547", "0.568"),
    PrintedFigure(AG_CAM, "ncc", "0.343"),
    PrintedFigure(AG_CAM, "auc", "0.678"),
    PrintedFigure(AG_CAM, "sncc", "0.029", "0.002", "0.055"),
    PrintedFigure(AG_CAM, "sauc", "0.529", "0.521", "0.538"),
    PrintedFigure(CAM, "ncc", "0.437"),
    PrintedFigure(CAM, "auc", "0.696"),
    PrintedFigure(CAM, "sncc", "-0.067"),
    PrintedFigure(CAM, "sauc", "0.522"),
    PrintedFigure(AM1, "ncc", "0.254"),
    PrintedFigure(AM1, "auc", "0.672"),
    PrintedFigure(AM1, "sncc", "-0.032"),
    PrintedFigure(AM1, "sauc", "0.514"),
    PrintedFigure(AM2, "ncc", "0.359"),
    PrintedFigure(AM2, "auc", "0.684"),
    PrintedFigure(AM2, "sncc", "-0.007"),
    PrintedFigure(AM2, "sauc", "0.522"),
    PrintedFigure(CONVEX, "ncc", "0.637"),
    PrintedFigure(CONVEX, "auc", "0.735"),
    PrintedFigure(CONVEX, "sncc", "-0.187"),
    PrintedFigure(CONVEX, "sauc", "0.505"),
)
TABLE_2 = (
    PrintedFigure(AG_CAM, "sncc", "-0.047", "-0.096", "0.002", subset="normal"),
    PrintedFigure(AG_CAM, "sncc", "0.045", "0.016", "0.074", subset="abnormal"),
    PrintedFigure(AG_CAM, "sauc", "0.497", "0.482", "0.512", subset="normal"),
    PrintedFigure(AG_CAM, "sauc", "0.538", "0.529", "0.548", subset="abnormal"),
    PrintedFigure(CEILING, "sauc", "0.532", subset="normal"),
    PrintedFigure(CEILING, "sauc", "0.566", subset="abnormal"),
)


@replication(
    title="Comparing radiologists' gaze and saliency maps for chest x-rays",
    source="the scores published at https://github.com/ricbl/etsaliencymaps, one row per score "
    "with the columns phase, trial, reading, seed, mixing, metric, entry, score",
    reference="Bigolin Lanfredi, Arora, Drew, Schroeder, Tasdizen, arXiv 2112.11716 (2021), "
    "tables 1 and 2",
)
def etsaliencymaps() -> tuple[PublishedTable, ...]:
    """Return the figures printed in the paper that its text and its uniform mixing are about."""
    return (
        PublishedTable(
            title="Table 1",
            file="table1_uniform.csv.gz",
            also=("table1_thresholded.csv.gz",),
            figures=TABLE_1,
            note="the authors sampled AUCs without a seed, once for each mixing; rows without a "
            "mixing were printed from one of these runs",
        ),
        PublishedTable(
            title="Table 2",
            file="table2_subsets_uniform.csv.gz",
            figures=TABLE_2,
            note="a run of its own: its numbers of trials are not those of Table 1",
        ),
    )
