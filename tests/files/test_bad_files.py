"""Each bad file is answered with a sentence, in bounded memory and time."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from consult.core.i18n import force_locale
from consult.files.inspection import clean_file
from consult.files.kinds import UnacceptableFile, detect_kind
from consult.files.reasons import REASONS
from tests.files.samples import BAD, many_frames

ROOT = Path(__file__).resolve().parents[2]


def childrens_cpu() -> float:
    """Seconds that the parsers have used so far; wall time says more of what else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def refusal(what: str) -> str:
    """The code with which this bad file is refused, by its first bytes or by the child."""
    name, make, _code = BAD[what]
    data = make()
    try:
        return clean_file(data, detect_kind(data, name)).refused
    except UnacceptableFile as refused:
        return refused.code


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_is_refused_for_its_reason_and_soon(what: str) -> None:
    before = childrens_cpu()
    assert refusal(what) == BAD[what][2]
    assert childrens_cpu() - before < 15


@pytest.mark.parametrize(
    "what",
    [
        "zip bomb that lies",
        "entity bomb",
        "PDF stream bomb",
        "PDF 200,000 deep",
        "pixel bomb",
        "bomb in a document in a document",
        "WebP of 41 megapixels",
    ],
)
def test_the_child_that_opens_a_bomb_stays_under_512_mb(what: str) -> None:
    code = (
        "import json, resource, sys; from tests.files.test_bad_files import refusal; found = refusal(sys.argv[1]); "
        "print(json.dumps([found, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024]))"
    )
    told = subprocess.run([sys.executable, "-c", code, what], cwd=ROOT, capture_output=True, text=True, check=True)
    code_found, megabytes = json.loads(told.stdout)
    assert code_found == BAD[what][2]
    assert megabytes < 512


def test_a_picture_of_twenty_thousand_frames_is_drawn_once_and_soon() -> None:
    before = childrens_cpu()
    found = clean_file(many_frames(), "gif")
    assert (found.refused, found.kind) == ("", "png")
    assert "animation" in found.removed
    assert childrens_cpu() - before < 15


def test_every_reason_is_a_sentence_that_says_what_to_do(app: object) -> None:
    for language in ("en", "ar"):
        with force_locale(language):
            for code, sentence in REASONS.items():
                assert str(sentence).endswith("."), code
                assert str(sentence).count(".") >= 2 or code == "kind", code
