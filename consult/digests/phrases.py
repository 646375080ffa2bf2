# mypy: disable-error-code="no-any-return"
"""The sentences of a digest: fixed templates filled with its numbers, in the language being spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from consult.core.i18n import N_, _, language, ngettext
from consult.core.templates import day, day_of_year, number
from consult.digests import headlines
from consult.digests.model import Cadence

Body = Mapping[str, Any]
CADENCES = {
    Cadence.DAILY: N_("Daily digest"),
    Cadence.WEEKLY: N_("Weekly digest"),
    Cadence.CLOSING: N_("Closing digest"),
    Cadence.IMMEDIATE: N_("Early warning"),
    Cadence.DEMAND: N_("Digest on demand"),
}
_SIDES = {
    "support": N_("support it"),
    "concern": N_("raise concerns"),
    "wording": N_("suggest other wording"),
    "evidence": N_("bring evidence from practice"),
}
_EVENTS = {
    "consultation.opened": N_("The consultation opened."),
    "consultation.closed": N_("The consultation closed: nothing more can be sent to it."),
    "draft.published": N_("A version of the draft was published."),
    "consultation.extended": N_("The consultation stays open for longer."),
    "consultation.changed": N_("What the consultation says of itself was changed."),
}


@dataclass(frozen=True)
class Line:
    """A sentence, and the name of the list behind its number; empty where there is none."""

    text: str
    what: str = ""


@dataclass(frozen=True)
class Term:
    """A term of the books."""

    n: int
    label: str
    what: str


_ISOLATE, _END = "\u2068", "\u2069"
"""Round a name that may run in the other direction than the sentence. Source: Unicode Annex 9, section 2.4."""


def isolated(words: str) -> str:
    """Words that keep their own direction within a sentence."""
    return f"{_ISOLATE}{words}{_END}"


def subject(body: Body) -> str:
    """The finding and the duty, after the consultation's code."""
    found, asked = headline(body), short_duty(body)
    code = body["consultation"]["code"]
    if not asked:
        return _("%(code)s: %(found)s", code=code, found=found)
    return _("%(code)s: %(found)s; %(asked)s", code=code, found=found, asked=asked)


def headline(body: Body) -> str:
    """The finding in one sentence, without a full stop."""
    found = body["headline"]
    kind, n = found["kind"], found.get("n", 0)
    if "place" in found:
        return _about_a_place(found)
    if kind == "received":
        return ngettext(
            "%(n)s new submission waits for review", "%(n)s new submissions wait for review", n, n=number(n)
        )
    if kind == "published":
        return ngettext("%(n)s new submission was published", "%(n)s new submissions were published", n, n=number(n))
    if kind == "closed":
        return ngettext(
            "Closed with %(n)s submission received", "Closed with %(n)s submissions received", n, n=number(n)
        )
    if kind == "answered":
        return ngettext("%(n)s argument was answered", "%(n)s arguments were answered", n, n=number(n))
    if kind == "event":
        return str(_EVENTS[found["event"]]).rstrip(".")
    if kind == "errata":
        return ngettext("%(n)s quote was taken back", "%(n)s quotes were taken back", n, n=number(n))
    return _("No new submissions; some that were there changed")


def _about_a_place(found: Mapping[str, Any]) -> str:
    values = {"place": place_name(found), "of": number(found["of"]), "published": number(found["published"])}
    if found["kind"] == "place":
        return _("%(of)s of %(published)s new submissions are about %(place)s", **values)
    if found["kind"] == "overview":
        return _("%(of)s of %(published)s submissions are about %(place)s", **values)
    values["n"] = number(found["n"])
    if found["kind"] == "split":
        one, two = (str(_SIDES[stance]) for stance in found["stances"])
        return _("Views on %(place)s divide: %(n)s %(one)s, %(n)s %(two)s", one=one, two=two, **values)
    return headlines.most_say(found) % values


def about(body: Body) -> Mapping[str, Any] | None:
    """The place of the draft that the finding is about; None where it is about none."""
    key = body["headline"].get("place")
    return next((place for place in body["places"] if place["key"] == key and place["words"]), None)


def finding_list(body: Body) -> str:
    """The name of the list behind the finding; empty where there is none."""
    found = body["headline"]
    if "place" not in found:
        return {"received": "received", "published": "published"}.get(found["kind"], "")
    side = "at" if found.get("new") else "all-at"
    return ":".join(filter(None, (side, found["place"], found.get("stance", ""))))


def place_name(place: Mapping[str, Any]) -> str:
    """How a sentence calls a place: `paragraph 2.1`, the draft as a whole, `question 1`."""
    kind, label = place.get("kind"), place["number"]
    if kind == "whole":
        return _("the draft as a whole")
    if kind == "question":
        return _("question %(number)s", number=label)
    if label[:1].isdigit():
        return _("paragraph %(number)s", number=label)
    first, last = _MARKS.get(language(), _MARKS["en"])
    return f"{first}{label}{last}"


