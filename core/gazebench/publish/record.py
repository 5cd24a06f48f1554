"""The publishable record of one run: aggregates and provenance, nothing of any image or reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gazebench.spec.board import Board

SCHEMA = 1  # of the files; older ones are migrated, newer ones refused
FEWEST_IMAGES = 5  # a subset of fewer is suppressed: its mean would say too much about each


class Origin(StrEnum):
    """Where a record's numbers come from."""

    RUN = "run"  # of `gazebench run`, by `gazebench publish`
    PUBLICATION = "publication"  # printed in a paper, copied by hand


class Badge(StrEnum):
    """How far a record's numbers can be trusted, the strongest last."""

    CLAIMED = "claimed"  # somebody says so
    RECOMPUTED = "recomputed"  # every statistic follows from the per-case scores it carries
    RERUN = "rerun"  # somebody with the data made the whole run again and got the same


class Carry(StrEnum):
    """Whether a record carries its salted case scores."""

    AUTO = "auto"  # where the dataset is open
    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The paper that a record's numbers are copied from."""

    citation: str
    url: str
    doi: str = ""
    tables: str = ""  # which of its tables, and how they were read


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """What two records must share to stand on one board, beside their metrics' versions.

    A text is "" and a number None where a publication does not state it; nothing is compared then.

    Attributes:
        dataset: the dataset plugin's public name.
        case_set: SHA-256 of the sorted salted names of all scored cases (see
            `gazebench.publish.salting.case_set_of`); the salt is the board's.
        cases: how many they are.
        reference: the reference recipe and its parameters.
        reference_version: of the recipe.
        centre_bias: "loio" or "paper", where a metric needed it.
    """

    dataset: str
    case_set: str = ""
    cases: int | None = None
    reference: str = "gaze"
    reference_version: int | None = None
    centre_bias: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginFacts:
    """A plugin at the time of the run."""

    kind: str
    label: str
    distribution: str
    version: str
    code_sha256: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightFacts:
    """A network's weights."""

    seed: int
    sha256: str
    trained_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CostFacts:
    """What an entry's maps cost per image: see `gazebench.engine.costs.Cost`."""

    images: int
    seconds: float
    forward_passes: float
    backward_passes: float
    peak_memory_mb: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GamingChecks:
    """Whether an entry's score could have been had without looking at the image.

    See `gazebench.engine.checks.Checked`; None where not measured.

    Attributes:
        gain_over_centre_bias: the maps' NCC minus the centre bias's.
        gain_from_blur_and_bias: what the best blur of the map and the best share of the centre
            bias, both chosen on other images, add to the map's NCC.
        gain_beyond_bias: the NCC of that mixture minus the centre bias's: what the maps know that
            the centre bias does not.
        closest_reader_excess: NCC with the reading that a map is most like minus its mean with
            the others of the image: large where maps remember one reader's gaze. The ceiling's
            own says what is usual among readers.
    """

    gain_over_centre_bias: float | None
    gain_from_blur_and_bias: float | None
    gain_beyond_bias: float | None
    closest_reader_excess: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFacts:
    """Where one entry's maps came from.

    Attributes:
        model: "" for floors, the ceiling and maps made elsewhere without one.
        method: "" for floors and the ceiling.
        mixing: "" where there is none.
        family: of the method, for filters: the part of its label before ":".
    """

    model: str = ""
    method: str = ""
    mixing: str = ""
    family: str = ""
    seeds: tuple[int, ...] = ()
    plugins: tuple[PluginFacts, ...] = ()
    weights: tuple[WeightFacts, ...] = ()
    cost: CostFacts | None = None
    checks: GamingChecks | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """How the run was made, without anything of the machine's or the user's.

    Attributes:
        command: `gazebench run ...` with every path but plugin and model names removed.
        config: the decisive settings, name -> its value as TOML (see
            `gazebench.publish.run_settings`).
        versions: library -> version.
        resamples: of the bootstrap.
        seed: of the bootstrap.
    """

    command: str
    config: Mapping[str, str]
    versions: Mapping[str, str]
    hardware: str
    resamples: int
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One entry set: what `gazebench publish` writes and a leaderboard is rebuilt from.

    Attributes:
        name: of its file, lower-case letters, digits and hyphens.
        title: one line for people ("SonoNet and AG-SonoNet, Grad-CAM and attention").
        is_restricted: whether the dataset's cases, gaze and images must not be published.
        board: ranks and intervals within this record; its notes are composed by the publisher.
        entries: entry of `board` -> where its maps came from.
        subset_sets: subset -> SHA-256 of the sorted salted names of its cases; "" where not stated.
        suppressed: subsets left out for being of fewer than `FEWEST_IMAGES` images.
        run: None for a publication.
        publication: None for a run.
        case_scores: SHA-256 of the content of the file of salted per-case scores beside it; ""
            where there is none.
        migrated_from: the schema that the file was written in, where it is older.
    """

    name: str
    title: str
    origin: Origin
    is_restricted: bool
    protocol: Protocol
    board: Board
    entries: Mapping[str, EntryFacts]
    subset_sets: Mapping[str, str] = field(default_factory=dict)
    suppressed: tuple[str, ...] = ()
    run: RunFacts | None = None
    publication: Publication | None = None
    case_scores: str = ""
    migrated_from: int | None = None
