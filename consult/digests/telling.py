# mypy: disable-error-code="no-any-return"
"""What a digest says of itself: what is argued, what changed since the last, what is placed, what was taken out.

Fixed templates filled with its numbers, as in `phrases.py`. Bodies of version 1 know none of it: then there is nothing
to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from consult.core.i18n import N_, _, language, ngettext
from consult.core.templates import day, number
from consult.core.text import excerpt
from consult.digests.phrases import STANCES, Line, headline, isolated, place_heading, place_name, quoted
from consult.taxonomy.model import said_in

Body = Mapping[str, Any]
_GONE = {
    "withheld": N_("This quote was taken out: a moderator has withheld its comment since."),
    "withdrawn": N_("This quote was taken out: its author has withdrawn the comment since."),
    "erased": N_("This quote was taken out: its comment has been erased since."),
    "redacted": N_("This quote was taken out: words of its comment have been covered since."),
    "amended": N_("This quote was taken out: its author has changed the comment since."),
}
_ERRATA = {
    "withheld": N_("Edition %(edition)s quoted %(reference)s, which a moderator has withheld since."),
    "withdrawn": N_("Edition %(edition)s quoted %(reference)s, which its author has withdrawn since."),
    "erased": N_("Edition %(edition)s quoted %(reference)s, which has been erased since."),
    "redacted": N_("Edition %(edition)s quoted %(reference)s, of which words have been covered since."),
    "amended": N_("Edition %(edition)s quoted %(reference)s, which its author has changed since."),
}
_OUTCOMES = {
    "accepted": N_("Accepted"),
    "in_part": N_("Accepted in part"),
    "not_accepted": N_("Not accepted"),
    "out_of_scope": N_("Out of scope"),
    "deferred": N_("Deferred"),
}
_HOW = {
    "received": N_("each counted once, whatever became of it"),
    "texts": N_("the same words count once; capitals, spaces and punctuation do not matter"),
    "individual": N_("texts that fewer than five people sent"),
    "organisations": N_("each counted once, with something published"),
}


def argument_name(one: Mapping[str, Any]) -> str:
    """What a person named an argument; until then the first words of its quote."""
    if one["named"]:
        return str(one["label"])
    quote = one["quote"]
    return _("No label yet") if quote.get("gone") else quoted({"words": excerpt(quote["words"], 80), "cut": False})


@dataclass(frozen=True)
class Point:
    """An argument in one line: where it stands, how many make it and what it is called; and its number."""

    place: Mapping[str, Any] | None
    text: str
    argument: int


def points(body: Body, most: int) -> list[Point]:
    """Of the places where views divide the point that most make for it and against it; else what most argue."""
    found = [one for place in body.get("divided", ())[:most] for one in place["arguments"]]
    places = {place["key"]: place for place in body["places"]}
    return [_point(one, places.get(one["place"])) for one in found or body.get("arguments", ())[:most]]


def _point(one: Mapping[str, Any], place: Mapping[str, Any] | None) -> Point:
    made = _(", ").join([str(STANCES[one["stance"]]), voices(one)])
    return Point(place, f"{made}{_(': ')}{isolated(argument_name(one))}", one["id"])


def because(body: Body) -> list[Point]:
    """What those argue whom the finding counts, in a line each."""
    places = {place["key"]: place for place in body["places"]}
    return [_point(one, places.get(one["place"])) for one in body.get("leading", ())]


def answered(body: Body) -> list[Point]:
    """What was answered in the window, a line for each argument; one without a name is told by its place."""
    rows = body.get("answered", {}).get("arguments", ())
    return [Point(one["place"], _answer(one), one["id"]) for one in rows]


def _answer(one: Mapping[str, Any]) -> str:
    name, outcome = one["name"], str(_OUTCOMES[one["outcome"]])
    return f"{isolated(name)}{_(': ')}{outcome}" if name else outcome


def placed(one: Point) -> str:
    """A line with the place it is about before it."""
    return f"{place_heading(one.place)} · {one.text}" if one.place else one.text


def answered_title(body: Body) -> str:
    return _("Answered since the last digest") if body.get("since") else _("Answered so far")


def points_title(body: Body) -> str:
    return _("Where views divide") if body.get("divided") else _("What is argued")


def voices(one: Mapping[str, Any]) -> str:
    """How many make an argument: `12 submitters`."""
    return ngettext("%(num)s submitter", "%(num)s submitters", one["voices"])


def coverage(body: Body) -> list[Line]:
    """How much of what is published is placed, and how much is not, each with its list."""
    found = body.get("coverage")
    if not found or not found["published"]:
        return []
    share = 100 * found["placed"] // found["published"]
    placed = _(
        "%(placed)s of %(published)s published submissions (%(share)s%%) speak to a paragraph or a question.",
        placed=number(found["placed"]), published=number(found["published"]), share=number(share),
    )  # fmt: skip
    lines = [Line(placed, "all-placed" if found["placed"] else ""), *_in_arguments(found)]
    if not found["unplaced"]:
        return lines
    rest = ngettext(
        "%(n)s speaks to the draft as a whole only.", "%(n)s speak to the draft as a whole only.", found["unplaced"],
        n=number(found["unplaced"]),
    )  # fmt: skip
    return [*lines, Line(rest, "all-unplaced")]


def _in_arguments(found: Mapping[str, int]) -> list[Line]:
    """How many of them are in an argument or a campaign, once there are arguments."""
    if not found.get("arguments"):
        return []
    said = _(
        "%(n)s (%(share)s%%) are in an argument or a campaign.", n=number(found["either"]),
        share=number(100 * found["either"] // found["published"]),
    )  # fmt: skip
    return [Line(said, "all-told" if found["either"] else "")]


def since(body: Body) -> list[Line]:
    """What changed since the last edition, in sentences, each with the list behind it."""
    found = body.get("since")
    if not found:
        return []
    lines = []
    if top := found["top"]:
        was = place_name({"kind": "provision", "number": top["was"]})
        said = _("Most submissions are now about %(place)s; before, about %(was)s.", place=place_name(top), was=was)
        lines.append(Line(said, f"all-at:{top['key']}"))
    lines += [_shifted(shift) for shift in found["shifts"]]
    if found["first_spoken"]:
        named = _(", ").join(place_name(row) for row in found["first_spoken"])
        more = found["first_spoken_in_all"] - len(found["first_spoken"])
        if more > 0:
            named = _("%(names)s and %(n)s more", names=named, n=number(more))
        only = found["first_spoken"][0]["key"] if found["first_spoken_in_all"] == 1 else None
        said = _("Spoken of for the first time: %(places)s.", places=named)
        lines.append(Line(said, f"all-at:{only}" if only else ""))
    return lines


def _shifted(shift: Mapping[str, Any]) -> Line:
    said = _(
        "On %(place)s, %(stance)s went from %(was)s%% to %(now)s%% of submissions.", place=place_name(shift),
        stance=str(STANCES[shift["stance"]]), was=number(shift["was"]), now=number(shift["now"]),
    )  # fmt: skip
    return Line(said, f"all-at:{shift['key']}:{shift['stance']}" if shift["now"] else "")


def errata(body: Body) -> list[tuple[str, int]]:
    """What earlier editions quoted and may not be quoted so any more, each with the number of that digest."""
    return [
        (str(_ERRATA[row["gone"]]) % {"edition": number(row["edition"]), "reference": row["reference"]}, row["digest"])
        for row in body.get("errata", ())
    ]


def gone(quote: Mapping[str, Any]) -> str:
    """Why a quote is not shown any more; empty where it is."""
    return str(_GONE[quote["gone"]]) if quote.get("gone") else ""


def how(name: str) -> str:
    """How one of the four numbers was counted."""
    return str(_HOW[name])


def copies(copied: Mapping[str, Any]) -> str:
    """How many sent the same letter; for a body of version 1, the same words."""
    if "turned" in copied:
        return _letter(copied)
    said = ngettext("%(n)s submission has", "%(n)s submissions have", copied["total"], n=number(copied["total"]))
    return _("%(said)s the same words, %(new)s of them new", said=said, new=number(copied["new"]))


def _letter(copied: Mapping[str, Any]) -> str:
    said = ngettext(
        "%(n)s submission of one letter", "%(n)s submissions of one letter", copied["total"], n=number(copied["total"])
    )
    adding, turned = copied["adding"], copied["turned"]
    parts = [
        _("%(n)s new", n=number(copied["new"])) if copied["new"] else "",
        _("%(n)s word for word", n=number(copied["exact"])) if copied["exact"] else "",
        ngettext("%(n)s adds their own words", "%(n)s add their own words", adding, n=number(adding)) if adding else "",
        ngettext("%(n)s seems to turn a sentence of it round", "%(n)s seem to turn a sentence of it round", turned,
                 n=number(turned)) if turned else "",
    ]  # fmt: skip
    return f"{said}: {_(', ').join(filter(None, parts))}" if any(parts) else said


def letter_name(copied: Mapping[str, Any]) -> str:
    """What a letter is called by its organiser, and by whom; empty where nobody declared it."""
    if not copied.get("declared"):
        return ""
    return _("%(name)s, organised by %(organiser)s", name=copied["name"], organiser=copied["organiser"])


def copies_list(copied: Mapping[str, Any]) -> str:
    """The name of the list behind that number."""
    return f"{'letter' if 'turned' in copied else 'copies'}:{copied['key']}"


def reach(n: Mapping[str, int]) -> str:
    """`31 countries, 9 languages`."""
    countries = ngettext("%(n)s country", "%(n)s countries", n["countries"], n=number(n["countries"]))
    languages = ngettext("%(n)s language", "%(n)s languages", n["languages"], n=number(n["languages"]))
    return _(", ").join([countries, languages])


def placed_share(body: Body) -> str:
    found = body["coverage"]
    share = 100 * found["placed"] // found["published"] if found["published"] else 0
    return _("%(share)s%%", share=number(share))


def leading(place: Mapping[str, Any]) -> str:
    """The stance that most at a place take; empty where none was said."""
    return max(((n, stance) for stance, n in place["stances"].items() if stance), default=(0, ""))[1]


def most_say(place: Mapping[str, Any]) -> str:
    """What most say at a place or about a topic: `Concern, 55%`; empty where no stance was said."""
    if not (stance := leading(place)):
        return ""
    of = place["submissions"] if "submissions" in place else place["comments"]
    share = number(round(100 * place["stances"][stance] / of))
    return _("%(stance)s, %(share)s%%", stance=str(STANCES[stance]), share=share)


def evidence(body: Body, said: int, quotes: int) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Up to two quotes of evidence from practice that are not shown with the first `said` places."""
    shown = {quote["comment"] for place in body["places"][:said] for quote in place["quotes"][:quotes]}
    found = [
        (place, quote)
        for place in body["places"]
        for quote in place["quotes"]
        if quote["stance"] == "evidence" and quote["comment"] not in shown and not quote.get("gone")
    ]
    return found[:2]


