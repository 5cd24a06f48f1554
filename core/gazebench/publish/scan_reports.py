"""Sentences as radiologists write and dictate them, told from names and from prose about maps.

A sentence counts as a report's when it names what chest radiographs show and speaks of it as
reports do ("is enlarged", "no evidence of", "in the left"). Lists of findings by their names, as
our own notices hold them, do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from gazebench.spec import vocabulary

LONGEST = 60  # words of a sentence; a report's are shorter
SHORT = 6  # words of a sentence in which one weak word is enough

# What reports speak of.
_TERMS = (
    "lungs? heart cardiac cardiomegaly cardiomediastin\\w+ silhouettes? aort\\w+ mediastin\\w+ "
    "hil(?:a|um|ar) perihilar pleura\\w* costophrenic cardiophrenic (?:hemi)?diaphragm\\w* "
    "sulc(?:us|i) effusions? (?:hydro|hemo)?pneumothora\\w+ opaci\\w+ consolidat\\w+ atelecta\\w+ "
    "o?edema pneumonias? pneumonitis infiltrat\\w+ nodul\\w+ granulomas? calcifi\\w+ emphysem\\w+ "
    "fibro\\w+ congestion interstitial (?:bi)?basilar bibasal retrocardiac apical apex air-?space "
    "vasculature bronch\\w+ trache\\w+ endotracheal nasogastric enteric catheters? picc "
    "pacemakers? sternotomy cabg fractures? ribs? osseous bony thorax thoracic clavic\\w+ "
    "scolio\\w+ spine spinal vertebra\\w* hernias? lobes? lobar lingula\\w* hyperinflat\\w+ "
    "hyperexpan\\w+ kerley carina svc copd pulmonary parenchyma ground-?glass scarring cavit\\w+ "
    "pneumoperitoneum pneumomediastinum subdiaphragmatic cardiopulmonary intrathoracic "
    "lymphadenopathy metasta\\w+ malignan\\w+"
)
_ADVERBS = r"(?:again |now |also |not |mildly |moderately |severely |markedly |slightly |still )*"
_SIGNS = (
    r"(?:pleural|pneumothora\w+|effusions?|consolidat\w+|opaci\w+|fractures?|infiltrat\w+|nodul\w+"
    r"|cardiomegaly|o?edema|ribs?|pulmonary|cardiopulmonary|pneumonia|atelectasis|osseous|disease)"
)
_STATES = (
    r"(?:noted|visuali[sz]ed|enlarged|unchanged|intact|unremarkable|elevated|blunted|widened"
    r"|tortuous|hyperinflated|hyperexpanded|well[- ]expanded|in place|obscured|borderline|clear"
    r"|within normal|seen|present|normal|stable|congested|flattened|demonstrated|identified|small"
    r"|large|larger|smaller|improved|worse|increased|decreased|prominent|low)"
)
_SIDED = (
    r"(?:sided|upper|lower|middle|mid|lungs?|bases?|pleural|apex|hil\w+|basilar|lobes?|effusions?"
    r"|ventric\w+)"
)
# How they speak of it: one of these is enough.
_STRONG = "|".join(
    (
        r"there (?:is|are|has been|have been)",
        rf"(?:is|are|was|were|remains?|appears?) {_ADVERBS}{_STATES}",
        r"(?:has|have) (?:increased|decreased|improved|resolved|worsened|developed|cleared)",
        r"within normal limits|unremarkable",
        rf"no (?:\w+ ){{0,2}}{_SIGNS}",
        r"no (?:evidence of|signs? of|acute|focal)",
        rf"(?:without|with no|negative for|with) (?:\w+ ){{0,2}}{_SIGNS}",
        r"(?:consistent|compatible) with|(?:concerning|suspicious|worrisome) for",
        r"suggest(?:s|ing|ive)",
        r"(?:may|might|could|likely|probably|possibly) (?:be )?(?:represents?|reflects?|due)",
        rf"(?:may|might|could) be (?:an? )?{_SIGNS}",
        r"(?:cannot|can not|not) (?:be )?(?:entirely |completely )?excluded",
        r"clinical(?:ly)? correlat\w+|correlate clinically|clinical (?:setting|context)",
        r"follow[- ]up|status[- ]post|s/p|blunting|tip of|terminat(?:es?|ing)|projects? over",
        r"wet read|midline shift|low lung volumes?|air bronchograms?|volume loss",
        r"(?:prior|previous|earlier) (?:study|exam\w*|radiographs?|films?|cts?)",
        r"interval (?:\w+ )?(?:increase|decrease|change|improvement|development|removal|placement)",
        r"worsening|improving|persistent|residual|underlying|superimposed",
        r"degenerative|subsegmental|displaced|bibasilar|cours(?:es?|ing)|in (?:good|place|situ)",
        r"\d+(?:\.\d+)? ?(?:cm|mm)\b|(?:AP|PA|portable|upright|supine) (?:view|chest|radiograph)",
        r"(?:in|on|at|of) the (?:left|right)",
        rf"(?:left|right|both|bilateral)[- ]{_SIDED}",
    )
)
# What only reports say, whatever they speak of.
_ALONE = re.compile(
    r"\b(?:no acute (?:\w+ )?(?:process|abnormalit\w+|findings?|disease)"
    r"|(?:AP|PA)(?:,? and lateral| and lat)? (?:views?|(?:chest )?radiographs?)"
    r"|(?:lines|tubes) and (?:tubes|lines)|status[- ]post|no (?:relevant |significant )?interval"
    r" change|no prior (?:study|studies|exams?|films?)|cardiac monitoring)\b",
    re.IGNORECASE,
)
# One of these is in each of them.
_ALONE_WORD = re.compile(r"acute|ap|pa|lines|tubes|status|interval|prior|cardiac", re.IGNORECASE)
# Two of these are, or one in a short sentence.
_WEAK = (
    "left right bilateral\\w* mild(?:ly)? moderate(?:ly)? severe(?:ly)? minimal(?:ly)? small trace "
    "tiny large new old enlarged clear normal stable unchanged increased decreased acute chronic "
    "subtle patchy diffuse(?:ly)? hazy linear dense focal multifocal prominent likely possible "
    "probable again improved resolved no without upper lower middle bases? basal size borderline "
    "seen noted intact marked(?:ly)? low grossly evidence limits impression indication"
)


def _one_of(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words.split())})\b", re.IGNORECASE)


# What is in every text that holds a term, word by word: far quicker to look for.
_TERM_PARTS = (re.sub(r"-\?\w+", r"\\w*", term) for term in _TERMS.split())
_TERM_WORD = re.compile("|".join(_TERM_PARTS), re.IGNORECASE)
_WORD = re.compile(r"\w+")
_TERM, _WEAKLY = _one_of(_TERMS), _one_of(_WEAK)
_STRONGLY = re.compile(rf"\b(?:{_STRONG})", re.IGNORECASE)
_END = re.compile(r"(?<=[.!?])\s+|\s\.|[\r\n;|]+|\s{3,}|[<>]+")
_ITEM = re.compile(r"([,:()\[\]{}\"'=/\\]|\bor\b| [.](?= |$))")
_DICTATED = re.compile(rf"\b(?:{'|'.join(_TERMS.split())})(?: \w+)? [.](?:\s|$)", re.IGNORECASE)
_NAMED = frozenset(
    re.sub(r"[\s_]+", " ", name.lower())
    for names in (
        vocabulary.CHEXPERT,
        vocabulary.NIH_CHEST_XRAY14,
        vocabulary.TORCHXRAYVISION,
        vocabulary.REFLACX_PHASE_1,
        vocabulary.REFLACX_PHASES_2_AND_3,
    )
    for name in names
)


def report_sentences(text: str) -> Iterator[str]:
    """Find sentences of radiology reports, and dictations with their full stops set apart.

    >>> list(report_sentences("Runs on phantom. The heart is mildly enlarged."))
    ['The heart is mildly enlarged.']
    >>> list(report_sentences("classes that never count: Atelectasis, Acute fracture, Lung Lesion"))
    []
    """
    has_term = names_radiographs(text)
    if not (has_term or _speaks_alone(text)):
        return
    dictated = _DICTATED.search(text) if has_term else None
    if dictated:
        yield dictated.group().strip()
    for sentence in _END.split(text):
        if _is_report(sentence):
            yield sentence.strip()


def names_radiographs(text: str) -> bool:
    """Whether a text has a word for what chest radiographs show."""
    words = set(_WORD.findall(text))
    return any(map(_may_be_a_term, words)) and _TERM.search(text) is not None


def _speaks_alone(text: str) -> bool:
    """Whether a text holds what only reports say."""
    words = set(_WORD.findall(text))
    return any(map(_may_be_alone, words)) and _ALONE.search(text) is not None


@lru_cache(maxsize=65536)
def _may_be_alone(word: str) -> bool:
    return _ALONE_WORD.fullmatch(word) is not None


@lru_cache(maxsize=65536)
def _may_be_a_term(word: str) -> bool:
    return _TERM_WORD.fullmatch(word) is not None


def without_names(text: str) -> str:
    """Return a text without the items of its lists that are names of findings."""
    return " ".join(item for item in _ITEM.split(text) if not _is_name(item))


def _is_report(sentence: str) -> bool:
    """Whether one sentence speaks of a radiograph's content, beyond naming findings."""
    if _speaks_alone(sentence):
        return True
    if not names_radiographs(sentence):
        return False
    rest = without_names(sentence)
    words = len(rest.split())
    if words > LONGEST or not names_radiographs(rest):
        return False
    weak = len({found.lower() for found in _WEAKLY.findall(rest)})
    return bool(_STRONGLY.search(rest)) or weak >= 2 or (weak == 1 and words <= SHORT)


def _is_name(item: str) -> bool:
    return re.sub(r"[\s_]+", " ", item.strip(" .").lower()) in _NAMED
