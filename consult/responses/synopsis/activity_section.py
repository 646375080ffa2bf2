"""What was done, when: rounds, versions of the draft, meetings, digests, and the books."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from consult.core.i18n import _, ngettext
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_day, format_moment, format_number
from consult.digests.render import phrases
from consult.digests.render.blocks import Block
from consult.responses.synopsis.block_kinds import cell, line, list_url, listed, number, said, table
from consult.responses.synopsis.queries import Synopsis


def blocks(made: Synopsis) -> Iterator[Block]:
    row = made.consultation
    events = sorted(_events(made), key=lambda one: one[0])
    rows = [[cell(text, url), cell(format_day(at, row.timezone))] for at, text, url in events]
    yield table([_("What happened"), _("Day")], rows)
    for entry in row.extensions:
        if entry.get("reason"):
            moved = format_moment(datetime.fromisoformat(entry["closes_at"]), row.timezone)
            yield line(_("The closing time was moved to %(when)s, with this reason:", when=moved))
            yield said(entry["reason"], row.language)
    yield listed(cell(text) for text in _ways(made))
    terms = [[cell(term.label), number(term.n, list_url(row.slug, term.what))] for term in phrases.books(made.data)]
    received = made.data.books.received
    last = [cell(_("Received in all")), number(received, list_url(row.slug, "all-received"))]
    yield table([_("What became of each submission"), _("Submissions")], [*terms, last])


def _events(made: Synopsis) -> Iterator[tuple[datetime, str, str]]:
    row, slug = made.consultation, made.consultation.slug
    yield row.opens_at, _("The consultation opened"), public_url("site.consultation", slug=slug)
    yield row.closes_at, _("The consultation closed"), ""
    if row.late_until:
        yield row.late_until, _("The last day on which late submissions were taken"), ""
    for one in made.versions:
        if one.published_at:
            text = _("Version %(number)s of the draft was published", number=format_number(one.number))
            earlier = {"from": one.number - 1, "to": one.number}
            way = public_url("site.changes", slug=slug, **earlier) if one.number > 1 else ""
            yield one.published_at, text, way
    given = [one.response for one in made.arguments if one.response]
    if given:
        way = public_url("responses.answers", slug=slug)
        yield min(one.answered_at for one in given), _("The first answer to an argument was given"), way
        if len(given) > 1:
            yield max(one.said_at for one in given), _("The last answer so far was given"), way


def _ways(made: Synopsis) -> Iterator[str]:
    """Meetings, digests, and how one could take part."""
    row, (meetings, people) = made.consultation, made.meetings
    if meetings:
        held = ngettext(
            "%(num)s meeting with a group is among what is published.",
            "%(num)s meetings with groups are among what is published.",
            meetings,
        )
        there = ngettext("%(num)s person was there.", "%(num)s people were there.", people)
        counted = _("Each meeting counts as one submission.")
        yield f"{held} {there} {counted}"
    else:
        yield _("No meeting with a group is among what is published.")
    if made.digests:
        yield ngettext(
            "%(num)s digest of what came in was compiled for those who decide.",
            "%(num)s digests of what came in were compiled for those who decide.",
            made.digests,
        )
    if row.takes_part == "anyone":
        yield _("Anyone could take part, with or without an account.")
    else:
        yield _("An account was needed to take part.")
    if row.no_identity:
        yield _("One could also answer in secret: no account, no cookie, no script.")
