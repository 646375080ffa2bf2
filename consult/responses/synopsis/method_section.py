"""How the numbers were made, by which rules, and what no person checked."""

from __future__ import annotations

from collections.abc import Iterator

from consult.analysis.ledger_counts import MIN_CAMPAIGN_SIZE
from consult.core.i18n import _, ngettext
from consult.core.text import NORMAL_RULE
from consult.core.web.template_filters import format_number
from consult.digests.content import arguments as content_arguments
from consult.digests.content import count_queries, quotes
from consult.digests.render import template_helpers
from consult.digests.render.blocks import Block
from consult.responses.synopsis.block_kinds import cell, list_url, listed, note, subheading
from consult.responses.synopsis.queries import Synopsis


def blocks(made: Synopsis) -> Iterator[Block]:
    upto = format_number(made.data.upto - 1)
    yield listed(cell(text) for text in _methods(upto))
    slug = made.consultation.slug
    yield listed(cell(one.text, list_url(slug, one.what)) for one in template_helpers.coverage(made.data))
    yield subheading(_("Limits"))
    yield listed(cell(text) for text in _limits(made))
    yield subheading(_("Manifest"))
    rules = {
        "normal": NORMAL_RULE,
        "campaign": MIN_CAMPAIGN_SIZE,
        "heard": count_queries.RULE_VERSION,
        "summary": made.data.rule,
        "quotes": quotes.RULE_VERSION,
        "arguments": content_arguments.RULE_VERSION,
    }
    told = ", ".join(f"{name} {version}" for name, version in rules.items())
    yield note(_("Rules: %(rules)s. Ledger: entries 1 to %(last)s.", rules=told, last=upto))


def _methods(upto: str) -> Iterator[str]:
    yield _("Everything is counted from the entries of the public ledger, up to entry %(n)s.", n=upto)
    yield _(
        "Texts are the same when their words are; capitals, spaces and punctuation do not count. Each submission "
        "counts once in each number."
    )
    yield ngettext(
        "Campaigns are found by rule: texts that share long passages of one letter, from %(num)s submission on.",
        "Campaigns are found by rule: texts that share long passages of one letter, from %(num)s submissions on.",
        MIN_CAMPAIGN_SIZE,
    )
    yield _(
        "Arguments are proposed by rule: statements on one place with one stance that are alike are put together. "
        "People name them, and put them together or take them apart."
    )
    yield _("The language of a submission is the one that was given when it was filed.")
    yield _(
        "Quotes are word for word, as they were published. Apart from words of participants and of the body that "
        "asked, the sentences of this report are fixed ones, filled with numbers."
    )


def _limits(made: Synopsis) -> Iterator[str]:
    if n := len(made.arguments):
        checked = format_number(made.checked)
        yield ngettext(
            "A person has named %(checked)s of %(n)s argument, or it is what a letter asks.",
            "A person has named %(checked)s of %(n)s arguments, or they are what a letter asks.",
            n,
            checked=checked,
            n=format_number(n),
        )
        if made.checked < n:
            yield _("No person has checked the other arguments: they are marked as suggested.")
    yield _(
        "Whoever answered chose to. The numbers say how many of them made a point, not how many people in general "
        "think so."
    )
    yield _("What was withheld, withdrawn or erased, or waits for review, is counted in the books, and quoted nowhere.")
    yield _("That each submission comes from somebody else was not checked.")
