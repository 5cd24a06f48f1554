"""What of a run's own data must not be in any other text: its ids and what its readers said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazebench.publish.scan_reports import names_radiographs, without_names

WORDS_IN_COMMON = 6  # words in a row that two texts do not share by chance
TELLING_WORDS = 4  # the same where one of them is of a radiograph
SHORTEST_ID = 5  # letters and digits; shorter ones are in every text
_CHUNK = re.compile(r"[a-z0-9]+")
_WORD = re.compile(r"[a-z]+")


def no_thumbnails() -> NDArray[np.float32]:
    """Return no picture."""
    return np.zeros((0, 0, 0), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnData:
    """What a run's texts must not repeat.

    Attributes:
        ids: by the chunk of letters and digits that is the longest in each, for a quick search.
        said: hashes of words in a row that readers said.
        thumbnails: gives small copies of the images, see `scan_pictures`; made when asked for.
        unseen: why something could not be compared, in words.
    """

    ids: Mapping[str, Sequence[str]] = field(default_factory=dict)
    said: frozenset[int] = frozenset()
    thumbnails: Callable[[], NDArray[np.float32]] = no_thumbnails
    unseen: tuple[str, ...] = ()

    def ids_in(self, text: str) -> Iterator[str]:
        """Find the run's own ids in a text, whatever stands between their parts."""
        if not self.ids:
            return
        lower = text.lower()
        for chunk in set(_CHUNK.findall(lower)) & self.ids.keys():
            for one in self.ids[chunk]:
                parts = r"[^a-z0-9]{0,3}".join(_CHUNK.findall(one.lower()))
                if re.search(rf"(?<![a-z0-9]){parts}(?![a-z0-9])", lower):
                    yield one

    def repeats(self, text: str) -> bool:
        """Whether a text shares words in a row with what the readers said."""
        return bool(self.said) and not self.said.isdisjoint(shingles(text))


NOTHING = OwnData()


def own_data(
    ids: Iterable[str], transcripts: Iterable[str] = (), unseen: Sequence[str] = ()
) -> OwnData:
    """Prepare the ids and transcripts of a run for the search.

    Ids that a text may hold by chance are not looked for: fewer than five letters and digits, or
    letters alone and fewer than twelve.
    """
    found: dict[str, list[str]] = {}
    for one in sorted(set(ids)):
        chunks = _CHUNK.findall(one.lower())
        if _is_telling(chunks):
            found.setdefault(max(chunks, key=len), []).append(one)
            if len(chunks) > 1:  # with nothing between its parts
                found.setdefault("".join(chunks), []).append(one)
    said = {shingle for text in transcripts for shingle in shingles(text)}
    return OwnData(ids=found, said=frozenset(said), unseen=tuple(unseen))


def ids_of_scores(scores: Any) -> frozenset[str]:
    """Return every case, reading and patient of a table of score rows."""
    return frozenset(
        str(one)
        for name in ("case", "reading", "cluster")
        for one in scores.column(name).unique().to_pylist()
        if one
    )


def shingles(text: str) -> Iterator[int]:
    """Give a hash of every few words in a row, names of findings left out."""
    words = _WORD.findall(without_names(text).lower())
    for start in range(len(words) - TELLING_WORDS + 1):
        few = words[start : start + TELLING_WORDS]
        if names_radiographs(" ".join(few)):
            yield hash(tuple(few))
        many = words[start : start + WORDS_IN_COMMON]
        if len(many) == WORDS_IN_COMMON:
            yield hash(tuple(many))


def _is_telling(chunks: Sequence[str]) -> bool:
    squeezed = "".join(chunks)
    if len(squeezed) < SHORTEST_ID:
        return False
    has_letter, has_digit = re.search("[a-z]", squeezed), re.search("[0-9]", squeezed)
    if has_digit:
        return bool(has_letter) or len(squeezed) >= SHORTEST_ID + 1
    return len(squeezed) >= 2 * SHORTEST_ID + 2
