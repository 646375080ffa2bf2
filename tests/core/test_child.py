"""A file that breaks, hangs or bursts the parser costs one sentence."""

from __future__ import annotations

import pytest

from consult.core import child

from .parsers import around, burst, crash, fall, grow, rest, spin, upper


def test_a_child_answers_in_bytes_and_nothing_it_prints_is_in_them() -> None:
    assert child.run(upper, b"abc", "!") == b"ABC!"


def test_a_child_has_neither_our_environment_nor_our_packages() -> None:
    assert child.run(around, b"").split()[2] == b"False"
    assert int(child.run(around, b"").split()[1]) < 5


@pytest.mark.parametrize(
    ("parser", "refusal"),
    [
        (grow, child.TooHeavy),
        (burst, child.TooHeavy),
        (spin, child.TooSlow),
        (rest, child.TooSlow),
        (fall, child.Broken),
        (crash, child.Broken),
    ],
)
def test_what_a_file_does_to_its_parser_is_told_in_a_sentence(parser: object, refusal: type[Exception]) -> None:
    with pytest.raises(refusal) as raised:
        child.run(parser, b"x" * 100, memory=256, seconds=1)  # type: ignore[arg-type]
    assert "file" in str(raised.value)
