"""Letters that many sent, apart from what individuals and organisations wrote."""

from __future__ import annotations

from collections.abc import Iterator

from consult.core.i18n import _
from consult.core.web.addresses import public_url
from consult.digests.render import template_helpers
from consult.digests.render.blocks import Block
from consult.digests.render.letter_headlines import how_contradiction_was_told
from consult.responses.synopsis.block_kinds import line, note, quote, subheading
from consult.responses.synopsis.queries import Synopsis


def blocks(made: Synopsis) -> Iterator[Block]:
    slug, found = made.consultation.slug, made.data.copied
    if not found:
        yield line(_("No letter was sent by five or more."))
        return
    yield line(_("Letters are counted apart: one text, however many sent it, and what some of them added to it."))
    for copied in found:
        way = public_url("analysis.campaign", slug=slug, number=copied.key) if copied.turned is not None else ""
        yield subheading(template_helpers.copies(copied), way)
        if name := template_helpers.letter_name(copied):
            yield note(name)
        if copied.sample:
            yield quote(copied.sample, slug, anonymous=True)
        if copied.contrary:
            yield line(_contrary(copied.confirmed))
            for said in copied.contrary:
                yield quote(said, slug)
        if copied.added:
            yield line(_("Some add their own words"))
            for said in copied.added:
                yield quote(said, slug)
    if any(copied.contrary for copied in found):
        yield note(
            _(
                "A computer suggests who asks for the opposite, and it errs. The page of each letter says whether it "
                "went by rules on words alone or by the meaning of sentences too."
            )
        )
    elif told := how_contradiction_was_told(found):
        yield note(told)
    yield note(_("All campaigns, with their letters"), public_url("analysis.campaigns", slug=slug))


def _contrary(confirmed: int | None) -> str:
    if confirmed is None:
        return _("Some of its senders seem to turn it round")
    if confirmed:
        return _("Some of its senders seem to ask for the opposite")
    return _("Some of its senders seem to ask for the opposite (suggested, not checked)")
