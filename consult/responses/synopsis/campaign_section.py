"""Section on campaign letters, apart from individual texts."""

from __future__ import annotations

from collections.abc import Iterator

from consult.core.i18n import _, ngettext
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_number
from consult.digests.render import template_helpers
from consult.digests.render.blocks import Block
from consult.responses.synopsis.block_kinds import line, note, quote, subheading
from consult.responses.synopsis.queries import Synopsis


def blocks(made: Synopsis) -> Iterator[Block]:
    slug, found = made.consultation.slug, made.data.copied
    if not found:
        yield line(_("No campaign letter was sent by five or more people."))
        return
    letters = len(found) + (made.data.left_out or {}).get("copied", 0)
    copies = made.data.books.published_in_campaigns
    yield line(
        ngettext(
            "%(num)s campaign letter, with %(copies)s published copies in all",
            "%(num)s campaign letters, with %(copies)s published copies in all",
            letters,
            copies=format_number(copies),
        )
    )
    yield note(
        _(
            "We count campaign letters separately. A campaign letter is one text, however many people sent it. "
            "We show it with what some of these people added."
        )
    )
    for copied in found:
        way = public_url("analysis.campaign", slug=slug, number=copied.key)
        yield subheading(template_helpers.copies(copied), way)
        if name := template_helpers.letter_name(copied):
            yield note(name)
        if copied.sample:
            yield quote(copied.sample, slug, anonymous=True)
        if copied.added:
            yield line(_("Added words"))
            for said in copied.added:
                yield quote(said, slug)
    if rest := template_helpers.left_out(made.data, "copied", len(found)):
        yield note(rest)
    yield note(_("All campaigns, with their campaign letters"), public_url("analysis.campaigns", slug=slug))
