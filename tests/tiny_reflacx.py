"""A hand-made REFLACX beside a hand-made MIMIC-CXR-JPG, a few pixels large, nothing of it real.

Four images: two of phase 1, one each of phases 2 and 3; sixteen readings, one of them discarded.
Subject 99000001 is in phases 1 and 3. Faults are made by editing the files afterwards.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

LABELS_1 = [
    "Airway wall thickening",
    "Atelectasis",
    "Consolidation",
    "Emphysema",
    "Enlarged cardiac silhouette",
    "Fibrosis",
    "Fracture",
    "Groundglass opacity",
    "Mass",
    "Nodule",
    "Other",
    "Pleural effusion",
    "Pleural thickening",
    "Pneumothorax",
    "Pulmonary edema",
    "Quality issue",
    "Support devices",
    "Wide mediastinum",
]
LABELS_2 = [
    "Abnormal mediastinal contour",
    "Acute fracture",
    "Atelectasis",
    "Consolidation",
    "Enlarged cardiac silhouette",
    "Enlarged hilum",
    "Groundglass opacity",
    "Hiatal hernia",
    "High lung volume / emphysema",
    "Interstitial lung disease",
    "Lung nodule or mass",
    "Other",
    "Pleural abnormality",
    "Pneumothorax",
    "Pulmonary edema",
    "Support devices",
]
LABELS = {1: LABELS_1, 2: LABELS_2, 3: LABELS_2}
CHEXPERT = [
    "Atelectasis",
    "Cardiomegaly",
    "Consolidation",
    "Edema",
    "Enlarged Cardiomediastinum",
    "Fracture",
    "Lung Lesion",
    "Lung Opacity",
    "No Finding",
    "Pleural Effusion",
    "Pleural Other",
    "Pneumonia",
    "Pneumothorax",
    "Support Devices",
]
FIXATION_COLUMNS = [
    "timestamp_start_fixation",
    "timestamp_end_fixation",
    "x_position",
    "y_position",
    "pupil_area_normalized",
    "angular_resolution_x_pixels_per_degree",
    "angular_resolution_y_pixels_per_degree",
    "window_width",
    "window_level",
    "xmin_shown_from_image",
    "ymin_shown_from_image",
    "xmax_shown_from_image",
    "ymax_shown_from_image",
    "xmin_in_screen_coordinates",
    "ymin_in_screen_coordinates",
    "xmax_in_screen_coordinates",
    "ymax_in_screen_coordinates",
]
METADATA_COLUMNS = [
    "id",
    "split",
    "eye_tracking_data_discarded",
    "image",
    "dicom_id",
    "subject_id",
    "image_size_x",
    "image_size_y",
]


@dataclass(frozen=True)
class TinyImage:
    """One film of the tiny dataset."""

    number: int
    phase: int
    code: str
    subject: int
    study: int
    width: int
    height: int
    split: str
    view: str

    @property
    def dicom_id(self) -> str:
        return "-".join(f"{self.number:08x}" for _ in range(5))

    @property
    def readings(self) -> list[str]:
        count = 1 if self.phase == 3 else 5
        return [f"P{self.phase}{self.code}R{self.number:03d}{k:03d}" for k in range(count)]

    @property
    def folder(self) -> str:
        return f"p{str(self.subject)[:2]}/p{self.subject}/s{self.study}"


IMAGES = (
    TinyImage(1, 1, "02", 99000001, 59000001, 40, 48, "train", "PA"),
    TinyImage(2, 1, "03", 99000002, 59000002, 48, 40, "test", "AP"),
    TinyImage(3, 2, "01", 99000003, 59000003, 32, 36, "validate", "AP"),
    TinyImage(4, 3, "00", 99000001, 59000004, 36, 44, "train", "PA"),
)
DISCARDED = IMAGES[1].readings[2]


def write_csv(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], end: str = "\r\n"
) -> None:
    """Write a table as REFLACX does: comma, header, CRLF; compressed when named .gz."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end)
    writer.writerow(columns)
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def write_reflacx(root: Path) -> Path:
    """Write main_data below `root`; return it."""
    main_data = root / "main_data"
    for phase in (1, 2, 3):
        images = [image for image in IMAGES if image.phase == phase]
        rows = [_metadata(image, k) for image in images for k in range(len(image.readings))]
        columns = [*METADATA_COLUMNS, *LABELS[phase]]
        write_csv(main_data / f"metadata_phase_{phase}.csv", columns, rows)
    for image in IMAGES:
        for k, reading in enumerate(image.readings):
            _write_reading(main_data / reading, image, k, is_discarded=reading == DISCARDED)
    return main_data


