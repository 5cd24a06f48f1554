"""Subsets of a table's images, from the columns that describe them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gazebench.errors import DataError, UsageError
from gazebench.leaderboard.pool import ALL
from gazebench.leaderboard.table_file import TableFile
from gazebench.spec.expressions import Expression, compile_expression
from gazebench.spec.suggest import suggest
from gazebench.spec.values import AttributeValue

NAME = re.compile(r"[\w][\w .-]*")
MAJORITY = "_majority"
OPPOSITES = {"abnormal": "normal"}  # protocol section 7 names both

Attributes = Mapping[str, Mapping[str, AttributeValue]]


def table_subsets(
    file: TableFile, images: Sequence[str], extra: Sequence[str], wanted: Sequence[str]
) -> dict[str, frozenset[str]]:
    """Return the images of every subset: those asked for, or all that the table offers.

    A 0/1 column `X_majority` offers the subset `X` (and `abnormal_majority` also `normal`).
    `wanted` holds names on offer and `NAME=EXPRESSION`, over the columns of `extra`.

    Raises:
        UsageError: a name that is not on offer, or an expression that cannot be judged.
        DataError: a column that an expression uses differs between rows of one image.
    """
    offered = _offered(file, images, extra)
    if not wanted:
        return offered
    chosen: dict[str, frozenset[str]] = {}
    for text in wanted:
        name, expression = named_expression(text)
        if name in chosen or name == ALL:
            raise UsageError(f"the subset {name!r} is asked for twice", do="give it another name")
        if expression is not None:
            chosen[name] = _members(file, images, extra, expression)
        elif name in offered:
            chosen[name] = offered[name]
        else:
            raise _unknown(text, offered)
    return chosen


def named_expression(text: str) -> tuple[str, Expression | None]:
    """Split NAME=EXPRESSION; a bare name has no expression.

    >>> named_expression("abnormal")
    ('abnormal', None)
    >>> named_expression('frontal=view in ["AP", "PA"]')[0]
    'frontal'

    Raises:
        UsageError: an expression without a name, or that does not compile.
    """
    name, separator, expression = text.partition("=")
    if not separator or ":" in name:  # `abnormal:threshold=2` is a plugin with a parameter
        return text.strip(), None
    if expression.startswith("=") or not NAME.fullmatch(name.strip()):
        raise UsageError(
            f"the subset {text!r} has no name", do="write NAME=EXPRESSION, such as ap=view == 'AP'"
        )
    return name.strip(), compile_expression(expression)


def _offered(
    file: TableFile, images: Sequence[str], extra: Sequence[str]
) -> dict[str, frozenset[str]]:
    offered: dict[str, frozenset[str]] = {}
    everything = frozenset(images)
    for column in extra:
        name = column.removesuffix(MAJORITY)
        if name in (column, "") or not set(file.texts(column)) <= {"0", "1"}:
            continue
        pairs = set(zip(images, file.texts(column), strict=True))
        if len(pairs) > len(everything):
            continue  # it differs within an image, so it describes something else
        values = _per_image(file, images, column)
        offered[name] = frozenset(image for image, value in values.items() if value == 1)
        if name in OPPOSITES:
            offered[OPPOSITES[name]] = everything - offered[name]
    return offered


def _members(
    file: TableFile, images: Sequence[str], extra: Sequence[str], expression: Expression
) -> frozenset[str]:
    columns = {name: _per_image(file, images, name) for name in expression.names if name in extra}
    known = {name: None for name in extra if name not in columns}
    members = set()
    for image in dict.fromkeys(images):
        values = {name: column[image] for name, column in columns.items() if image in column}
        # An image with an empty cell cannot be judged, so it is in neither part.
        if len(values) == len(columns) and expression.evaluate({**known, **values}):
            members.add(image)
    return frozenset(members)


def _per_image(file: TableFile, images: Sequence[str], column: str) -> dict[str, AttributeValue]:
    """Return the value of every image that has one."""
    texts, first = file.texts(column), dict[str, str]()
    for row, (image, text) in enumerate(zip(images, texts, strict=True)):
        if first.setdefault(image, text) != text:
            raise DataError(
                f"{file.where(row)}: {column} is {text!r}, but {first[image]!r} in another row of "
                f"image {image}; it does not describe the image",
                do="choose images by columns that are the same in all their rows",
            )
    read = _reader(set(first.values()))
    return {image: read(text) for image, text in first.items() if text}


def _reader(texts: set[str]) -> type[int] | type[float] | type[str]:
    """Return how to read a column: as whole numbers, as numbers, or as texts."""
    for read in (int, float):
        try:
            for text in texts - {""}:
                read(text)
        except ValueError:
            continue
        return read
    return str


def _unknown(text: str, offered: Mapping[str, frozenset[str]]) -> UsageError:
    hint = suggest(text, offered)
    return UsageError(
        f"no subset is called {text!r}" + (f"; {hint}" if hint else ""),
        do=f"the table offers {', '.join(offered) or 'none'}; or write NAME=EXPRESSION over its "
        "other columns",
    )
