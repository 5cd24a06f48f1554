"""What must never be published, and places in a run's folder to hide it."""

from __future__ import annotations

import base64
import io
import pickle
import random
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

# As radiologists write, made up.
SENTENCES = (
    "The heart is mildly enlarged.",
    "There is a small left pleural effusion with adjacent atelectasis.",
    "No pneumothorax.",
    "The lungs are clear.",
    "Lungs are hyperinflated, consistent with COPD.",
    "The cardiomediastinal silhouette is within normal limits.",
    "Bibasilar atelectasis, left greater than right.",
    "PA and lateral views of the chest show no acute process.",
    "Interval placement of a right internal jugular catheter with its tip in the SVC.",
    "No acute cardiopulmonary process.",
    "No focal consolidation, pleural effusion or pneumothorax is seen.",
    "Heart size is normal.",
    "Streaky opacities at the lung bases likely reflect atelectasis.",
    "Status post median sternotomy and CABG with intact wires.",
    "The endotracheal tube ends 4 cm above the carina.",
    "Mild pulmonary vascular congestion without overt edema.",
    "Right upper lobe nodule, follow-up CT is recommended.",
    "The osseous structures are intact.",
    "Enlarged heart with bilateral effusions.",
    "Low lung volumes accentuate the bronchovascular markings.",
    "Compared to the prior study the edema has improved.",
    "Left PICC in place.",
    "Moderate cardiomegaly, unchanged.",
    "Degenerative changes of the thoracic spine.",
    "IMPRESSION: Pneumonia in the left lower lobe.",
    "Calcified granuloma in the right apex.",
    "No displaced rib fracture is identified.",
    "Subsegmental atelectasis in the lingula.",
    "Nasogastric tube courses below the diaphragm.",
    "Patchy airspace opacity concerning for aspiration.",
    "The aorta is tortuous and calcified.",
    "Blunting of the right costophrenic angle may represent a small effusion.",
    "Dual lead pacemaker with leads in the right atrium and right ventricle.",
    "Interstitial markings are prominent throughout both lungs.",
    "There has been interval increase in the large right pneumothorax.",
    "Hilar contours are unremarkable.",
    "Opacity in the retrocardiac region could be pneumonia.",
    "normal heart . clear lungs , no effusion / pneumothorax .",
    "pulmonary edema . support devices .",
    "enlarged cardiac silhouette . pleural abnormality . atelectasis .",
)


def packed(rng: random.Random) -> dict[str, bytes]:
    """Return the same pixels in formats that hold images and arrays."""
    pixels = np.frombuffer(rng.randbytes(16 * 12), np.uint8).reshape(16, 12)
    npy, npz, png, jpeg = io.BytesIO(), io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.save(npy, pixels.astype(np.float32))
    np.savez(npz, map=pixels)
    Image.fromarray(pixels).save(png, "PNG")
    Image.fromarray(pixels).save(jpeg, "JPEG")
    return {
        "DICOM": dicom(pixels),
        "PNG": png.getvalue(),
        "JPEG": jpeg.getvalue(),
        "npy": npy.getvalue(),
        "npz": npz.getvalue(),
        "pickle": pickle.dumps(pixels),
        "gzip": b"\x1f\x8b\x08\x00" + zlib.compress(pixels.tobytes()),
    }


def dicom(pixels: np.ndarray[Any, Any]) -> bytes:
    """Return pixels as a DICOM file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["made up"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    made.PatientID = "10000032"
    made.Rows, made.Columns = pixels.shape
    made.BitsAllocated = made.BitsStored = 8
    made.HighBit, made.SamplesPerPixel, made.PixelRepresentation = 7, 1, 0
    made.PhotometricInterpretation = "MONOCHROME2"
    made.PixelData = pixels.tobytes()
    file = io.BytesIO()
    pydicom.dcmwrite(file, made, enforce_file_format=True)
    return file.getvalue()


def ids(rng: random.Random) -> list[str]:
    """Return one identifier of every shape."""
    image = "-".join(f"{rng.getrandbits(32):08x}" for _ in range(5))
    subject, study = f"1{rng.randrange(10**7):07d}", f"5{rng.randrange(10**7):07d}"
    return [
        image,
        image.upper(),
        f"{image}.dcm",
        f"files/p{subject[:2]}/p{subject}/s{study}/{image}.jpg",
        subject,
        f"p{subject}",
        f"subject_id={subject}",
        study,
        f"s{study}",
        f"99{rng.randrange(10**6):06d}",
        f"P{rng.randrange(1000):03d}R{rng.randrange(10**6):06d}",
        f"{rng.randrange(10**8):08d}_{rng.randrange(1000):03d}.png",
        f"patient{rng.randrange(10**4, 10**5)}/study1",
        f"1.2.840.113619.2.{rng.randrange(1000)}.{rng.randrange(10**6)}",
        f"2.25.{rng.getrandbits(120) + 2**119}",
    ]


def texts(rng: random.Random) -> Iterator[str]:
    """Give everything that could be hidden in a text, each alone and within other words."""
    for content in packed(rng).values():
        yield base64.b64encode(content).decode()
        yield base64.urlsafe_b64encode(content).decode()
        yield f"data:image/png;base64,{base64.b64encode(content).decode()}"
        yield content.hex()
        yield content.decode("latin-1")
        yield repr(content)
    yield str([round(rng.random(), 4) for _ in range(64)])
    yield " ".join(str(rng.randrange(256)) for _ in range(64))
    for one in ids(rng):
        yield one
        yield f"the map of {one} was not finite"
    for sentence in SENTENCES:
        yield sentence
        yield f"first: {sentence}"
        yield sentence.upper()


def leaves(value: Any, put: Callable[[Any], None]) -> Iterator[Callable[[str], None]]:
    """Give, for every text and key of JSON values, what replaces it by another text."""
    if isinstance(value, dict):
        for key in list(value):
            yield lambda text, key=key: value.__setitem__(text, value.pop(key))
            yield from leaves(value[key], lambda new, key=key: value.__setitem__(key, new))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves(item, lambda new, place=place: value.__setitem__(place, new))
        yield value.append
    else:
        yield put
