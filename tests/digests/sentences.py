"""Reads the fixed sentences of a digest and counts again what they say, from the filings themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from consult.core.web.template_filters import format_percent

VERBS = {
    "asks? to keep it": "support",
    "asks? to change it": "wording",
    "asks? to delete it": "drop",
    "brings? information": "evidence",
    "raises? (?:a concern|concerns)": "concern",
}
NAMES = {
    "Keep": "support", "Change": "wording", "Delete": "drop", "Information": "evidence", "Raises a concern": "concern",
}  # fmt: skip
Counted = Callable[[str, str | None, bool], int]
"""How many submissions there are on a paragraph (by its number), of a kind or of any, of the new ones or of all."""


@dataclass(frozen=True)
class SentenceReader:
    """A second count of published submissions, with which sentences are compared."""

    at: Counted
    published: int
    spoken: int
    letter: int

    def read(self, said: Iterable[str]) -> list[str]:
        """The sentences that were understood. Fails where one says what was not counted."""
        return [one for one in said if any(check(self, one) for check in _CHECKS)]


def _number(shown: str) -> int:
    return int(shown.replace(",", ""))


def _kind(verb: str) -> str:
    return next(kind for pattern, kind in VERBS.items() if re.fullmatch(pattern, verb))


_VERB = "|".join(VERBS)


def _headline(recount: SentenceReader, said: str) -> bool:
    """`7 of 9 new submissions on paragraph 2.1 raise concerns`."""
    found = re.match(rf"([\d,]+) of ([\d,]+) (new )?submissions? on paragraph ([\d.]*\d) ({_VERB})(?: \(|\W|$)", said)
    if not found:
        return False
    n, of, new, place, verb = found.groups()
    there, take = recount.at(place, None, bool(new)), recount.at(place, _kind(verb), bool(new))
    assert (_number(n), _number(of)) == (take, there), said
    assert 2 * take >= there, f"{said}: fewer than half"
    return True


def _divide(recount: SentenceReader, said: str) -> bool:
    found = re.match(rf"Views on paragraph ([\d.]*\d) are divided: ([\d,]+) ({_VERB}), ([\d,]+) ({_VERB})", said)
    if not found:
        return False
    place, n, one, m, two = found.groups()
    each = {kind: recount.at(place, kind, True) for kind in NAMES.values()}
    assert {_number(n), _number(m), each[_kind(one)], each[_kind(two)], max(each.values())} == {_number(n)}, said
    assert [*each.values()].count(_number(n)) == 2, f"{said}: others are level as well"
    return True


def _about(recount: SentenceReader, said: str) -> bool:
    found = re.match(r"([\d,]+) of ([\d,]+) new submissions are about paragraph ([\d.]*\d)", said)
    if found:
        assert _number(found[1]) == recount.at(found[3], None, True), said
    return bool(found)


def _covered(recount: SentenceReader, said: str) -> bool:
    found = re.fullmatch(
        r"([\d,]+) of ([\d,]+) published submissions \((.+)\) are about a paragraph or a question\.", said
    )
    if found:
        pair = _number(found[1]), _number(found[2])
        assert pair == (recount.spoken, recount.published), said
        assert found[3] == format_percent(*pair), said
    rest = re.fullmatch(
        r"([\d,]+) (?:is|are) not about a paragraph or question and (?:is|are) (not )?(?:a copy|copies) "
        r"of a campaign letter\.",
        said,
    )
    if rest:
        others = recount.published - recount.spoken - recount.letter
        assert _number(rest[1]) == (others if rest[2] else recount.letter), said
    return bool(found or rest)


def _agreed(recount: SentenceReader, said: str) -> bool:
    """A line of "Points of wide agreement": `Paragraph 2.1 · Concern: 15 of 20 submissions`."""
    found = re.match(rf"Paragraph ([\d.]*\d) · ({'|'.join(NAMES)}): ([\d,]+) of ([\d,]+) submissions", said)
    if not found:
        return False
    place, name, n, of = found.groups()
    each = {kind: recount.at(place, kind, False) for kind in NAMES.values()}
    assert (_number(n), _number(of)) == (each[NAMES[name]], recount.at(place, None, False)), said
    assert 100 * _number(n) >= 60 * _number(of), said
    assert [*each.values()].count(max(each.values())) == 1, f"{said}: another kind is level"
    assert each[NAMES[name]] == max(each.values()), said
    return True


_CHECKS = (_headline, _divide, _about, _covered, _agreed)