def write_mimic(root: Path, *, suffix: str = ".csv.gz") -> Path:
    """Write films and tables of MIMIC-CXR-JPG below `root`; return it.

    One more patient, 99000009, has a frontal film in the training split, a lateral one, and a film
    whose study has no labels.
    """
    for image in IMAGES:
        write_film(root / "files" / image.folder / f"{image.dicom_id}.jpg", image)
    others = [
        (_dicom_id(9), 99000009, 59000009, "train", "PA"),
        (_dicom_id(10), 99000009, 59000009, "train", "LATERAL"),
        (_dicom_id(11), 99000009, 59000011, "train", "AP"),
    ]
    known = [(i.dicom_id, i.subject, i.study, i.split, i.view) for i in IMAGES]
    sizes = {i.dicom_id: (i.height, i.width) for i in IMAGES}
    write_csv(
        root / f"mimic-cxr-2.0.0-metadata{suffix}",
        ["dicom_id", "subject_id", "study_id", "ViewPosition", "Rows", "Columns"],
        [(d, s, t, view, *sizes.get(d, (8, 8))) for d, s, t, _, view in known + others],
        end="\n",
    )
    write_csv(
        root / f"mimic-cxr-2.0.0-split{suffix}",
        ["dicom_id", "study_id", "subject_id", "split"],
        [(d, t, s, split) for d, s, t, split, _ in known + others],
        end="\n",
    )
    write_csv(
        root / f"mimic-cxr-2.0.0-chexpert{suffix}",
        ["subject_id", "study_id", *CHEXPERT],
        [
            (99000001, 59000001, "1.0", "0.0", "-1.0", *[""] * 11),
            (99000002, 59000002, *[""] * 8, "1.0", *[""] * 5),
            (99000003, 59000003, *[""] * 14),
            (99000001, 59000004, *[""] * 14),
            (99000009, 59000009, "", "1.0", *[""] * 11, "1.0"),
        ],
        end="\n",
    )
    film = root / "files/p99/p99000009/s59000009" / f"{_dicom_id(9)}.jpg"
    film.parent.mkdir(parents=True)
    Image.new("L", (8, 8), 99).save(film)
    return root


def write_film(path: Path, image: TinyImage, *, size: tuple[int, int] | None = None) -> None:
    """Write a grey film, a ramp from left to right; `size` is (width, height)."""
    width, height = size or (image.width, image.height)
    ramp = np.linspace(0, 255, width).astype(np.uint8)
    picture = Image.fromarray(np.tile(ramp, (height, 1)))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, quality=95)


def edit(path: Path, old: str, new: str) -> None:
    """Replace text that must be there, once."""
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())


def set_cell(path: Path, row: int, column: str, value: str) -> None:
    """Set one cell; the header is row 1."""
    with path.open(newline="") as file:
        records = list(csv.reader(file))
    records[row - 1][records[0].index(column)] = value
    write_csv(path, records[0], records[1:])


def add_column(path: Path, column: str, value: str) -> None:
    """Add a column at the end, the same value in every row."""
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    write_csv(path, [*header, column], [[*row, value] for row in rows])


def drop_column(path: Path, column: str) -> None:
    """Remove a column."""
    with path.open(newline="") as file:
        records = list(csv.reader(file))
    place = records[0].index(column)
    kept = [record[:place] + record[place + 1 :] for record in records]
    write_csv(path, kept[0], kept[1:])


def _metadata(image: TinyImage, k: int) -> list[object]:
    reading = image.readings[k]
    place = f"physionet.org/files/mimic-cxr/2.0.0/files/{image.folder}/{image.dicom_id}.dcm"
    found = findings(image, k)
    return [
        reading,
        image.split,
        reading == DISCARDED,
        place,
        image.dicom_id,
        image.subject,
        image.width,
        image.height,
        *(found.get(label, _absent(label)) for label in LABELS[image.phase]),
    ]


def findings(image: TinyImage, k: int) -> Mapping[str, object]:
    """What reader `k` found in an image, as the metadata writes it."""
    if image.number == 1 and k == 0:
        return {"Consolidation": 4, "Atelectasis": 4, "Support devices": True}
    if image.number == 1 and k == 1:
        return {"Nodule": 2, "Other": "scoliosis|azygos lobe"}
    if image.number == 3:
        return {"Pneumothorax": 5}
    return {}


def _absent(label: str) -> object:
    if label == "Other":
        return ""
    return False if label in ("Support devices", "Quality issue") else 0


def _write_reading(folder: Path, image: TinyImage, k: int, *, is_discarded: bool) -> None:
    width, height = image.width, image.height
    write_csv(folder / "chest_bounding_box.csv", ["xmin", "ymin", "xmax", "ymax"], [_box(image, k)])
    drawn = [label for label, value in findings(image, k).items() if type(value) is int]
    certainty = [value for value in findings(image, k).values() if type(value) is int]
    ellipses = [(-3, 5, width // 2, height + 2, certainty[0])] if drawn else []
    write_csv(
        folder / "anomaly_location_ellipses.csv",
        ["xmin", "ymin", "xmax", "ymax", "certainty", *LABELS[image.phase]],
        [[*e, *(label in drawn for label in LABELS[image.phase])] for e in ellipses],
    )
    if is_discarded:
        return
    write_csv(folder / "fixations.csv", FIXATION_COLUMNS, _fixations(width, height, k))
    words = ["lungs", "are", "clear", ".", "no", "effusion", ",", "really", "."]
    write_csv(
        folder / "timestamps_transcription.csv",
        ["word", "timestamp_start_word", "timestamp_end_word"],
        [(word, 0.5 * i, 0.5 * i + 0.25) for i, word in enumerate(words)],
    )
    text = "lungs are clear. no effusion, really."
    (folder / "transcription.txt").write_text(text, encoding="utf-8")


def _box(image: TinyImage, k: int) -> tuple[int, ...]:
    return (4 + k % 2, 6, image.width - 5, image.height + 2 if k == 0 else image.height - 6)


def _fixations(width: int, height: int, k: int) -> list[tuple[object, ...]]:
    screen = (660, 0, 3180, 2160)
    full = (0, 0, width, height)
    zoomed = (width // 4, height // 4, width // 2, height // 2)
    return [
        (0.5, 0.75, width // 2 + k, height // 3, 1.01, 5, 6, 0.99829, 0.5, *full, *screen),
        (0.8, 1.3, width // 3, height // 3, 0.98, 2, 2, 1.0, 0.5, *zoomed, *screen),
        (1.4, 1.5, -7, height // 2, 0.97, 5, 6, 1.0, 0.5, *full, *screen),
    ]


def _dicom_id(number: int) -> str:
    return "-".join(f"{number:08x}" for _ in range(5))
