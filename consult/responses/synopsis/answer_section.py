"""Section on the body's answers, in its own words, and the resulting changes of the draft."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from consult.core.clock import now
from consult.core.i18n import _, ngettext
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_day, format_number
from consult.digests.render.blocks import Block
from consult.responses.answer_queries import LinkedChange
from consult.responses.forms import OUTCOME_LABELS
from consult.responses.model import Response
from consult.responses.synopsis.argument_section import argument_name, argument_url, place_name
from consult.responses.synopsis.block_kinds import line, note, said, subheading
from consult.responses.synopsis.queries import Synopsis, SynopsisArgument


def blocks(made: Synopsis) -> Iterator[Block]:
    counts, row = made.answers, made.consultation
    if not counts.arguments:
        yield line(_("There was no argument to answer."))
    else:
        yield line(
            ngettext(
                "%(n)s of %(all)s argument is answered.",
                "%(n)s of %(all)s arguments are answered.",
                counts.arguments,
                n=format_number(counts.answered),
                all=format_number(counts.arguments),
            )
        )
    if counts.overdue:
        n = counts.overdue
        yield line(ngettext("%(num)s answer is overdue.", "%(num)s answers are overdue.", n))
    for one in made.arguments:
        if one.response is not None:
            yield from _answer(made, one, one.response)
    yield note(_("All answers with their dates, as CSV"), public_url("responses.answers_csv", slug=row.slug))


def _answer(made: Synopsis, one: SynopsisArgument, answer: Response) -> Iterator[Block]:
    row = made.consultation
    yield subheading(argument_name(one), argument_url(made, one))
    outcome = str(OUTCOME_LABELS[answer.outcome])
    until = _until(answer.due_on) if answer.due_on else ""
    day = format_day(answer.said_at, row.timezone)
    yield note(" · ".join(filter(None, (place_name(one), outcome, until, day))))
    for part in filter(None, map(str.strip, answer.reasons.splitlines())):
        yield said(part, row.language)
    if one.change:
        yield note(_change(one.change), _change_url(made, one.change))


def _until(day: date) -> str:
    """Describe the end of a deferral. Once it has passed, the answer is overdue."""
    shown = format_day(day)
    return _("Overdue since %(day)s", day=shown) if day < now().date() else _("until %(day)s", day=shown)


def _change(change: LinkedChange) -> str:
    place, number = change.place.name, format_number(change.version)
    return _("See changes to %(place)s in version %(number)s", place=place, number=number)


def _change_url(made: Synopsis, change: LinkedChange) -> str:
    between = {"from": change.version - 1, "to": change.version}
    return public_url("site.changes", slug=made.consultation.slug, _anchor=f"at-{change.place.eid}", **between)
