"""Section on activities: rounds, versions of the draft, meetings, digests and the submission count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from consult.core.i18n import _, ngettext, pgettext
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_day, format_moment, format_number
from consult.digests.render import phrases
from consult.digests.render.blocks import Block
from consult.responses.synopsis.block_kinds import cell, line, list_url, listed, number, said, table
from consult.responses.synopsis.queries import Synopsis


def blocks(made: Synopsis) -> Iterator[Block]:
    row = made.consultation
    versions = sum(version.published_at is not None for version in made.versions)
    yield line(
        ngettext(
            "Open from %(first)s to %(last)s, with %(num)s version of the draft",
            "Open from %(first)s to %(last)s, with %(num)s versions of the draft",
            versions,
            first=format_day(row.opens_at, row.timezone),
            last=format_day(row.closes_at, row.timezone),
        )
    )
    events = sorted(_events(made), key=lambda one: one[0])
    rows = [[cell(text, url), cell(format_day(at, row.timezone))] for at, text, url in events]
    yield table([pgettext("in a log", "Event"), _("Day")], rows)
    for entry in row.extensions:
        if entry.get("reason"):
            moved = format_moment(datetime.fromisoformat(entry["closes_at"]), row.timezone)
            yield line(_("The closing time was moved to %(when)s. Reason:", when=moved))
            yield said(entry["reason"], row.language)
    yield listed(cell(text) for text in _ways(made))
    terms = [[cell(term.label), number(term.n, list_url(row.slug, term.what))] for term in phrases.books(made.data)]
    received = made.data.books.received
    last = [cell(_("Total received")), number(received, list_url(row.slug, "all-received"))]
    yield table([_("Status of submissions"), _("Submissions")], [*terms, last])


def _events(made: Synopsis) -> Iterator[tuple[datetime, str, str]]:
    row, slug = made.consultation, made.consultation.slug
    yield row.opens_at, _("The consultation opened"), public_url("site.consultation", slug=slug)
    yield row.closes_at, _("The consultation closed"), ""
    if row.late_until:
        yield row.late_until, _("Last day for late submissions"), ""
    for one in made.versions:
        if one.published_at:
            text = _("Version %(number)s of the draft was published", number=format_number(one.number))
            earlier = {"from": one.number - 1, "to": one.number}
            way = public_url("site.changes", slug=slug, **earlier) if one.number > 1 else ""
            yield one.published_at, text, way
    given = [argument.response for argument in made.arguments if argument.response]
    if given:
        way = public_url("responses.answers", slug=slug)
        yield min(one.answered_at for one in given), _("The first answer to an argument was given"), way
        if len(given) > 1:
            yield max(one.said_at for one in given), _("The last answer so far was given"), way


def _ways(made: Synopsis) -> Iterator[str]:
    """Yield sentences about meetings, digests and ways to take part."""
    row, (meetings, people) = made.consultation, made.meetings
    if meetings:
        held = ngettext(
            "The published submissions include %(num)s meeting with a group.",
            "The published submissions include %(num)s meetings with groups.",
            meetings,
        )
        there = ngettext("%(num)s person attended.", "%(num)s people attended.", people)
        counted = _("Each meeting counts as one submission.")
        yield f"{held} {there} {counted}"
    else:
        yield _("The published submissions include no meeting with a group.")
    if made.digests:
        yield ngettext(
            "We made %(num)s digest of new submissions for policymakers.",
            "We made %(num)s digests of new submissions for policymakers.",
            made.digests,
        )
    if row.takes_part == "anyone":
        yield _("Anyone could take part, with or without an account.")
    else:
        yield _("An account was needed to take part.")
    if row.no_identity:
        yield _("People could also use an anonymous form, with no account, cookie or script.")
