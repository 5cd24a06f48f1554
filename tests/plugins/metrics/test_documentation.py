"""The table of metrics in the documentation says what the plugins say."""

from __future__ import annotations

from pathlib import Path

from gazebench.registry.host import Host
from gazebench.spec import ModelMetric

TABLE = Path(__file__).resolve().parents[3] / "docs" / "metrics.md"
NEEDS = {
    "reference": "reference",
    "centre bias": "centre_bias",
    "fixations": "fixations",
    "other images' fixations": "other_fixations",
    "regions": "regions",
    "logits": "logits",
}


def documented():
    metrics = TABLE.read_text("utf-8").partition("## Checks against gaming")[0]
    rows = [line for line in metrics.splitlines() if line.startswith("| `")]
    cells = ([cell.strip() for cell in row.strip("|").split("|")] for row in rows)
    return {row[0].strip("`"): row for row in cells}


def number(text: str) -> float:
    return float(text.strip().replace("−", "-").replace("∞", "inf"))


def test_table_says_what_the_plugins_say():
    host = Host()
    found = {}
    for name, (_, _, better, span, chance, needs, _, _) in documented().items():
        found[name] = (
            better == "higher",
            tuple(number(end) for end in span.split("…")),
            None if chance == "measured" else number(chance),
            {NEEDS[need.strip()] for need in needs.split(",")},
        )

    listed = [one.name for one in host.listed("metric") if one.distribution == "gazebench"]

    expected = {}
    for name in listed:
        metric = host.get("metric", name).descriptor
        needs = metric.model_needs if isinstance(metric, ModelMetric) else metric.needs
        expected[name] = metric.higher_is_better, metric.range, metric.chance, set(needs)
    assert found == expected


def test_citations_of_the_table_are_listed_below_it():
    text = TABLE.read_text("utf-8")
    numbers = {
        int(part)
        for row in documented().values()
        for part in row[-1].replace("as", "").replace("[", "").replace("]", "").split(",")
    }

    assert numbers == set(range(1, 1 + sum(f"\n{n}. " in text for n in range(1, 40))))
