"""Sentences that claim more than a number, each with the condition under which it may be used.

Pages, e-mails, sheets and documents take these sentences from here. If the condition of a claim is false, it is empty.

>>> list_claims()["stance_at_place"].may_say(5, 4)
False
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec

from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_number, format_percent, format_share
from consult.digests import stance_sentences
from consult.digests.conditional_sentence import ConditionalSentence
from consult.digests.content.breakdowns import AGREED

P = ParamSpec("P")

_claims: dict[str, ConditionalSentence[Any]] = {}


def list_claims() -> Mapping[str, ConditionalSentence[Any]]:
    """Return all claims by name."""
    return _claims


def claim(may_say: Callable[P, bool]) -> Callable[[Callable[P, str]], ConditionalSentence[P]]:
    """Make a claim from a function that fills a sentence."""

    def make(fill: Callable[P, str]) -> ConditionalSentence[P]:
        made = ConditionalSentence(fill.__name__, may_say, fill)
        _claims[made.name] = made
        return made

    return make


@claim(lambda n, of, place="", stance="concern", new=False: 0 < n <= of)
def stance_at_place(n: int, of: int, place: str = "", stance: str = "concern", new: bool = False) -> str:
    """State that `n` of the `of` submissions on a part of the draft have that type of comment."""
    sentences = stance_sentences.OF_NEW if new else stance_sentences.OF_ALL
    return sentences[stance](n, n=format_number(n), of=format_number(of), place=place)


@claim(lambda n, of, place="", sides=("support", "concern"): len(sides) == 2 and 1 < n <= of <= 4 * n)
def views_divide(n: int, of: int, place: str = "", sides: Sequence[str] = ("support", "concern")) -> str:
    """State that two types are tied as the most frequent ones, with `n` submissions each."""
    return _(
        "Views on %(place)s are divided: %(one)s, %(two)s",
        place=place,
        one=stance_sentences.COUNTS[sides[0]](n, n=format_number(n)),
        two=stance_sentences.COUNTS[sides[1]](n, n=format_number(n)),
    )


@claim(lambda n, of, place="": 0 < n <= of)
def new_at_a_place(n: int, of: int, place: str = "") -> str:
    return _(
        "%(of)s of %(published)s new submissions are about %(place)s",
        place=place,
        of=format_number(n),
        published=format_number(of),
    )


@claim(lambda n, of, place="": 0 < n <= of)
def all_at_a_place(n: int, of: int, place: str = "") -> str:
    return _(
        "%(of)s of %(published)s submissions are about %(place)s",
        place=place,
        of=format_number(n),
        published=format_number(of),
    )


@claim(lambda texts, of, said="": texts > 0 and 2 * texts <= of)
def few_texts(texts: int, of: int, said: str = "") -> str:
    """Add to `said`, about `of` submissions, that at least half of them repeat the words of others."""
    return ngettext(
        "%(finding)s (%(n)s distinct text among these %(of)s submissions)",
        "%(finding)s (%(n)s distinct texts among these %(of)s submissions)",
        texts,
        finding=said,
        of=format_number(of),
        n=format_number(texts),
    )


@claim(lambda n, of: 0 < n <= of)
def of_a_letter_at_a_place(n: int, of: int) -> str:
    """State that `n` of the `of` submissions on a part of the draft are copies of a campaign letter."""
    return ngettext(
        "%(n)s of the %(of)s is a copy of a campaign letter.",
        "%(n)s of the %(of)s are copies of a campaign letter.",
        n,
        n=format_number(n),
        of=format_number(of),
    )


@claim(lambda copies, of: copies == of > 1)
def all_are_copies(copies: int, of: int) -> str:
    """State that each of the `of` submissions that make an argument is a copy of a campaign letter."""
    return _("all copies of campaign letters")


@claim(lambda n, of: 0 <= n <= of > 0)
def more_keep_than_object(n: int, of: int) -> str:
    """State, after the separate number `n`, how many of `of` paragraphs more people ask to keep than object to."""
    return ngettext(
        # NOTE: %(of)s follows a number that stands before it, as in a table: 26 | of 54 paragraphs have more …
        "of %(of)s paragraph: more submissions ask to keep the text than ask to delete it or raise concerns",
        "of %(of)s paragraphs: more submissions ask to keep the text than ask to delete it or raise concerns",
        of,
        of=format_number(of),
    )


# Types of comment.


@claim(lambda n, of, others, kind="": others < n <= of)
def one_kind_leads(n: int, of: int, others: int, kind: str = "") -> str:
    """State the share of the most frequent type. `others` is the number of the next one."""
    return _("%(kind)s: %(share)s", kind=kind, share=format_share(n, of))


@claim(lambda n, of, kinds=("", ""): len(kinds) > 1 and 0 < n <= of)
def no_kind_leads(n: int, of: int, kinds: Sequence[str] = ("", "")) -> str:
    """State that several types are tied with `n` submissions each."""
    return _(
        "No single type is the most frequent. %(kinds)s: %(n)s of %(of)s each",
        kinds=_(", ").join(kinds),
        n=format_number(n),
        of=format_number(of),
    )


@claim(lambda unsaid, n, said="": unsaid >= n > 0)
def kind_mostly_unsaid(unsaid: int, n: int, said: str = "") -> str:
    """Add to the most frequent type, which `n` submissions have, that at least as many stated none."""
    return ngettext(
        "%(share)s (%(n)s not stated)", "%(share)s (%(n)s not stated)", unsaid, share=said, n=format_number(unsaid)
    )


@claim(lambda kinds, whole: sum(kinds) > whole)
def kinds_overlap(kinds: Sequence[int], whole: int) -> str:
    """State that the types of comment on a part of the draft add up to more than its submissions."""
    return _("One submission can be of two types, so the parts can add up to more than the total.")


def note_overlap(places: Sequence[Any]) -> str:
    """Return the same note for several parts of the draft, or an empty string if the types add up at each."""
    return next(filter(None, (kinds_overlap([*at.stances.values()], at.submissions) for at in places)), "")


@claim(lambda n, of: 0 < n <= of and 100 * n >= AGREED * of)
def submissions_agree(n: int, of: int) -> str:
    return _("%(n)s of %(of)s submissions", n=format_number(n), of=format_number(of))


@claim(lambda n, of: 0 < n <= of > 1)
def kinds_agree(n: int, of: int) -> str:
    """State that in `n` of the `of` large enough kinds of contributors, more than half have the same type."""
    return ngettext(
        "more than half in %(n)s of the %(of)s types of participant large enough to compare",
        "more than half in %(n)s of the %(of)s types of participant large enough to compare",
        n,
        n=format_number(n),
        of=format_number(of),
    )


@claim(lambda n, of: n == 0 and of > 1)
def no_kinds_agree(n: int, of: int) -> str:
    return _("half or fewer in each of the %(of)s types of participant large enough to compare", of=format_number(of))


@claim(lambda agreed, k: not agreed)
def nothing_agreed(agreed: Sequence[Any], k: int) -> str:
    return _(
        "No paragraph shown here has at least %(k)s submissions and one leading type of comment in %(share)s%% "
        "or more of them.",
        k=format_number(k),
        share=format_number(AGREED),
    )


# Coverage by parts of the draft and arguments.


@claim(lambda n, of: 0 <= n <= of > 0)
def speak_to_a_place(n: int, of: int) -> str:
    """State that `n` of `of` published submissions comment on a paragraph or answer a question."""
    return _(
        "%(placed)s of %(published)s published submissions (%(share)s) are about a paragraph or a question.",
        placed=format_number(n),
        published=format_number(of),
        share=format_percent(n, of),
    )


@claim(lambda n, of: 0 <= n <= of > 0)
def speak_to_a_place_or_send_a_letter(n: int, of: int) -> str:
    """State the number of comments on a part of the draft plus copies of letters, which bodies up to version 3 have."""
    return _(
        "%(placed)s of %(published)s published submissions (%(share)s) are about a paragraph or a question, or "
        "are copies of a campaign letter.",
        placed=format_number(n),
        published=format_number(of),
        share=format_percent(n, of),
    )


@claim(lambda n: n > 0)
def only_send_a_letter(n: int) -> str:
    return ngettext(
        "%(n)s is not about a paragraph or question and is a copy of a campaign letter.",
        "%(n)s are not about a paragraph or question and are copies of a campaign letter.",
        n,
        n=format_number(n),
    )


@claim(lambda n: n > 0)
def speak_to_the_whole_in_own_words(n: int) -> str:
    return ngettext(
        "%(n)s is not about a paragraph or question and is not a copy of a campaign letter.",
        "%(n)s are not about a paragraph or question and are not copies of a campaign letter.",
        n,
        n=format_number(n),
    )


@claim(lambda n, of: 0 <= n <= of > 0)
def argued_or_campaigning(n: int, of: int) -> str:
    return ngettext(
        "%(share)s is part of an argument or a campaign.",
        "%(share)s are part of an argument or a campaign.",
        n,
        share=format_share(n, of),
    )


@claim(lambda found: not found)
def no_letter(found: Sequence[Any]) -> str:
    return _("No campaign letter was sent by five or more people.")


# Time.


@claim(lambda n, others, day="": n > others)
def busiest_day(n: int, others: int, day: str = "") -> str:
    """State the day with most comments. `others` is the most on another day."""
    return ngettext(
        "The busiest day was %(day)s, with %(n)s comment.",
        "The busiest day was %(day)s, with %(n)s comments.",
        n,
        n=format_number(n),
        day=day,
    )


@claim(lambda n, others, day="": n == others > 0)
def busiest_days(n: int, others: int, day: str = "") -> str:
    return ngettext(
        "The highest number in one day is %(n)s comment, first on %(day)s.",
        "The highest number in one day is %(n)s comments, first on %(day)s.",
        n,
        n=format_number(n),
        day=day,
    )


@claim(lambda was, now, place="", stance="": was[0] * now[1] != now[0] * was[1] and min(was[1], now[1]) > 0)
def stance_moved(was: tuple[int, int], now: tuple[int, int], place: str = "", stance: str = "") -> str:
    """State that the share of a type on a part of the draft changed since the last edition."""
    return _(
        "Share of “%(stance)s” on %(place)s: %(was)s before, %(now)s now.",
        place=place,
        stance=stance,
        was=format_share(*was),
        now=format_share(*now),
    )


@claim(lambda now, was, key="", before="": bool(key) and key != before)
def another_place_leads(now: str, was: str, key: str = "", before: str = "") -> str:
    """State that another part of the draft than before has the most submissions.

    `now` and `was` are labels of parts.
    """
    return _("The paragraph with the most submissions is now %(place)s. Before, it was %(was)s.", place=now, was=was)


@claim(lambda n, of: 0 <= n <= of)
def in_checked_arguments(n: int, of: int) -> str:
    """State how many published submissions make a checked request, and how many make none."""
    return ngettext(
        "%(n)s of %(of)s published submissions makes one of the checked requests. %(rest)s make none of them.",
        "%(n)s of %(of)s published submissions make one or more of the checked requests. %(rest)s make none of them.",
        n,
        n=format_number(n),
        of=format_number(of),
        rest=format_number(of - n),
    )


@claim(lambda voices, name="": voices > 0 and bool(name))
def argument_made(voices: int, name: str = "") -> str:
    """State the number of authors of an argument named by a person. The name summarises what they say."""
    return ngettext("%(num)s author: %(name)s", "%(num)s authors: %(name)s", voices, name=name)


@claim(lambda voices, quote="": voices > 0 and bool(quote))
def one_of_them_wrote(voices: int, quote: str = "") -> str:
    """State the number of authors of an argument without a name, and quote one. The others wrote something similar."""
    return ngettext(
        "%(num)s author wrote: %(quote)s", "%(num)s authors. One of them wrote: %(quote)s", voices, quote=quote
    )


@claim(lambda voices, quote="": voices > 0 and bool(quote))
def one_of_so_many_wrote(voices: int, quote: str = "") -> str:
    """State the same as `one_of_them_wrote`, as a heading."""
    return ngettext("One author: %(quote)s", "One of %(num)s authors: %(quote)s", voices, quote=quote)


@claim(lambda voices, of, said="": 0 < voices <= of)
def largest_argument(voices: int, of: int, said: str = "") -> str:
    """State one of the largest arguments on a part of the draft. `said` describes its authors and words.

    Another argument may be as large. Copies of a text count as one author, so more of the `of` submissions may make it.
    """
    return _(
        "One of the largest arguments in these %(of)s submissions: %(argument)s", of=format_number(of), argument=said
    )


@claim(lambda names: len(names) > 0)
def not_heard(names: Sequence[str]) -> str:
    """State the kinds of organisations without a published submission."""
    return _("No published submissions yet from: %(names)s.", names=_(", ").join(names))


@claim(lambda names, k: len(names) > 0 and k > 1)
def hardly_heard(names: Sequence[str], k: int) -> str:
    """State the kinds of organisations with fewer than `k` published submissions each."""
    return _("Fewer than %(k)s submissions each: %(names)s.", k=format_number(k), names=_(", ").join(names))


@claim(lambda missing, published: not missing and published > 0)
def every_kind_heard(missing: Sequence[Any], published: int) -> str:
    """State that every kind of organisation took part. `missing` are the other sentences on missing groups."""
    return _("We heard from every type of organisation, and every target was reached.")


@claim(lambda late: late == 0)
def none_overdue(late: int) -> str:
    """State that no answer is overdue. `late` is the number of overdue answers."""
    return _("No answer is overdue.")