def duty(body: Body) -> str:
    """What is asked of the reader, as a sentence; empty where nothing is."""
    asked, consultation = body["duty"], body["consultation"]
    if asked["kind"] == "open":
        closes = datetime.fromisoformat(consultation["closes_at"])
        said = _("The consultation is open until %(day)s.", day=day(closes, consultation["timezone"]))
        return f"{said} {_promise(consultation)}".strip()
    if asked["kind"] == "answer":
        return _promise(consultation)
    if asked["kind"] == "overdue":
        promised = date.fromisoformat(consultation["answer_by"])
        return ngettext(
            "The answer promised by %(day)s is %(n)s day overdue.",
            "The answer promised by %(day)s is %(n)s days overdue.",
            asked["days"], n=number(asked["days"]), day=day(promised),
        )  # fmt: skip
    return ""


def duty_title(body: Body) -> str:
    """What stands over it: only an answer is waited for."""
    return _("What comes next") if body["duty"]["kind"] == "open" else _("Waiting for you")


def _promise(consultation: Mapping[str, Any]) -> str:
    if not consultation["answer_by"]:
        return ""
    return _("An answer is promised by %(day)s.", day=day(date.fromisoformat(consultation["answer_by"])))


def short_duty(body: Body) -> str:
    """The duty in a few words, for the subject."""
    asked = body["duty"]
    days = asked.get("days", 0)
    if asked["kind"] == "open":
        return ngettext("closes in %(n)s day", "closes in %(n)s days", days, n=number(days)) if days < 15 else ""
    if asked["kind"] == "answer":
        return ngettext("answer due in %(n)s day", "answer due in %(n)s days", days, n=number(days))
    if asked["kind"] == "overdue":
        return ngettext("answer %(n)s day overdue", "answer %(n)s days overdue", days, n=number(days))
    return ""


def edition(body: Body) -> str:
    """`Weekly digest 4`."""
    return _("%(digest)s %(number)s", digest=str(CADENCES[Cadence(body["cadence"])]), number=number(body["edition"]))


def period(body: Body) -> str:
    """The dates of the window in the consultation's own place: `15–21 December 2026`."""
    zone = ZoneInfo(body["consultation"]["timezone"])
    start, end = (datetime.fromisoformat(body[name]).astimezone(zone).date() for name in ("from", "to"))
    if start == end:
        return day(end)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{day(end)}"
    return f"{day(start) if start.year != end.year else day_of_year(start)} – {day(end)}"


def news(body: Body) -> list[Line]:
    """What happened in the window, each with the list behind its number."""
    found = body["news"]
    lines = [Line(str(_EVENTS[event])) for event in found["events"]]
    return lines + [Line(text, what) for what, text in _happened(found) if found[what]]