def topic_name(topic: Mapping[str, Any]) -> str:
    """What a topic is called in the language being spoken."""
    return said_in(topic["labels"], language())


def topic_weight(topic: Mapping[str, Any]) -> str:
    """How many comments there are about a topic, and on how many paragraphs."""
    where = ngettext("%(n)s paragraph", "%(n)s paragraphs", len(topic["keys"]), n=number(len(topic["keys"])))
    return ngettext("%(n)s comment on %(where)s", "%(n)s comments on %(where)s",
                    topic["comments"], n=number(topic["comments"]), where=where)  # fmt: skip


def topics(body: Body, most: int) -> list[Mapping[str, Any]]:
    """The topics of which most is new, of those that are set for a paragraph by themselves."""
    return [row for row in body.get("topics", ()) if row["direct"]][:most]


def agreed(one: Mapping[str, Any]) -> str:
    """How many agree at a place, and how many kinds of contributors do."""
    said = _("%(n)s of %(of)s submissions", n=number(one["n"]), of=number(one["of"]))
    if one["kinds"] < 2:
        return said
    kinds = _("most in %(with_it)s of %(kinds)s kinds of contributors", with_it=number(one["kinds_with"]),
              kinds=number(one["kinds"]))  # fmt: skip
    return _(", ").join([said, kinds])


