"""Phrases for counts, coverage and dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from consult.core.i18n import N_, _, ngettext
from consult.core.web.template_filters import format_day, format_number
from consult.digests.content.body import Body, CoverageSection
from consult.digests.render import claims
from consult.digests.render.phrases import LinkedSentence
from consult.digests.results.summary import Summary, SummaryNumbers

_HOW = {
    "received": N_("each counted once, whatever became of it"),
    "texts": N_("the same words count once; capitals, spaces and punctuation do not matter"),
    "individual": N_("texts of no letter that five or more sent"),
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
    rest = claims.speak_to_the_whole_in_own_words(found.unplaced)
    lines = [*_placed(found), LinkedSentence(rest, "all-unplaced"), *_in_arguments(found)]
    return [line for line in lines if line.text]


def _placed(found: CoverageSection) -> list[LinkedSentence]:
    """How many speak to a paragraph or a question, and how many others are of a letter.

    Bodies up to version 3 know only how many do either.
    """
    if found.spoken is None:
        said = claims.speak_to_a_place_or_send_a_letter(found.placed, found.published)
        return [LinkedSentence(said, "all-placed" if found.placed else "")]
    said = claims.speak_to_a_place(found.spoken, found.published)
    letter = claims.only_send_a_letter(found.letter or 0)
    return [LinkedSentence(said, "all-spoken" if found.spoken else ""), LinkedSentence(letter, "all-by-letter")]


def _in_arguments(found: CoverageSection) -> list[LinkedSentence]:
    """How many of them are in an argument or a campaign, once there are arguments."""
    if not found.arguments:
        return []
    either = found.either or 0
    return [LinkedSentence(claims.argued_or_campaigning(either, found.published), "all-told" if either else "")]


def reach(n: SummaryNumbers) -> str:
    """`31 countries, 9 languages`."""
    countries = ngettext("%(n)s country", "%(n)s countries", n.countries, n=format_number(n.countries))
    languages = ngettext("%(n)s language", "%(n)s languages", n.languages, n=format_number(n.languages))
    return _(", ").join([countries, languages])


def a_day(value: str) -> str:
    return format_day(date.fromisoformat(value))


def peak(days: Sequence[tuple[str, int]]) -> LinkedSentence:
    """The day with most comments, the first of those that are level, in a sentence with the list of them."""
    counts = [n for _day, n in days]
    n = max(counts)
    at = counts.index(n)
    others = max(counts[:at] + counts[at + 1 :], default=0)
    said = claims.busiest_day(n, others, a_day(days[at][0])) or claims.busiest_days(n, others, a_day(days[at][0]))
    return LinkedSentence(said, f"all-day:{days[at][0]}")