def _happened(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A sentence for each count, also for those that are zero."""
    shown = {name: number(n) for name, n in found.items() if isinstance(n, int)}
    n = found
    return [
        ("received", ngettext("%(n)s submission was received.", "%(n)s submissions were received.", n["received"],
                              n=shown["received"])),
        ("published", ngettext("%(n)s submission was published.", "%(n)s submissions were published.", n["published"],
                               n=shown["published"])),
        ("organisations", ngettext("%(n)s organisation spoke: %(names)s.", "%(n)s organisations spoke: %(names)s.",
                                   n["organisations"], n=shown["organisations"], names=_names(found))),
        ("returned", ngettext("%(n)s went back to its author to be changed.",
                              "%(n)s went back to their authors to be changed.", n["returned"], n=shown["returned"])),
        ("amended", ngettext("%(n)s came back from its author, changed.",
                             "%(n)s came back from their authors, changed.", n["amended"], n=shown["amended"])),
        ("withheld", ngettext("%(n)s was withheld, with a reason.", "%(n)s were withheld, each with a reason.",
                              n["withheld"], n=shown["withheld"])),
        ("withdrawn", ngettext("%(n)s was withdrawn by its author.", "%(n)s were withdrawn by their authors.",
                               n["withdrawn"], n=shown["withdrawn"])),
        ("erased", ngettext("%(n)s was erased.", "%(n)s were erased.", n["erased"], n=shown["erased"])),
    ]  # fmt: skip


def _names(found: Mapping[str, Any]) -> str:
    names = list(found["names"])
    more = found["organisations"] - len(names)
    listed = _(", ").join(isolated(name) for name in names)
    return _("%(names)s and %(n)s more", names=listed, n=number(more)) if more > 0 else listed


def books(body: Body) -> list[Term]:
    """The terms that add up to what was received."""
    kept = body["books"]
    classes = kept.get("classes") or {}
    own = [
        Term(classes.get("individual", 0), _("published, individually written"), "all-own"),
        Term(classes.get("shared", 0), _("published, with sentences that others use too"), "all-shared"),
        Term(classes.get("attachment", 0), _("published, only a file"), "all-attachment"),
    ]
    if not classes:
        own = [Term(kept["published_individually"], _("published, individually written"), "all-individually")]
    terms = [
        *own,
        Term(kept["published_in_campaigns"], _("published, of a letter that many sent"), "all-in-campaigns"),
        Term(kept["pending"], _("waiting for review or with their authors"), "all-pending"),
        Term(kept["withheld"], _("withheld"), "all-withheld"),
        Term(kept["withdrawn"], _("withdrawn"), "all-withdrawn"),
        Term(kept["erased"], _("erased"), "all-erased"),
    ]
    return [term for term in terms if term.n]


def attribution(quote: Mapping[str, Any]) -> str:
    """What kind of comment is quoted, and who wrote it under the name that was chosen."""
    who = _who(quote)
    return f"{STANCES[quote['stance']]} · {who}" if quote["stance"] else who


def _who(quote: Mapping[str, Any]) -> str:
    """The name, or that there is none; and of a group for which a facilitator filed, how many were there."""
    name = isolated(quote["name"]) if quote["name"] else _("Name not published")
    if not (present := quote.get("present")):
        return name
    group = ngettext(
        "filed for a group: %(num)s person was there", "filed for a group: %(num)s people were there", present
    )
    return f"{name} · {group}"


def on_place(place: Mapping[str, Any], quote: Mapping[str, Any]) -> str:
    """Where a quote belongs, and who wrote it."""
    return f"{place_heading(place)} · {_who(quote)}"


def numbers(body: Body) -> list[tuple[str, Mapping[str, int]]]:
    """The four numbers in their order."""
    return [(name, body["numbers"][name]) for name in ("received", "texts", "individual", "organisations")]


def number_label(name: str, number: int) -> str:
    """What one of the four numbers counts."""
    return {
        "received": ngettext("submission", "submissions", number),
        "texts": ngettext("distinct text", "distinct texts", number),
        "individual": _("individually written"),
        "organisations": ngettext("organisation", "organisations", number),
    }[name]


def place_heading(place: Mapping[str, Any]) -> str:
    """What a place is called, as a heading."""
    kind, label = place.get("kind"), place["number"]
    if kind == "whole":
        return _("The draft as a whole")
    if kind == "question":
        return _("Question %(number)s", number=label)
    return _("Paragraph %(number)s", number=label) if label[:1].isdigit() else place_name(place)


def place_label(place: Mapping[str, Any]) -> str:
    """What a place is called in a table: `2.1`."""
    return str(place["number"]) if place["kind"] in ("provision", "former") else place_heading(place)


def place_title(place: Mapping[str, Any]) -> str:
    """A place as a heading: what it is called and the first of its words."""
    name = place_heading(place)
    return f"{name} · {place['words']}" if place["words"] and place["number"][:1].isdigit() else name


def weight(place: Mapping[str, Any]) -> str:
    """How many submissions speak to a place, and how many of them are new."""
    said = ngettext("%(n)s submission", "%(n)s submissions", place["submissions"], n=number(place["submissions"]))
    return _("%(said)s, %(new)s new", said=said, new=number(place["new"]))


def counts(place: Mapping[str, Any]) -> dict[str | None, int]:
    """The stances at a place, as the kit's bar wants them: None where it was not said."""
    return {stance or None: n for stance, n in place["stances"].items()}


def stances(place: Mapping[str, Any]) -> str:
    """`Support 62, Concern 213`, in the order of the kit; nothing of a question, which has answers."""
    said = {} if place.get("kind") == "question" else place["stances"]
    found = [f"{word} {number(said[stance])}" for stance, word in STANCES.items() if stance in said]
    return _(", ").join(found)


STANCES = {
    "support": N_("Support"),
    "concern": N_("Concern"),
    "wording": N_("Suggest wording"),
    "evidence": N_("Evidence from practice"),
    "": N_("Not said"),
}


_MARKS = {"en": ("“", "”"), "fr": ("«\u202f", "\u202f»"), "es": ("«", "»"), "ar": ("«", "»")}
"""Quotation marks of the language that quotes, which need not be that of the words. Source: CLDR delimiters."""


def quoted(quote: Mapping[str, Any]) -> str:
    """The quoted words between quotation marks; an ellipsis outside them where the comment goes on in mid-sentence."""
    first, last = _MARKS.get(language(), _MARKS["en"])
    return f"{first}{isolated(quote['words'])}{last}{' …' if quote['cut'] else ''}"


def method(body: Body) -> str:
    """How it was counted, in a line."""
    since, until = body["manifest"]["window"]
    return _(
        "Method: a submission counts once at each place and stance. Texts are the same when their words are; capitals, "
        "spaces and punctuation do not count. Quotes are word for word, individually written words first. Counted from "
        "entries %(first)s to %(last)s of the ledger.",
        first=number(since), last=number(until - 1),
    )  # fmt: skip


def cadence_name(cadence: Cadence) -> str:
    return str(CADENCES[cadence])
