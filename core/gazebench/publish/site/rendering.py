"""Templates to pages: everything escaped, the same bytes every time."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from gazebench.publish.site import figures

ASSETS = ("site.css", "site.js", "icon.svg")
PACKAGE = "gazebench.publish.site"
# Nothing of another place, and nothing within a page that runs. 'self' covers files on a disk.
POLICY = "default-src 'self'; base-uri 'none'; form-action 'none'"
# End tags that HTML lets one leave out where the templates have them, and quotes around values
# that need none. Texts are escaped, so that a quotation mark is always the template's.
ENDS = re.compile(r"</(?:td|th|tr|thead|tbody|li|dt|dd|option)>")
QUOTES = re.compile(r'(?<= )([a-z-]+)="([\w#./:~-]+)"(?=[ >])')


def page(template: str, **view: Any) -> bytes:
    """Fill in a template."""
    return compact(_environment().get_template(template).render(**view)).encode()


def compact(text: str) -> str:
    """Leave out of a page what means nothing: a third of it, in large tables.

    >>> compact('<tr><td class="a">1</td>\\n  <td title="a b">2</td></tr>')
    '<tr><td class=a>1<td title="a b">2\\n'
    """
    lines = (line.strip(" \t") for line in text.split("\n"))
    joined = "\n".join(line for line in lines if line) + "\n"
    return QUOTES.sub(r"\1=\2", ENDS.sub("", joined)).replace("\n<td", "<td")


def breakable(name: str) -> Markup:
    """Let a line end after each slash of a name.

    >>> breakable("sononet/<b>")
    Markup('sononet/<wbr>&lt;b&gt;')
    """
    return escape(name).replace("/", Markup("/<wbr>"))


def asset(name: str) -> bytes:
    """Return the content of a file that goes into the folder as it is."""
    return resources.files(PACKAGE).joinpath("assets", name).read_bytes()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(PACKAGE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(
        policy=POLICY,
        number=figures.number,
        signed=figures.signed,
        interval=figures.interval,
        percent=figures.percent,
        p_value=figures.p_value,
        amount=figures.amount,
        breakable=breakable,
    )
    return environment
