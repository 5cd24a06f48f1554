"""Any text as Markdown that shows it and does nothing else."""

from __future__ import annotations

import html
import re

SPECIAL = re.compile(r"([\\|`*\[\]~$])")
LOOSE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # inside a word it marks nothing


def markdown_text(text: str) -> str:
    """Make a text mean itself, in a table cell too: no markup, no HTML, one line.

    >>> print(markdown_text("a|b <i>_x_</i> ag_net"))
    a\\|b &lt;i&gt;\\_x\\_&lt;/i&gt; ag_net
    """
    one_line = " ".join(text.split())
    escaped = SPECIAL.sub(r"\\\1", html.escape(one_line, quote=False))
    return LOOSE_UNDERSCORE.sub(r"\\_", escaped)
