"""Phrases for arguments and answers."""

from __future__ import annotations

from dataclasses import dataclass

from consult.core.i18n import N_, _, current_language, ngettext
from consult.core.text import excerpt
from consult.core.web.template_filters import format_number
from consult.digests.content.body import Body
from consult.digests.content.rows import AnsweredRow, ArgumentRow, CountedPlace, NamedPlace
from consult.digests.render import claims
from consult.digests.render.phrases import STANCE_NAMES, bidi_isolate, in_quotation_marks, place_heading
from consult.digests.results.summary import ArgumentMethod, CodingAgreement, Summary
from consult.taxonomy.model import pick_translation

_OUTCOMES = {
    "accepted": N_("Accepted"),
    "in_part": N_("Accepted in part"),
    "not_accepted": N_("Not accepted"),
    "out_of_scope": N_("Out of scope"),
    "deferred": N_("Deferred"),
}


def argument_name(one: ArgumentRow) -> str:
    """The name of an argument; until it has one, the first words of one who makes it, told as such."""
    if one.named:
        return one.label
    return _suggested(claims.one_of_so_many_wrote(one.voices, _first_words(one)) or _("No label yet"))


def _suggested(said: str) -> str:
    """What is said of an argument that no person has named, and that it is a suggestion."""
    return _("%(words)s (suggested, not checked)", words=said)


def _first_words(one: ArgumentRow) -> str:
    """The first words of the quote of an argument; empty where it is gone."""
    return "" if one.quote.gone else in_quotation_marks(excerpt(one.quote.words or "", 80))


@dataclass(frozen=True)
class ArgumentLine:
    """An argument in one line: where it stands, how many make it and what it is called; and its number."""

    place: NamedPlace | None
    text: str
    argument: int


def points(body: Body, most: int) -> list[ArgumentLine]:
    """Of the places where views divide the point that most make for it and against it; else what most argue."""
    found = [one for place in body.divided[:most] for one in place.arguments]
    places = {place.key: place for place in body.places}
    return [_point(one, places.get(one.place)) for one in found or body.arguments[:most]]


def _point(one: ArgumentRow, place: NamedPlace | None) -> ArgumentLine:
    return ArgumentLine(place, _(", ").join([str(STANCE_NAMES[one.stance]), made_by(one)]), one.id)


def because(body: Body | Summary) -> list[ArgumentLine]:
    """The leading arguments behind the finding, in a line each."""
    places = {place.key: place for place in body.places}
    return [_point(one, places.get(one.place)) for one in body.leading]


def answered(body: Body) -> list[ArgumentLine]:
    """Answers given in the window, a line for each argument; one without a name is identified by its place."""
    rows = body.answered.arguments if body.answered else ()
    return [ArgumentLine(one.place, _answer(one), one.id) for one in rows]


def _answer(one: AnsweredRow) -> str:
    name, outcome = one.name, str(_OUTCOMES[one.outcome])
    if name:
        return f"{bidi_isolate(name)}{_(': ')}{outcome}"
    return _("%(outcome)s: an argument that is suggested, not checked", outcome=outcome) if one.suggested else outcome


def method(data: Summary) -> list[str]:
    """What people did with arguments: how well two who label statements agree, and what authors objected to."""
    said = data.method
    if said is None:
        return []
    lines = [_agreement(one, said.enough) for one in said.agreements]
    return [*lines, _objections(said)] if said.objected else lines


def _objections(said: ArgumentMethod) -> str:
    return ngettext(
        "The author of %(num)s statement said that its argument is not their point: %(moved)s moved or taken out, "
        "%(left)s left for a reason that was told, %(open)s not decided.",
        "The authors of %(num)s statements said that their argument is not their point: %(moved)s moved or taken out, "
        "%(left)s left for a reason that was told, %(open)s not decided.",
        said.objected,
        moved=format_number(said.moved),
        left=format_number(said.left),
        open=format_number(said.objected - said.moved - said.left),
    )


def _agreement(one: CodingAgreement, enough: int) -> str:
    name = bidi_isolate(pick_translation(dict(one.labels), current_language()) if one.labels else _("stance"))
    if one.n < enough:
        return ngettext(
            "Two people labelled %(num)s statement apart for “%(name)s”: too few to say how well they agree.",
            "Two people labelled %(num)s statements apart for “%(name)s”: too few to say how well they agree.",
            one.n,
            name=name,
        )
    if one.kappa is None:
        return ngettext(
            "Two people gave %(num)s statement the same label for “%(name)s”: no agreement beyond chance can be told.",
            "Two people gave all %(num)s statements one label for “%(name)s”: no agreement beyond chance can be told.",
            one.n,
            name=name,
        )
    return ngettext(
        "Two people labelled %(num)s statement apart for “%(name)s”; kappa %(kappa)s (0: chance, 1: always agree).",
        "Two people labelled %(num)s statements apart for “%(name)s”; kappa %(kappa)s (0: chance, 1: always agree).",
        one.n,
        name=name,
        kappa=format_number(one.kappa / 100),
    )


def placed(one: ArgumentLine) -> str:
    """A line with the place it is about before it."""
    return f"{place_heading(one.place)} · {one.text}" if one.place else one.text


def answered_title(body: Body) -> str:
    return _("Answered since the last digest") if body.since else _("Answered so far")


def points_title(body: Body) -> str:
    return _("Where views divide") if body.divided else _("What is argued")


def voices(one: ArgumentRow) -> str:
    """How many make an argument: `12 submitters`."""
    return ngettext("%(num)s submitter", "%(num)s submitters", one.voices)


def made_by(one: ArgumentRow) -> str:
    """Who makes an argument, and what it says: by its name, or in the words of one of them."""
    if one.named:
        return claims.argument_made(one.voices, bidi_isolate(one.label))
    return _suggested(claims.one_of_them_wrote(one.voices, _first_words(one)) or voices(one))


def largest(one: ArgumentRow, place: CountedPlace) -> str:
    """An argument than which none at the place has more submitters, beside how many submissions there are."""
    return claims.largest_argument(one.voices, place.submissions, made_by(one))
