"""Sentences of a digest: fixed templates with numbers, in the current language."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from consult.core.i18n import N_, _, current_language, ngettext
from consult.core.languages import find_language
from consult.core.web.template_filters import format_day, format_day_of_year, format_number
from consult.digests.content.body import Body, ConsultationFacts, NewAndTotal, NewsSection, PlaceHeadline
from consult.digests.content.rows import CountedPlace, NamedPlace, PlaceReference, PlaceRow, Quote, TopicRow
from consult.digests.model import Cadence
from consult.digests.render import claims, marks
from consult.digests.render.letter_headlines import how_contradiction_was_told, letter_headline
from consult.digests.render.marks import bidi_isolate as bidi_isolate
from consult.digests.render.marks import in_quotation_marks as in_quotation_marks
from consult.digests.results.summary import Summary

_SUBJECT = 70
"""Characters of a subject that lists of letters show."""
CADENCE_NAMES = {
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
    "consultation.reopened": N_("The consultation is open. That it had closed was a mistake of this site's clock."),
    "consultation.opening_undone": N_(
        "The consultation has not opened yet. That it had opened was a mistake of this site's clock."
    ),
    "draft.published": N_("A version of the draft was published."),
    "consultation.extended": N_("The consultation stays open for longer."),
    "consultation.changed": N_("What the consultation says of itself was changed."),
}


@dataclass(frozen=True)
class LinkedSentence:
    """A sentence, and the name of the list behind its number, or of the case study or plan that it leads to."""

    text: str
    what: str = ""
    study: str = ""
    plan: str = ""


@dataclass(frozen=True)
class BooksTerm:
    """A term of the books."""

    n: int
    label: str
    what: str


def subject(body: Body) -> str:
    """The finding after the consultation's code; what is asked of a reader follows it in their own letter."""
    code = body.consultation.code
    return _("%(code)s: %(found)s", code=code, found=headline(body, most=_SUBJECT - len(code) - 2))


def headline(body: Body, *, most: int = 160) -> str:
    """The finding in one sentence, without a full stop; what a letter asks is cut, so that it has `most` characters."""
    found = body.headline
    if isinstance(found, PlaceHeadline):
        return place_headline(found)
    kind, n = found.kind, found.n or 0
    if kind == "letter":
        return letter_headline(body, most=most)
    if kind == "received":
        return ngettext(
            "%(n)s new submission was received", "%(n)s new submissions were received", n, n=format_number(n)
        )
    if kind == "published":
        return ngettext("%(n)s submission was published", "%(n)s submissions were published", n, n=format_number(n))
    if kind == "closed":
        return ngettext(
            "Closed with %(n)s submission received", "Closed with %(n)s submissions received", n, n=format_number(n)
        )
    if kind == "answered":
        return ngettext("%(n)s argument was answered", "%(n)s arguments were answered", n, n=format_number(n))
    if kind == "event":
        return str(_EVENTS[found.event or ""]).rstrip(".")
    if kind == "errata":
        return ngettext("%(n)s quote was taken back", "%(n)s quotes were taken back", n, n=format_number(n))
    return _("No new submissions; some that were there changed")


def place_headline(found: PlaceHeadline) -> str:
    """The most frequent view at a place, in one sentence without a full stop."""
    place, n = place_name(found), found.n or 0
    if found.kind == "split":
        said = claims.views_divide(n, found.of, place, [str(_SIDES[stance]) for stance in found.sides])
    elif found.kind == "stance":
        said = claims.stance_at_place(found, place)
        said = claims.few_texts(found.texts or 0, found.of, said) or said
    else:
        about = claims.new_at_a_place if found.kind == "place" else claims.all_at_a_place
        said = about(found.of, found.published, place)
    return said or ngettext(
        "%(n)s submission on %(place)s",
        "%(n)s submissions on %(place)s",
        found.of,
        n=format_number(found.of),
        place=place,
    )


def about(body: Body) -> PlaceRow | None:
    """The place of the draft that the finding is about; None where it is about none."""
    if not isinstance(body.headline, PlaceHeadline):
        return None
    key = body.headline.place
    return next((place for place in body.places if place.key == key and place.words), None)


def finding_list(body: Body) -> str:
    """The name of the list behind the finding; empty where there is none."""
    found = body.headline
    if not isinstance(found, PlaceHeadline):
        listed = {"received": "received", "published": "published", "letter": f"letter:{found.letter}"}
        return listed.get(found.kind, "")
    return ":".join(filter(None, ("at" if found.new else "all-at", found.place, found.stance)))


def place_name(place: NamedPlace) -> str:
    """How a sentence calls a place: `paragraph 2.1`, the draft as a whole, `question 1`."""
    kind, label = place.kind, place.number
    if kind == "whole":
        return _("the draft as a whole")
    if kind == "question":
        return _("question %(number)s", number=label)
    if label[:1].isdigit():
        return _("paragraph %(number)s", number=label)
    first, last = find_language(current_language()).quotation_marks
    return f"{first}{label}{last}"


