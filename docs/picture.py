"""Draw docs/picture.png: a phantom film, where its readers looked, and where two networks look.

    python docs/picture.py

Everything on it is made up by the generator: the film, the finding and the readers.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from gazebench.attribution.attribute import attribute
from gazebench.attribution.explain import Explainer
from gazebench.attribution.mixing import mix, parse_mixing
from gazebench.attribution.prepare import network_input
from gazebench.attribution.project import to_image
from gazebench.gaze.density import fixation_density
from gazebench.registry.host import Host
from gazebench.spec import Case, OpenDataset
from gazebench.spec.findings import agreed_findings

FINDINGS = {"Pleural effusion", "Pulmonary edema"}  # two places to look at
WIDTH, GAP, CAPTION = 290, 6, 30
RAMP = np.array([[20, 0, 60], [170, 20, 90], [250, 120, 30], [255, 240, 150]], np.float64)


def main() -> None:
    """Write the picture beside this file."""
    host = Host()
    dataset: OpenDataset = host.get("dataset", "phantom").call(None)
    complete = [case for case in dataset.cases() if case.is_complete]
    case = next(case for case in complete if set(agreed_findings(case)) >= FINDINGS)
    film = dataset.image(case)
    panels = [
        ("the film (a phantom)", None),
        ("its five simulated readers", gaze(dataset, case)),
        ("SonoNet, Grad-CAM", saliency(host, "sononet", film, case)),
        ("AG-SonoNet, Grad-CAM", saliency(host, "ag_sononet", film, case)),
    ]
    drawn = [captioned(title, overlaid(film, heat)) for title, heat in panels]
    sheet = Image.new("RGB", (len(drawn) * (WIDTH + GAP) - GAP, drawn[0].height), "white")
    for index, panel in enumerate(drawn):
        sheet.paste(panel, (index * (WIDTH + GAP), 0))
    sheet.save(Path(__file__).with_name("picture.png"), optimize=True)


def gaze(dataset: OpenDataset, case: Case) -> NDArray[np.float64]:
    """Return the mean fixation density of a case."""
    stack = [fixation_density(dataset.fixations(case, r), case.size) for r in case.readings]
    return np.mean(stack, axis=0)


def saliency(host: Host, name: str, film: NDArray[np.uint8], case: Case) -> NDArray[np.float32]:
    """Return a network's Grad-CAM map, class maps weighted by probability."""
    loaded = host.get("model", name).call(seed=0)
    explainer = Explainer(loaded)
    inputs = network_input(film, loaded.preprocessing)[None]
    found = attribute(host.get("method", "gradcam"), explainer, inputs)
    logits = explainer.logits(inputs)
    mixed: torch.Tensor = mix(found.maps, logits, parse_mixing("weighted"), loaded.class_names)
    return to_image(mixed[0].numpy(), loaded.preprocessing.geometry.place(case.size), case.size)


def overlaid(film: NDArray[np.uint8], heat: NDArray[np.floating] | None) -> Image.Image:
    """Lay a map over a film, stronger where it is higher."""
    grey = np.repeat(film[..., None].astype(np.float64), 3, axis=2)
    if heat is not None:
        share = np.clip((heat - heat.min()) / (np.ptp(heat) or 1), 0, 1)
        place = share * (len(RAMP) - 1)
        low = np.minimum(place.astype(int), len(RAMP) - 2)
        colour = RAMP[low] + (place - low)[..., None] * (RAMP[low + 1] - RAMP[low])
        grey += (0.75 * share**0.7)[..., None] * (colour - grey)
    picture = Image.fromarray(grey.astype(np.uint8))
    height = round(WIDTH * film.shape[0] / film.shape[1])
    return picture.resize((WIDTH, height), Image.Resampling.LANCZOS)


def captioned(title: str, panel: Image.Image) -> Image.Image:
    """Put a title under a panel."""
    sheet = Image.new("RGB", (panel.width, panel.height + CAPTION), "white")
    sheet.paste(panel, (0, 0))
    text = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(size=16)
    text.text((panel.width / 2, panel.height + CAPTION / 2), title, "black", font, anchor="mm")
    return sheet


if __name__ == "__main__":
    main()
