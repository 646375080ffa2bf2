"""Sentences that claim more than a number, each with the condition under which it may be said.

Pages, letters, sheets and documents take these sentences from here. A claim whose condition does not hold says nothing.

>>> list_claims()["all_of_a_place"].may_say(3, 4)
False
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec

from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_number, format_percent, format_share
from consult.digests.conditional_sentence import ConditionalSentence
from consult.digests.content import headlines
from consult.digests.content.body import PlaceHeadline
from consult.digests.content.breakdowns import AGREED

P = ParamSpec("P")

_claims: dict[str, ConditionalSentence[Any]] = {}


def list_claims() -> Mapping[str, ConditionalSentence[Any]]:
    """All of them by name."""
    return _claims


def claim(may_say: Callable[P, bool]) -> Callable[[Callable[P, str]], ConditionalSentence[P]]:
    """Makes a claim of a function that fills a sentence."""

    def make(fill: Callable[P, str]) -> ConditionalSentence[P]:
        made = ConditionalSentence(fill.__name__, may_say, fill)
        _claims[made.name] = made
        return made

    return make


# What most of those say who speak to a paragraph. `said`: the words for one stance, one or new, from headlines.py.


@claim(lambda n, of, said="": n == of == 1)
def one_of_a_place(n: int, of: int, said: str = "") -> str:
    return said


@claim(lambda n, of, said="": (n, of) == (1, 2))
def one_of_two_at_a_place(n: int, of: int, said: str = "") -> str:
    return said


@claim(lambda n, of, said="": n == of == 2)
def both_at_a_place(n: int, of: int, said: str = "") -> str:
    return said


@claim(lambda n, of, said="": n == of > 2)
def all_of_a_place(n: int, of: int, said: str = "") -> str:
    return said


@claim(lambda n, of, said="": 0 < n < of and of > 2)
def some_of_a_place(n: int, of: int, said: str = "") -> str:
    return said


_STANCES = {
    "one": one_of_a_place,
    "either": one_of_two_at_a_place,
    "both": both_at_a_place,
    "every": all_of_a_place,
    "some": some_of_a_place,
}


def stance_at_place(found: PlaceHeadline, place: str) -> str:
    """How many of those who speak to a place take one stance, in the one sentence that is true of these numbers."""
    n, values = found.n or 0, {"place": place, "n": format_number(found.n or 0), "of": format_number(found.of)}
    words = headlines.list_templates(found.stance or "", new=bool(found.new))
    return "".join(sentence(n, found.of, str(words[name]) % values) for name, sentence in _STANCES.items())


@claim(lambda n, of, place="", sides=("", ""): len(sides) == 2 and 1 < n <= of <= 4 * n)
def views_divide(n: int, of: int, place: str = "", sides: Sequence[str] = ("", "")) -> str:
    """Two stances are level, and none has as many: `n` take each."""
    return _(
        "Views on %(place)s divide: %(n)s %(one)s, %(n)s %(two)s",
        place=place,
        n=format_number(n),
        one=sides[0],
        two=sides[1],
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
    """After what `of` submissions say: that half of them or more repeat the words of others, as copies do."""
    return ngettext(
        "%(said)s; the %(of)s have %(n)s distinct text",
        "%(said)s; the %(of)s have %(n)s distinct texts",
        texts,
        said=said,
        of=format_number(of),
        n=format_number(texts),
    )


@claim(lambda n, of: 0 < n <= of)
def of_a_letter_at_a_place(n: int, of: int) -> str:
    """`n` of the `of` submissions on a place are of a letter that many sent."""
    return ngettext(
        "%(n)s of the %(of)s is of a letter that many sent.",
        "%(n)s of the %(of)s are of a letter that many sent.",
        n,
        n=format_number(n),
        of=format_number(of),
    )


@claim(lambda n, of: 0 <= n <= of > 0)
def more_support_than_concern(n: int, of: int) -> str:
    """After the number `n`, which stands by itself: of so many paragraphs, with more in support than in concern."""
    return ngettext(
        # NOTE: %(of)s follows a number that stands before it, as in a table: 26 | of 54 paragraphs drew more …
        "of %(of)s paragraph drew more support than concern",
        "of %(of)s paragraphs drew more support than concern",
        of,
        of=format_number(of),
    )


# Kinds of comment.


@claim(lambda n, of, others, kind="": others < n <= of)
def one_kind_leads(n: int, of: int, others: int, kind: str = "") -> str:
    """`others`: how many take the kind that comes next."""
    return _("%(kind)s: %(share)s", kind=kind, share=format_share(n, of))


@claim(lambda n, of, kinds=("", ""): len(kinds) > 1 and 0 < n <= of)
def no_kind_leads(n: int, of: int, kinds: Sequence[str] = ("", "")) -> str:
    """Several kinds are level: `n` submissions take each."""
    return _(
        "No one kind leads. %(kinds)s: %(n)s each of %(of)s",
        kinds=_(", ").join(kinds),
        n=format_number(n),
        of=format_number(of),
    )


@claim(lambda unsaid, n, said="": unsaid >= n > 0)
def kind_mostly_unsaid(unsaid: int, n: int, said: str = "") -> str:
    """After the kind that most take, `n` of them: that no fewer named none."""
    return ngettext(
        "%(said)s; %(n)s did not say", "%(said)s; %(n)s did not say", unsaid, said=said, n=format_number(unsaid)
    )


@claim(lambda kinds, whole: sum(kinds) > whole)
def kinds_overlap(kinds: Sequence[int], whole: int) -> str:
    """At a place more kinds of comment are counted than submissions."""
    return _("A submission may be of two kinds: then the parts add up to more than the whole.")


def note_overlap(places: Sequence[Any]) -> str:
    """The same for several places; empty where at each the parts add up."""
    return next(filter(None, (kinds_overlap([*at.stances.values()], at.submissions) for at in places)), "")


# Agreement.


@claim(lambda n, of: 0 < n <= of and 100 * n >= AGREED * of)
def submissions_agree(n: int, of: int) -> str:
    return _("%(n)s of %(of)s submissions", n=format_number(n), of=format_number(of))


@claim(lambda n, of: 0 < n <= of > 1)
def kinds_agree(n: int, of: int) -> str:
    """In `n` of the `of` kinds of contributors that are large enough more than half take the same stance."""
    return ngettext(
        "more than half in %(n)s of the %(of)s kinds of contributors that are large enough to compare",
        "more than half in %(n)s of the %(of)s kinds of contributors that are large enough to compare",
        n,
        n=format_number(n),
        of=format_number(of),
    )


@claim(lambda n, of: n == 0 and of > 1)
def no_kinds_agree(n: int, of: int) -> str:
    return _(
        "half or fewer in each of the %(of)s kinds of contributors that are large enough to compare",
        of=format_number(of),
    )


@claim(lambda agreed, k: not agreed)
def nothing_agreed(agreed: Sequence[Any], k: int) -> str:
    return _(
        "No paragraph shown here has at least %(k)s submissions of which %(share)s%% or more take one stance, and "
        "fewer any other.",
        k=format_number(k),
        share=format_number(AGREED),
    )


# Where what is published speaks, and what of it is argued.


@claim(lambda n, of: 0 <= n <= of > 0)
def speak_to_a_place(n: int, of: int) -> str:
    """`n` of `of` published submissions have a comment on a paragraph or answer a question."""
    return _(
        "%(placed)s of %(published)s published submissions (%(share)s) speak to a paragraph or a question.",
        placed=format_number(n),
        published=format_number(of),
        share=format_percent(n, of),
    )


@claim(lambda n, of: 0 <= n <= of > 0)
def speak_to_a_place_or_send_a_letter(n: int, of: int) -> str:
    """Bodies up to version 3 count both in one number."""
    return _(
        "%(placed)s of %(published)s published submissions (%(share)s) speak to a paragraph or a question, or are of a "
        "letter that many sent.",
        placed=format_number(n),
        published=format_number(of),
        share=format_percent(n, of),
    )


@claim(lambda n: n > 0)
def only_send_a_letter(n: int) -> str:
    return ngettext(
        "%(n)s speaks to none of them and is of a letter that many sent.",
        "%(n)s speak to none of them and are of a letter that many sent.",
        n,
        n=format_number(n),
    )


@claim(lambda n: n > 0)
def speak_to_the_whole_in_own_words(n: int) -> str:
    return ngettext(
        "%(n)s speaks to none of them and is of no letter that many sent.",
        "%(n)s speak to none of them and are of no letter that many sent.",
        n,
        n=format_number(n),
    )


@claim(lambda n, of: 0 <= n <= of > 0)
def argued_or_campaigning(n: int, of: int) -> str:
    return ngettext(
        "%(share)s is in an argument or a campaign.",
        "%(share)s are in an argument or a campaign.",
        n,
        share=format_share(n, of),
    )


@claim(lambda found: not found)
def no_letter(found: Sequence[Any]) -> str:
    return _("No letter was sent by five or more.")


# Time.


@claim(lambda n, others, day="": n > others)
def busiest_day(n: int, others: int, day: str = "") -> str:
    """`others`: the most on any other day."""
    return ngettext(
        "More came on %(day)s than on any other day: %(n)s comment.",
        "More came on %(day)s than on any other day: %(n)s comments.",
        n,
        n=format_number(n),
        day=day,
    )


@claim(lambda n, others, day="": n == others > 0)
def busiest_days(n: int, others: int, day: str = "") -> str:
    return ngettext(
        "The most on one day is %(n)s comment, first on %(day)s.",
        "The most on one day are %(n)s comments, first on %(day)s.",
        n,
        n=format_number(n),
        day=day,
    )


@claim(lambda was, now, place="", stance="": was[0] * now[1] != now[0] * was[1] and min(was[1], now[1]) > 0)
def stance_moved(was: tuple[int, int], now: tuple[int, int], place: str = "", stance: str = "") -> str:
    """Since the last edition another share of the submissions on a place take a stance."""
    return _(
        "On %(place)s, %(stance)s went from %(was)s submissions to %(now)s.",
        place=place,
        stance=stance,
        was=format_share(*was),
        now=format_share(*now),
    )


@claim(lambda now, was, key="", before="": bool(key) and key != before)
def another_place_leads(now: str, was: str, key: str = "", before: str = "") -> str:
    """One place has more submissions than any other, and before another one had; `now` and `was` are their names."""
    return _("The paragraph with most submissions is now %(place)s; before, it was %(was)s.", place=now, was=was)


# Arguments.


@claim(lambda voices, name="": voices > 0 and bool(name))
def argument_made(voices: int, name: str = "") -> str:
    """Of an argument that a person named: the name is what all of them say."""
    return ngettext("%(num)s submitter: %(name)s", "%(num)s submitters: %(name)s", voices, name=name)


@claim(lambda voices, quote="": voices > 0 and bool(quote))
def one_of_them_wrote(voices: int, quote: str = "") -> str:
    """Of an argument without a name: one is quoted, and what the others wrote is only alike."""
    return ngettext(
        "%(num)s submitter wrote: %(quote)s", "%(num)s submitters, one of them wrote: %(quote)s", voices, quote=quote
    )


@claim(lambda voices, quote="": voices > 0 and bool(quote))
def one_of_so_many_wrote(voices: int, quote: str = "") -> str:
    """The same as a heading."""
    return ngettext("One submitter: %(quote)s", "One of %(num)s submitters: %(quote)s", voices, quote=quote)


@claim(lambda voices, of, said="": 0 < voices <= of)
def largest_argument(voices: int, of: int, said: str = "") -> str:
    """Of an argument than which none at the place has more; `said`: who makes it, and what.

    Another may have as many. Copies of a text are one voice: more of the `of` submissions there may make it.
    """
    return _("No larger argument among these %(of)s submissions: %(said)s", of=format_number(of), said=said)


# Who was heard.


@claim(lambda names: len(names) > 0)
def not_heard(names: Sequence[str]) -> str:
    """Kinds of organisations of which nothing is published."""
    return _("Nothing is published yet by: %(names)s.", names=_(", ").join(names))


@claim(lambda names, k: len(names) > 0 and k > 1)
def hardly_heard(names: Sequence[str], k: int) -> str:
    """Kinds of organisations with something published, and fewer than `k` submissions each."""
    return _("Fewer than %(k)s submissions each: %(names)s.", k=format_number(k), names=_(", ").join(names))


@claim(lambda missing, published: not missing and published > 0)
def every_kind_heard(missing: Sequence[Any], published: int) -> str:
    """`missing`: what else would be said of groups that were heard less."""
    return _("Every kind of organisation has been heard, and every number hoped for was reached.")


# What is asked.


@claim(lambda late: late == 0)
def none_overdue(late: int) -> str:
    """`late`: answers whose day has passed."""
    return _("None is overdue.")