def finding(data: Mapping[str, Any]) -> str:
    """The finding of the page in one sentence: what most say where most agree."""
    one = data["agreed"][0]
    row = next(row for row in data["places"] if row["key"] == one["key"])
    found = {"kind": "stance", "stance": one["stance"], "n": one["n"], "of": one["of"], "published": 0,
             "place": one["key"], "number": row["number"]}  # fmt: skip
    return f"{headline({'headline': found})}{_('.')}"


def a_day(value: str) -> str:
    return day(date.fromisoformat(value))


def peak(days: Sequence[Sequence[Any]]) -> Line:
    """The day with most comments, in a sentence with the list of them."""
    when, n = max(days, key=lambda row: (row[1], row[0]))
    said = ngettext("Most came on %(day)s: %(n)s comment.", "Most came on %(day)s: %(n)s comments.", n,
                    n=number(n), day=a_day(when))  # fmt: skip
    return Line(said, f"all-day:{when}")


def joined_title(bodies: Sequence[tuple[int, Body]]) -> str:
    """What a letter about several consultations is called."""
    n = len(bodies)
    return ngettext("%(n)s consultation has news for you", "%(n)s consultations have news for you", n, n=number(n))


def joined_subject(bodies: Sequence[tuple[int, Body]]) -> str:
    """The first finding, and how many more consultations there are."""
    first = bodies[0][1]
    said = _("%(code)s: %(found)s", code=first["consultation"]["code"], found=headline(first))
    more = len(bodies) - 1
    if not more:
        return said
    return ngettext("%(said)s; and %(n)s more consultation", "%(said)s; and %(n)s more consultations", more, said=said,
                    n=number(more))  # fmt: skip


def translation(quote: Mapping[str, Any]) -> str:
    """A person's translation of the whole comment that is quoted, marked as such; empty where there is none."""
    made = (quote.get("translations") or {}).get(language())
    if made is None or language() == quote["language"]:
        return ""
    return _("Translation by %(name)s: %(words)s", name=isolated(made["credit"]), words=quoted({**made, "cut": False}))
