"""Phrases for the first screen of “What we heard”: answers, copies and chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from consult.analysis.queries import ANY_STANCE
from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_day, format_number
from consult.digests.content.rows import ArgumentRow, CountedPlace, GroupDifference
from consult.digests.content.slots import PlaceReply
from consult.digests.render import claims
from consult.digests.results.overview import Overview

ENOUGH = 20
"""The minimum number of submissions in each group for a chart of shares. Otherwise a sentence is used."""


@dataclass(frozen=True)
class CountedSentence:
    """A number and the words that follow it."""

    n: int
    text: str


def reply(found: PlaceReply | None) -> str:
    """Return how checked or answered arguments on a part of the draft are answered, or an empty string."""
    if found is None:
        return ""
    if not found.waiting:
        return ngettext("%(num)s argument answered", "%(num)s arguments answered", found.answered)
    if not found.answered:
        text = _("No answer yet")
    else:
        whole = found.answered + found.waiting
        text = _("%(n)s of %(of)s answered", n=format_number(found.answered), of=format_number(whole))
    return _(", ").join([text, _("due %(day)s", day=format_day(found.due))]) if found.due else text


def replies(found: Mapping[str, PlaceReply]) -> CountedSentence | None:
    """Return the number of checked or answered arguments, and how many are answered. None if there are none."""
    answered, waiting = (sum(getattr(one, name) for one in found.values()) for name in ("answered", "waiting"))
    if not answered + waiting:
        return None
    said = ngettext(
        "argument checked or answered by a person", "arguments checked or answered by a person", answered + waiting
    )
    parts = [said, ngettext("%(num)s answered", "%(num)s answered", answered)]
    due = min((one.due for one in found.values() if one.due), default=None)
    if due:
        parts.append(_("next answer due %(day)s", day=format_day(due)))
    return CountedSentence(answered + waiting, _(", ").join(parts))


def makes_it(one: ArgumentRow) -> str:
    """Return a sentence with the number of submissions, or in older data of authors, of an argument."""
    if one.copies is not None:
        return ngettext("%(num)s submission says so.", "%(num)s submissions say so.", one.voices)
    return ngettext("%(num)s author says so.", "%(num)s authors say so.", one.voices)


def copies_at(place: CountedPlace) -> str:
    """Return how many submissions on a part of the draft are copies of a letter, or an empty string."""
    n = (place.copied or {}).get(ANY_STANCE, 0)
    return claims.of_a_letter_at_a_place(n, place.submissions)


def supported(found: Overview) -> str:
    """Return how many paragraphs more submissions ask to keep than object to."""
    return claims.more_keep_than_object(found.supported, found.paragraphs)


def line_title(found: Overview, places: Mapping[str, CountedPlace]) -> str:
    """Return the text alternative of the chart."""
    text = _(
        "Published submissions on each part of the draft, in the order of the draft. Keep and information are "
        "above the line. Change, delete and concerns are below."
    )
    return " ".join([text, *(f"{rows[0]}{_(': ')}{'; '.join(rows[1:])}." for rows in found.labels)])


def few_to_compare(one: GroupDifference) -> bool:
    """Return True if the groups are too small for a chart of shares."""
    return min(row.of for row in one.rows) < ENOUGH


def most_apart(one: GroupDifference, name: Callable[[str], str]) -> str:
    """Return a sentence on the two kinds of contributors that differ most on a part of the draft."""
    first, last = one.rows[0], one.rows[-1]
    return _(
        "Share that asks to keep the text, by type of participant: %(one)s %(share)s, %(other)s %(less)s",
        one=name(first.kind),
        share=_share(first.n, first.of),
        other=name(last.kind),
        less=_share(last.n, last.of),
    )


def _share(n: int | None, of: int) -> str:
    return _("%(n)s of %(of)s", n=format_number(n or 0), of=format_number(of))
