"""Phrases for the first screen of "What we heard": replies, copies, and what the figure shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from consult.analysis.queries import ANY_STANCE
from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_day, format_number
from consult.digests.content.rows import ArgumentRow, CountedPlace, GroupDifference
from consult.digests.render import claims
from consult.digests.results.overview import Overview
from consult.digests.slots import PlaceReply

ENOUGH = 20
"""Submissions of each group from which shares are drawn; of fewer they are said in a sentence."""


@dataclass(frozen=True)
class CountedSentence:
    """A number, and the words that stand after it."""

    n: int
    text: str


def reply(found: PlaceReply | None) -> str:
    """How the checked arguments on a place are answered; empty where none is checked."""
    if found is None:
        return ""
    if not found.waiting:
        return ngettext("%(num)s argument answered", "%(num)s arguments answered", found.answered)
    if not found.answered:
        said = _("No reply yet")
    else:
        whole = found.answered + found.waiting
        said = _("%(n)s of %(of)s answered", n=format_number(found.answered), of=format_number(whole))
    return _(", ").join([said, _("due %(day)s", day=format_day(found.due))]) if found.due else said


def replies(found: Mapping[str, PlaceReply]) -> CountedSentence | None:
    """How many arguments a person has checked, and how many of them are answered; None where there are none."""
    answered, waiting = (sum(getattr(one, name) for one in found.values()) for name in ("answered", "waiting"))
    if not answered + waiting:
        return None
    said = ngettext("argument checked by a person", "arguments checked by a person", answered + waiting)
    parts = [said, ngettext("%(num)s answered", "%(num)s answered", answered)]
    due = min((one.due for one in found.values() if one.due), default=None)
    if due:
        parts.append(_("next answer due %(day)s", day=format_day(due)))
    return CountedSentence(answered + waiting, _(", ").join(parts))


def makes_it(one: ArgumentRow) -> str:
    """How many make the argument that is the title."""
    return ngettext("%(num)s submitter says so.", "%(num)s submitters say so.", one.voices)


def copies_at(place: CountedPlace) -> str:
    """How many of the submissions on a place are of a letter; empty where none is, and where that is not known."""
    n = (place.copied or {}).get(ANY_STANCE, 0)
    return claims.of_a_letter_at_a_place(n, place.submissions)


def supported(found: Overview) -> str:
    """On how many paragraphs more support than concern was sent."""
    return claims.more_support_than_concern(found.supported, found.paragraphs)


def line_title(found: Overview, places: Mapping[str, CountedPlace]) -> str:
    """What the figure shows, for those who do not see it."""
    said = _("Published submissions on each part of the draft, in its order: support above, concern below.")
    return " ".join([said, *(f"{rows[0]}{_(': ')}{'; '.join(rows[1:])}." for rows in found.labels)])


def few_to_compare(one: GroupDifference) -> bool:
    """Whether its groups are so small that their shares are told and not drawn."""
    return min(row.of for row in one.rows) < ENOUGH


def most_apart(one: GroupDifference, name: Callable[[str], str]) -> str:
    """The two kinds that are furthest apart on a place, in a sentence."""
    first, last = one.rows[0], one.rows[-1]
    return _(
        "Support by kind of contributor: %(one)s %(share)s, %(other)s %(less)s",
        one=name(first.kind),
        share=_share(first.n, first.of),
        other=name(last.kind),
        less=_share(last.n, last.of),
    )


def _share(n: int | None, of: int) -> str:
    return _("%(n)s of %(of)s", n=format_number(n or 0), of=format_number(of))
