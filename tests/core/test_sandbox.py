"""A file that breaks, hangs or bursts the parser costs one sentence."""

from __future__ import annotations

import pytest

from consult.core import sandbox
from tests.core.parsers import around, burst, crash, fall, grow, rest, spin, upper


def test_a_child_answers_in_bytes_and_nothing_it_prints_is_in_them() -> None:
    assert sandbox.run(upper, b"abc", "!") == b"ABC!"


def test_a_child_has_neither_our_environment_nor_our_packages() -> None:
    assert sandbox.run(around, b"").split()[2] == b"False"
    assert int(sandbox.run(around, b"").split()[1]) < 5


@pytest.mark.parametrize(
    ("parser", "refusal", "seconds"),
    [
        (grow, sandbox.ParserOutOfMemory, 60),
        (burst, sandbox.ParserOutOfMemory, 60),
        (spin, sandbox.ParserOutOfTime, 1),
        (rest, sandbox.ParserOutOfTime, 1),
        (fall, sandbox.ParserFailed, 60),
        (crash, sandbox.ParserFailed, 60),
    ],
)
def test_what_a_file_does_to_its_parser_is_told_in_a_sentence(
    parser: object, refusal: type[Exception], seconds: int
) -> None:
    with pytest.raises(refusal) as raised:
        sandbox.run(parser, b"x" * 100, memory=256, seconds=seconds)  # type: ignore[arg-type]
    assert "file" in str(raised.value)
