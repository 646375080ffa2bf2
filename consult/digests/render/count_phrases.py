"""Phrases for counts, coverage and dates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from consult.core.i18n import N_, _, ngettext
from consult.core.web.template_filters import format_day, format_number
from consult.digests.content.body import Body, CoverageSection
from consult.digests.content.rows import CampaignRow
from consult.digests.figures.summary import Summary, SummaryNumbers
from consult.digests.render import claims
from consult.digests.render.phrases import LinkedSentence
from consult.digests.sides import phrases as side_phrases

_HOW = {
    "received": N_("each counted once, whatever its status"),
    "texts": N_("the same words count once, whatever the capitals, spaces and punctuation"),
    "individual": N_("texts that are not copies of a campaign letter"),
    "organisations": N_("each organisation counted once, if at least one of its submissions is published"),
}


def how(name: str) -> str:
    """Return how one of the four numbers was counted."""
    return str(_HOW[name])


def no_kinds(body: Body | Summary) -> str:
    """Return a note if no comment has a type, as in imported texts, else an empty string."""
    stances = [place.stances for place in body.places if place.kind != "question"]
    if not stances or any(kind for counts in stances for kind in counts):
        return ""
    return _("These texts came without a type of comment, such as keep or delete. We did not guess one.")


def left_out(body: Body | Summary, name: str, shown: int) -> str:
    """Return how many entries of a list are not shown after the first `shown`, or an empty string."""
    rows = [row for row in getattr(body, name) if name != "topics" or row.direct]
    unheld = body.left_out or {}
    more = max(len(rows) - shown, 0) + unheld.get(name, 0)
    if name == "copied" and more:
        if isinstance(body, Summary):
            return ngettext("%(num)s more campaign letter", "%(num)s more campaign letters", more)
        copies = sum(row.new for row in body.copied[shown:]) + unheld.get("copies", 0)
        new = ngettext("%(n)s new copy", "%(n)s new copies", copies, n=format_number(copies))
        if body.sides:
            new += _(": ") + _say_sides(body.copied[shown:], unheld.get("copies", 0))
        # NOTE: %(new)s is such as "363 new copies"
        return ngettext(
            "%(num)s more campaign letter (%(new)s)", "%(num)s more campaign letters (%(new)s)", more, new=new
        )
    return say_left_out(name, more)


def _say_sides(rows: Sequence[CampaignRow], unheld: int) -> str:
    """Return new copies by the position of their letter, such as `202 drop, 161 keep`, also those without one."""
    sides: Counter[str] = Counter()
    for row in rows:
        sides[row.side or "unread"] += row.new
    sides["unread"] += unheld
    return side_phrases.say_briefly(sides)


def say_left_out(name: str, more: int) -> str:
    """Return the sentence that this many entries of a list are not shown, or an empty string for none."""
    said = {
        "places": ngettext("%(num)s more part of the draft", "%(num)s more parts of the draft", more),
        "arguments": ngettext("%(num)s more argument", "%(num)s more arguments", more),
        "topics": ngettext("%(num)s more topic", "%(num)s more topics", more),
        "short_answers": ngettext("%(num)s more short response", "%(num)s more short responses", more),
        "studies": ngettext("%(num)s more case study", "%(num)s more case studies", more),
        "demands": ngettext("%(num)s more sentence", "%(num)s more sentences", more),
        "news": ngettext("%(num)s more line", "%(num)s more lines", more),
        "quotes": ngettext("%(num)s more quote", "%(num)s more quotes", more),
    }
    return said[name] if more > 0 else ""


def coverage(body: Body | Summary) -> list[LinkedSentence]:
    """Return how many published submissions refer to a part of the draft and how many do not, each with its list."""
    found = body.coverage
    if not found or not found.published:
        return []
    rest = claims.speak_to_the_whole_in_own_words(found.unplaced)
    lines = [*_placed(found), LinkedSentence(rest, "all-unplaced"), *_in_arguments(found)]
    return [line for line in lines if line.text]


def _placed(found: CoverageSection) -> list[LinkedSentence]:
    """Return how many comment on a paragraph or question, and how many others are copies of letters.

    Bodies up to version 3 only have the sum.
    """
    if found.spoken is None:
        said = claims.speak_to_a_place_or_send_a_letter(found.placed, found.published)
        return [LinkedSentence(said, "all-placed" if found.placed else "")]
    said = claims.speak_to_a_place(found.spoken, found.published)
    letter = claims.only_send_a_letter(found.letter or 0)
    return [LinkedSentence(said, "all-spoken" if found.spoken else ""), LinkedSentence(letter, "all-by-letter")]


def _in_arguments(found: CoverageSection) -> list[LinkedSentence]:
    """Return how many are in an argument or a campaign, once there are arguments."""
    if not found.arguments:
        return []
    either = found.either or 0
    return [LinkedSentence(claims.argued_or_campaigning(either, found.published), "all-told" if either else "")]


def reach(n: SummaryNumbers) -> str:
    """Return the numbers of countries and languages, such as `31 countries, 9 languages`."""
    countries = ngettext("%(n)s country", "%(n)s countries", n.countries, n=format_number(n.countries))
    languages = ngettext("%(n)s language", "%(n)s languages", n.languages, n=format_number(n.languages))
    return _(", ").join([countries, languages])


def a_day(value: str) -> str:
    return format_day(date.fromisoformat(value))


def peak(days: Sequence[tuple[str, int]]) -> LinkedSentence:
    """Return a sentence on the day with most comments (the first of several), with its list."""
    counts = [n for _day, n in days]
    n = max(counts)
    at = counts.index(n)
    others = max(counts[:at] + counts[at + 1 :], default=0)
    said = claims.busiest_day(n, others, a_day(days[at][0])) or claims.busiest_days(n, others, a_day(days[at][0]))
    return LinkedSentence(said, f"all-day:{days[at][0]}")