def paragraph_name(number: str) -> str:
    """How a sentence calls a paragraph by its number."""
    return place_name(PlaceReference(key="", kind="provision", number=number))


def duty(body: Body) -> str:
    """The reader's task, as a sentence; empty if there is none."""
    asked, consultation = body.duty, body.consultation
    if asked.kind == "open":
        day = format_day(consultation.closes_at, consultation.timezone)
        said = _("The consultation is open until %(day)s.", day=day)
        return f"{said} {_promise(consultation)}".strip()
    if asked.kind == "answer":
        return _promise(consultation)
    if asked.kind == "overdue" and consultation.answer_by:
        days = asked.days or 0
        return ngettext(
            "The answer promised by %(day)s is %(n)s day overdue.",
            "The answer promised by %(day)s is %(n)s days overdue.",
            days,
            n=format_number(days),
            day=format_day(consultation.answer_by),
        )
    return ""


def duty_title(body: Body) -> str:
    """What stands over it: only an answer is waited for."""
    return _("What comes next") if body.duty.kind == "open" else _("Waiting for you")


def _promise(consultation: ConsultationFacts) -> str:
    if not consultation.answer_by:
        return ""
    return _("An answer is promised by %(day)s.", day=format_day(consultation.answer_by))


def short_duty(body: Body) -> str:
    """The duty in a few words, for the subject."""
    asked = body.duty
    days = asked.days or 0
    if asked.kind == "open":
        return ngettext("closes in %(n)s day", "closes in %(n)s days", days, n=format_number(days)) if days < 15 else ""
    if asked.kind == "answer":
        return ngettext("answer due in %(n)s day", "answer due in %(n)s days", days, n=format_number(days))
    if asked.kind == "overdue":
        return ngettext("answer %(n)s day overdue", "answer %(n)s days overdue", days, n=format_number(days))
    return ""


def edition(body: Body) -> str:
    """`Weekly digest 4`."""
    return _(
        "%(digest)s %(number)s",
        digest=str(CADENCE_NAMES[Cadence(body.cadence)]),
        number=format_number(body.edition),
    )


def period(body: Body) -> str:
    """The dates of the window in the consultation's own place: `15–21 December 2026`."""
    zone = ZoneInfo(body.consultation.timezone)
    start, end = (at.astimezone(zone).date() for at in (body.from_at, body.to_at))
    if start == end:
        return format_day(end)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{format_day(end)}"
    return f"{format_day(start) if start.year != end.year else format_day_of_year(start)} – {format_day(end)}"


def news(body: Body) -> list[LinkedSentence]:
    """Events of the window, each with the list behind its number."""
    found = body.news
    lines = [LinkedSentence(str(_EVENTS[event])) for event in found.events]
    return lines + [LinkedSentence(text, what) for what, text in _news_sentences(found) if vars(found)[what]]


def _news_sentences(found: NewsSection) -> list[tuple[str, str]]:
    """A sentence for each count, also for those that are zero."""
    shown = {name: format_number(n) for name, n in vars(found).items() if isinstance(n, int)}
    n = found
    return [
        ("received", ngettext("%(n)s submission was received.", "%(n)s submissions were received.", n.received,
                              n=shown["received"])),
        ("published", ngettext("%(n)s submission was published.", "%(n)s submissions were published.", n.published,
                               n=shown["published"])),
        ("organisations", ngettext("%(n)s organisation spoke: %(names)s.", "%(n)s organisations spoke: %(names)s.",
                                   n.organisations, n=shown["organisations"], names=_names(found))),
        ("returned", ngettext("%(n)s went back to its author to be changed.",
                              "%(n)s went back to their authors to be changed.", n.returned, n=shown["returned"])),
        ("amended", ngettext("%(n)s came back from its author, changed.",
                             "%(n)s came back from their authors, changed.", n.amended, n=shown["amended"])),
        ("replied", ngettext("%(n)s came back from its author as it was, with an answer to a moderator.",
                             "%(n)s came back from their authors as they were, with answers to moderators.",
                             n.replied, n=shown["replied"])),
        ("withheld", ngettext("%(n)s was withheld, with a reason.", "%(n)s were withheld, each with a reason.",
                              n.withheld, n=shown["withheld"])),
        ("withdrawn", ngettext("%(n)s was withdrawn by its author.", "%(n)s were withdrawn by their authors.",
                               n.withdrawn, n=shown["withdrawn"])),
        ("erased", ngettext("%(n)s was erased.", "%(n)s were erased.", n.erased, n=shown["erased"])),
    ]  # fmt: skip


def _names(found: NewsSection) -> str:
    more = found.organisations - len(found.names)
    listed = _(", ").join(bidi_isolate(name) for name in found.names)
    return _("%(names)s and %(n)s more", names=listed, n=format_number(more)) if more > 0 else listed


