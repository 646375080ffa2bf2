"""Phrases for arguments and answers."""

from __future__ import annotations

from dataclasses import dataclass

from consult.core.i18n import N_, _, ngettext
from consult.core.text import excerpt
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import AnsweredRow, ArgumentRow, CountedPlace, NamedPlace, Quote
from consult.digests.figures.summary import ArgumentMethod, Summary
from consult.digests.render import claims
from consult.digests.render.phrases import STANCE_NAMES, bidi_isolate, in_quotation_marks, place_heading
from consult.digests.sides import phrases as side_phrases

_OUTCOMES = {
    "accepted": N_("Accepted"),
    "in_part": N_("Accepted in part"),
    "not_accepted": N_("Not accepted"),
    "out_of_scope": N_("Out of scope"),
    "deferred": N_("Deferred"),
}


def argument_name(one: ArgumentRow) -> str:
    """Return the name of an argument, or else the first words of its quote, marked as a suggestion."""
    if one.named:
        return one.label
    return _suggested(claims.one_of_so_many_wrote(one.voices, _first_words(one)) or _("No label yet"))


def _suggested(said: str) -> str:
    """Return the text marked as an unchecked suggestion."""
    return _("%(words)s (suggested, not checked)", words=said)


def _first_words(one: ArgumentRow) -> str:
    """Return the first words of an argument's quote, or an empty string if it is gone."""
    return "" if one.quote.gone else in_quotation_marks(excerpt(one.quote.words or "", 80))


@dataclass(frozen=True)
class ArgumentLine:
    """An argument as one line: place, text and ID."""

    place: NamedPlace | None
    text: str
    argument: int


def points(body: Body, most: int) -> list[ArgumentLine]:
    """Return the largest arguments for and against on divided parts of the draft, or else the largest arguments."""
    points = [one for place in body.divided[:most] for one in place.arguments]
    places = {place.key: place for place in body.places}
    return [_point(one, places.get(one.place)) for one in points or body.arguments[:most]]


def _point(one: ArgumentRow, place: NamedPlace | None) -> ArgumentLine:
    return ArgumentLine(place, _(", ").join([str(STANCE_NAMES[one.stance]), made_by(one)]), one.id)


def because(body: Body | Summary) -> list[ArgumentLine]:
    """Return the leading arguments behind the headline, one line each."""
    places = {place.key: place for place in body.places}
    return [_point(one, places.get(one.place)) for one in body.leading]


def answered(body: Body) -> list[ArgumentLine]:
    """Return the answers of the window, one line per argument.

    One without a name is identified by its part of the draft.
    """
    rows = body.answered.arguments if body.answered else ()
    return [ArgumentLine(row.place, _answer(row), row.id) for row in rows]


def _answer(one: AnsweredRow) -> str:
    name, outcome = one.name, str(_OUTCOMES[one.outcome])
    if name:
        return f"{bidi_isolate(name)}{_(': ')}{outcome}"
    return _("%(outcome)s (suggested argument, not checked)", outcome=outcome) if one.suggested else outcome


def method(data: Summary) -> list[str]:
    """Return the sentence on objections of authors, if there are any."""
    return [_objections(data.method)] if data.method and data.method.objected else []


def _objections(said: ArgumentMethod) -> str:
    return ngettext(
        "The author of %(num)s excerpt said that the excerpt is in the wrong argument. Moved or removed: "
        "%(moved)s. Kept, with a reason: %(left)s. Not decided: %(open)s.",
        "The authors of %(num)s excerpts said that the excerpts are in the wrong argument. Moved or removed: "
        "%(moved)s. Kept, with a reason: %(left)s. Not decided: %(open)s.",
        said.objected,
        moved=format_number(said.moved),
        left=format_number(said.left),
        open=format_number(said.objected - said.moved - said.left),
    )


def placed(one: ArgumentLine) -> str:
    """Return the line preceded by its part of the draft."""
    return f"{place_heading(one.place)} · {one.text}" if one.place else one.text


def answered_title(body: Body) -> str:
    return _("Answered since the last digest") if body.since else _("Answered so far")


def points_title(body: Body) -> str:
    return _("Points of disagreement") if body.divided else _("Requests and reasons")


def voices(one: ArgumentRow) -> str:
    """Return the position, the number of submissions, and of copies among them. Older bodies count authors."""
    if one.copies is None:
        return ngettext("%(num)s author", "%(num)s authors", one.voices)
    all_ = ngettext("%(n)s submission", "%(n)s submissions", one.voices, n=format_number(one.voices))
    all_ = f"{side_phrases.SIDE_NAMES[one.side]} · {all_}" if one.side else all_
    if not one.copies:
        return all_
    if every := claims.all_are_copies(one.copies, one.voices):
        return _(", ").join([all_, every])
    copies = ngettext(
        "%(n)s of them a copy of a campaign letter",
        "%(n)s of them copies of campaign letters",
        one.copies,
        n=format_number(one.copies),
    )
    return _(", ").join([all_, copies])


def say_requests(body: Body | Summary) -> str:
    """Return how many published submissions are in a checked argument, and how many are in none."""
    coverage = body.coverage
    if not coverage or coverage.checked is None or not body.arguments:
        return ""
    return claims.in_checked_arguments(coverage.checked, coverage.published)


def shown_quotes(row: ArgumentRow) -> list[Quote]:
    """Return the quotes of an argument: its request, unless that is its name, then its reasons and evidence."""
    request = [] if row.named and row.quote.words == row.label else [row.quote]
    return [*request, *row.reasons]


def more_reasons(row: ArgumentRow) -> str:
    """Return the link text to further reasons, or an empty string."""
    return _("All reasons") if row.more_reasons else ""


def made_by(one: ArgumentRow) -> str:
    """Return the number of submissions and the argument: its name, or in older bodies the words of one author."""
    if one.named and one.copies is not None:
        return f"{voices(one)}{_(': ')}{bidi_isolate(one.label)}"
    if one.named:
        return claims.argument_made(one.voices, bidi_isolate(one.label))
    return _suggested(claims.one_of_them_wrote(one.voices, _first_words(one)) or voices(one))


def largest(one: ArgumentRow, place: CountedPlace) -> str:
    """Return the largest argument on the part of the draft, with the number of submissions there."""
    return claims.largest_argument(one.voices, place.submissions, made_by(one))
