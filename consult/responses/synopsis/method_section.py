"""Section on the method: how numbers were computed, and which of them were not checked."""

from __future__ import annotations

from collections.abc import Iterator

from consult.analysis.ledger_counts import MIN_CAMPAIGN_SIZE
from consult.core.i18n import _, ngettext
from consult.core.text import NORMAL_RULE
from consult.core.web.template_filters import format_number
from consult.digests import count_queries
from consult.digests.content import arguments as content_arguments
from consult.digests.content import quotes
from consult.digests.render import template_helpers
from consult.digests.render.blocks import Block
from consult.responses.synopsis.block_kinds import cell, line, list_url, listed, note, subheading
from consult.responses.synopsis.queries import Synopsis


def blocks(made: Synopsis) -> Iterator[Block]:
    upto = format_number(made.data.upto - 1)
    yield line(_("All numbers are based on the public record, up to entry %(n)s.", n=upto))
    yield listed(cell(text) for text in _methods())
    slug = made.consultation.slug
    yield listed(cell(one.text, list_url(slug, one.what)) for one in template_helpers.coverage(made.data))
    yield subheading(_("Limits"))
    yield listed(cell(text) for text in _limits(made))
    yield subheading(_("Sources and rules"))
    rules = {
        "normal": NORMAL_RULE,
        "campaign": MIN_CAMPAIGN_SIZE,
        "heard": count_queries.RULE_VERSION,
        "summary": made.data.rule,
        "quotes": quotes.RULE_VERSION,
        "arguments": content_arguments.RULE_VERSION,
    }
    told = ", ".join(f"{name} {version}" for name, version in rules.items())
    yield note(_("Rules: %(rules)s. Public record: entries 1 to %(last)s.", rules=told, last=upto))


def _methods() -> Iterator[str]:
    yield _(
        "We treat texts with the same words as the same text, whatever the capitals, spaces and punctuation. "
        "Each submission counts once in each number."
    )
    yield ngettext(
        "Software finds campaigns from long passages that at least %(num)s submission shares.",
        "Software finds campaigns from long passages that at least %(num)s submissions share.",
        MIN_CAMPAIGN_SIZE,
    )
    yield _(
        "Software groups similar excerpts on one part of the draft with the same type of comment. People name, "
        "merge and split these arguments."
    )
    yield _("The language of a submission is the one given when it was sent.")
    yield _(
        "Quotes are verbatim, as published. All other sentences are standard text with numbers filled in, "
        "except words of the participants and the consulting body."
    )


def _limits(made: Synopsis) -> Iterator[str]:
    if n := made.answers.unchecked:
        yield ngettext(
            "Software suggests %(num)s more group of excerpts. No person has checked it, so it is not listed.",
            "Software suggests %(num)s more groups of excerpts. No person has checked them, so they are not listed.",
            n,
        )
    yield _(
        "Participants chose to take part. The numbers say how many of them made a point, not how many people "
        "in general agree."
    )
    yield _(
        "Submissions that are waiting, not published, withdrawn or erased are in the submission count. We never "
        "quote them."
    )
    yield _("We did not check whether each submission comes from a different person.")