def books(body: Body | Summary) -> list[BooksTerm]:
    """The terms that add up to what was received."""
    kept, classes = body.books, body.books.classes
    own = [
        BooksTerm(classes.get("individual", 0), _("published, individually written"), "all-own"),
        BooksTerm(classes.get("shared", 0), _("published, with sentences that others use too"), "all-shared"),
        BooksTerm(classes.get("attachment", 0), _("published, only a file"), "all-attachment"),
    ]
    if not classes:
        own = [BooksTerm(kept.published_individually, _("published, individually written"), "all-individually")]
    terms = [
        *own,
        BooksTerm(kept.published_in_campaigns, _("published, of letters that many sent"), "all-in-campaigns"),
        BooksTerm(kept.pending, _("waiting for review or with their authors"), "all-pending"),
        BooksTerm(kept.withheld, _("withheld"), "all-withheld"),
        BooksTerm(kept.withdrawn, _("withdrawn"), "all-withdrawn"),
        BooksTerm(kept.erased, _("erased"), "all-erased"),
    ]
    return [term for term in terms if term.n]


def attribution(quote: Quote) -> str:
    """The kind of the quoted comment, and its author under the chosen name."""
    who = _author_name(quote)
    return f"{STANCE_NAMES[quote.stance]} · {who}" if quote.stance else who


def _author_name(quote: Quote) -> str:
    """The name, or that there is none; and of a group for which a facilitator filed, how many were there."""
    name = bidi_isolate(quote.name) if quote.name else _("Name not published")
    if not (present := quote.present):
        return name
    group = ngettext(
        "filed for a group: %(num)s person was there", "filed for a group: %(num)s people were there", present
    )
    return f"{name} · {group}"


def on_place(place: NamedPlace, quote: Quote) -> str:
    """The place and author of a quote."""
    return f"{place_heading(place)} · {_author_name(quote)}"


def numbers(body: Body) -> list[tuple[str, NewAndTotal]]:
    """The four numbers in their order."""
    return list(vars(body.numbers).items())


def number_label(name: str, number: int) -> str:
    """The label of one of the four numbers."""
    return {
        "received": ngettext("submission received", "submissions received", number),
        "texts": ngettext("distinct text", "distinct texts", number),
        "individual": _("individually written"),
        "organisations": ngettext("organisation", "organisations", number),
    }[name]


def place_heading(place: NamedPlace) -> str:
    """The heading of a place."""
    kind, label = place.kind, place.number
    if kind == "whole":
        return _("The draft as a whole")
    if kind == "question":
        return _("Question %(number)s", number=label)
    return _("Paragraph %(number)s", number=label) if label[:1].isdigit() else place_name(place)


def place_label(place: NamedPlace) -> str:
    """The label of a place in a table: `2.1`."""
    return place.number if place.kind in ("provision", "former") else place_heading(place)


def place_title(place: CountedPlace) -> str:
    """A place as a heading: what it is called and the first of its words."""
    name = place_heading(place)
    return f"{name} · {place.words}" if place.words and place.number[:1].isdigit() else name


def weight(place: PlaceRow) -> str:
    """How many submissions speak to a place, and how many of them are new."""
    said = ngettext("%(n)s submission", "%(n)s submissions", place.submissions, n=format_number(place.submissions))
    return _("%(said)s, %(new)s new", said=said, new=format_number(place.new))


def counts(place: CountedPlace | TopicRow) -> dict[str | None, int]:
    """The stances at a place, as the kit's bar wants them: None where it was not said."""
    return {stance or None: n for stance, n in place.stances.items()}


def stances(place: CountedPlace | TopicRow) -> str:
    """`Support 62, Concern 213`, in the order of the kit; nothing of a question, which has answers."""
    said = {} if isinstance(place, CountedPlace) and place.kind == "question" else place.stances
    found = [f"{word} {format_number(said[stance])}" for stance, word in STANCE_NAMES.items() if stance in said]
    return _(", ").join(found)


STANCE_NAMES = {
    "support": N_("Support"),
    "concern": N_("Concern"),
    "wording": N_("Suggest wording"),
    "evidence": N_("Evidence from practice"),
    "": N_("Not said"),
}


def quoted(quote: Quote) -> str:
    """The quoted words between quotation marks; an ellipsis outside them where the comment goes on in mid-sentence.

    Of an amendment what it changes: what goes and what comes, each in brackets.
    """
    if quote.difference:
        return "".join(marks.in_brackets(run) for run in quote.difference)
    return f"{in_quotation_marks(quote.words or '')}{' …' if quote.cut else ''}"


def method(body: Body) -> str:
    """How it was counted, in a line; and by what it was told who contradicts a letter."""
    since, until = body.manifest.window
    counted = _(
        "Method: a submission counts once at each place and stance. Texts are the same when their words are; capitals, "
        "spaces and punctuation do not count. Quotes are word for word, individually written words first. Counted from "
        "entries %(first)s to %(last)s of the ledger.",
        first=format_number(since),
        last=format_number(until - 1),
    )
    return " ".join(filter(None, (counted, how_contradiction_was_told(body.copied))))


def cadence_name(cadence: Cadence) -> str:
    return str(CADENCE_NAMES[cadence])
