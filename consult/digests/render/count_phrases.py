"""Phrases for counts, coverage and dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from consult.core.i18n import N_, _, ngettext
from consult.core.web.template_filters import format_day, format_number, format_percent
from consult.digests.content.body import Body, CoverageSection
from consult.digests.render.phrases import LinkedSentence
from consult.digests.results.summary import Summary, SummaryNumbers

_HOW = {
    "received": N_("each counted once, whatever became of it"),
    "texts": N_("the same words count once; capitals, spaces and punctuation do not matter"),
    "individual": N_("texts that fewer than five people sent"),
    "organisations": N_("each counted once, with something published"),
}


def how(name: str) -> str:
    """How one of the four numbers was counted."""
    return str(_HOW[name])


def coverage(body: Body | Summary) -> list[LinkedSentence]:
    """How much of what is published is placed, and how much is not, each with its list."""
    found = body.coverage
    if not found or not found.published:
        return []
    lines = [*_placed(found), *_in_arguments(found)]
    if not found.unplaced:
        return lines
    rest = ngettext(
        "%(n)s speaks to the draft as a whole only.",
        "%(n)s speak to the draft as a whole only.",
        found.unplaced,
        n=format_number(found.unplaced),
    )
    return [*lines, LinkedSentence(rest, "all-unplaced")]


def _placed(found: CoverageSection) -> list[LinkedSentence]:
    """How many speak to a paragraph or a question, and how many others are of a letter.

    Bodies up to version 3 know only how many do either.
    """
    of = {"published": format_number(found.published)}
    n = found.placed if found.spoken is None else found.spoken
    counted = {"placed": format_number(n), "share": format_percent(n, found.published), **of}
    if found.spoken is None:
        said = _(
            "%(placed)s of %(published)s published submissions (%(share)s%%) speak to a paragraph or a question, or "
            "are of a letter that many sent.",
            **counted,
        )
        return [LinkedSentence(said, "all-placed" if n else "")]
    said = _(
        "%(placed)s of %(published)s published submissions (%(share)s%%) speak to a paragraph or a question.", **counted
    )
    lines = [LinkedSentence(said, "all-spoken" if n else "")]
    if found.letter:
        letter = ngettext(
            "%(n)s speaks to none of them and is of a letter that many sent.",
            "%(n)s speak to none of them and are of a letter that many sent.",
            found.letter,
            n=format_number(found.letter),
        )
        lines.append(LinkedSentence(letter, "all-by-letter"))
    return lines


def _in_arguments(found: CoverageSection) -> list[LinkedSentence]:
    """How many of them are in an argument or a campaign, once there are arguments."""
    if not found.arguments:
        return []
    either = found.either or 0
    said = _(
        "%(n)s (%(share)s%%) are in an argument or a campaign.",
        n=format_number(either),
        share=format_percent(either, found.published),
    )
    return [LinkedSentence(said, "all-told" if either else "")]


def placed_share(body: Summary) -> str:
    found = body.coverage
    return _("%(share)s%%", share=format_percent(found.placed, found.published))


def reach(n: SummaryNumbers) -> str:
    """`31 countries, 9 languages`."""
    countries = ngettext("%(n)s country", "%(n)s countries", n.countries, n=format_number(n.countries))
    languages = ngettext("%(n)s language", "%(n)s languages", n.languages, n=format_number(n.languages))
    return _(", ").join([countries, languages])


def a_day(value: str) -> str:
    return format_day(date.fromisoformat(value))


def peak(days: Sequence[tuple[str, int]]) -> LinkedSentence:
    """The day with most comments, the first of those that are level, in a sentence with the list of them."""
    n = max(row[1] for row in days)
    level = [when for when, count in days if count == n]
    values = {"n": format_number(n), "day": a_day(level[0])}
    if len(level) == 1:
        said = ngettext(
            "More came on %(day)s than on any other day: %(n)s comment.",
            "More came on %(day)s than on any other day: %(n)s comments.",
            n,
            **values,
        )
    else:
        said = ngettext(
            "The most on one day is %(n)s comment, first on %(day)s.",
            "The most on one day are %(n)s comments, first on %(day)s.",
            n,
            **values,
        )
    return LinkedSentence(said, f"all-day:{level[0]}")
