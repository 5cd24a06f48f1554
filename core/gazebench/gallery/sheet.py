"""One case on one picture, for slides: film, gaze and every map, each with its name."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gazebench.gallery.paint import RGB
from gazebench.gallery.views import CaseView, Shown

TILE = 320  # pixels of a tile's longer side
ACROSS = 4
LABEL, GAP = 34, 10
PAPER, INK, FAINT = (255, 255, 255), (30, 34, 38), (110, 118, 126)
LONGEST = 44  # characters of a name


def contact_sheet(view: CaseView) -> RGB:
    """Return all pictures of a case as tiles, [h, w, 3]."""
    tiles = [view.film, *view.gaze, *(r.density for r in view.readings), *view.entries]
    height, width = _tile_size(view)
    rows = -(-len(tiles) // ACROSS)
    size = (ACROSS * (width + GAP) + GAP, rows * (height + LABEL + GAP) + GAP)
    sheet = Image.new("RGB", size, PAPER)
    for place, tile in enumerate(tiles):
        down, across = divmod(place, ACROSS)
        corner = GAP + across * (width + GAP), GAP + down * (height + LABEL + GAP)
        _paste(sheet, tile, corner, (height, width))
    return np.asarray(sheet)


def _tile_size(view: CaseView) -> tuple[int, int]:
    shown = view.canvas.shown
    scale = TILE / max(shown)
    return max(round(shown.height * scale), 1), max(round(shown.width * scale), 1)


def _paste(sheet: Image.Image, tile: Shown, corner: tuple[int, int], size: tuple[int, int]) -> None:
    left, top = corner
    height, width = size
    draw = ImageDraw.Draw(sheet)
    if tile.picture is None:
        draw.rectangle((left, top, left + width, top + height), outline=FAINT)
        draw.text((left + 8, top + 8), "no map", fill=FAINT, font=ImageFont.load_default())
    else:
        picture = Image.fromarray(tile.picture).resize((width, height), Image.Resampling.LANCZOS)
        sheet.paste(picture, corner)
    font = ImageFont.load_default(size=13)
    draw.text((left, top + height + 4), _clipped(tile.title), fill=INK, font=font)
    if tile.mean:
        draw.text((left, top + height + 18), f"mean {tile.mean}", fill=FAINT, font=font)


def _clipped(text: str) -> str:
    plain = text.encode("ascii", "replace").decode()
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 3]}..."
