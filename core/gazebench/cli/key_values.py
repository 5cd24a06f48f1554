"""Options of the form KEY=VALUE."""

from __future__ import annotations

from gazebench.errors import UsageError


def dataset_options(texts: list[str] | None) -> dict[str, str]:
    """Read what --dataset-option was given.

    >>> dataset_options(["phases=1,2", "images="])
    {'phases': '1,2', 'images': ''}

    Raises:
        UsageError: a text without a key or an equals sign.
    """
    options = {}
    for text in texts or ():
        key, separator, value = text.partition("=")
        if not separator or not key:
            raise UsageError(
                f"--dataset-option takes KEY=VALUE, found {text!r}",
                do="for example --dataset-option phases=1,2,3",
            )
        options[key] = value
    return options
