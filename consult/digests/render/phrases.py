"""Sentences of a digest: fixed templates with numbers, in the current language."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from consult.core.i18n import N_, _, current_language, ngettext
from consult.core.languages import find_language
from consult.core.text import excerpt
from consult.core.web.addresses import public_url
from consult.core.web.template_filters import format_day, format_day_of_year, format_number
from consult.digests.content.body import Body, NewAndTotal, NewsSection, PlaceHeadline
from consult.digests.content.changes import AMENDMENTS_APART
from consult.digests.content.rows import AMENDMENT, CountedPlace, NamedPlace, PlaceRow, Quote, TopicRow
from consult.digests.figures.summary import Summary
from consult.digests.model import Cadence
from consult.digests.render import claims, marks
from consult.digests.render.marks import bidi_isolate as bidi_isolate
from consult.digests.render.marks import in_quotation_marks as in_quotation_marks
from consult.digests.sides import phrases as side_phrases
from consult.submissions.stances import NAMES

STANCE_NAMES = NAMES
_SIDES_SUBJECT = 60
"""The maximum number of characters of a subject about positions."""
CADENCE_NAMES = {
    Cadence.DAILY: N_("Daily digest"),
    Cadence.WEEKLY: N_("Weekly digest"),
    Cadence.CLOSING: N_("Closing digest"),
    Cadence.IMMEDIATE: N_("Early warning"),
    Cadence.DEMAND: N_("Digest on demand"),
}
_EVENTS = {
    "consultation.opened": N_("The consultation opened."),
    "consultation.closed": N_("The consultation has closed. It no longer accepts submissions."),
    "consultation.reopened": N_(
        "The consultation is open. It was shown as closed by mistake because our system time was wrong."
    ),
    "consultation.opening_undone": N_(
        "The consultation has not opened yet. It was shown as open by mistake because our system time was wrong."
    ),
    "draft.published": N_("A version of the draft was published."),
    "consultation.extended": N_("Consultation extended."),
    "consultation.changed": N_("The consultation’s description changed."),
}


@dataclass(frozen=True)
class LinkedSentence:
    """A sentence, and the name of the list behind its number, or the case study, plan or paper that it links to."""

    text: str
    what: str = ""
    study: str = ""
    plan: str = ""
    paper: int = 0  # a piece of evidence, whose file has this page
    page: int = 0
    is_request: bool = False  # in the paper

    def link(self, slug: str, digest: int | None) -> str:
        """Return the URL of what it is about, or else of its list in a digest, or an empty string."""
        if self.plan:
            return public_url("plans.plan", slug=self.plan)
        if self.study:
            return public_url("case_studies.one", slug=self.study)
        if self.page:
            return public_url("evidence.download", slug=slug, number=self.paper, _anchor=f"page={self.page}")
        if self.paper:
            return public_url("evidence.one", slug=slug, number=self.paper)
        return public_url("digests.listing", number=digest, what=self.what) if digest and self.what else ""


@dataclass(frozen=True)
class BooksTerm:
    """A term of the submission count."""

    n: int
    label: str
    what: str


def subject(body: Body) -> str:
    """Return the subject: code and headline, or finding and title if the headline is about sides.

    A reader's task is added in their own e-mail.
    """
    code = body.consultation.code
    if body.headline.kind == "sides" and body.sides:
        sides = side_phrases.say_finding_briefly(body.sides)
        title = excerpt(body.consultation.title, max(_SIDES_SUBJECT - len(sides) - 2, 12))
        return _("%(sides)s: %(title)s", sides=sides, title=title)
    return _("%(code)s: %(headline)s", code=code, headline=headline(body))


def headline(body: Body) -> str:
    """Return the headline without a full stop."""
    found = body.headline
    if isinstance(found, PlaceHeadline):
        return place_headline(found)
    kind, n = found.kind, found.n or 0
    if kind == "sides" and body.sides:
        return side_phrases.say_finding(body.sides)
    if kind == "letter":
        row = next((copied for copied in body.copied if copied.key == found.letter), None)
        return letter_finding(n, found.others or 0, of_template=row is not None and row.variants is not None)
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
        return ngettext("%(n)s quote was removed", "%(n)s quotes were removed", n, n=format_number(n))
    return _("No new submissions, but some earlier submissions changed")


def letter_finding(n: int, others: int = 0, *, of_template: bool = False) -> str:
    """Return how many sent one campaign letter, or used one template, and how many other texts there are."""
    if of_template:
        said = ngettext(
            "%(n)s submission uses one template", "%(n)s submissions use one template", n, n=format_number(n)
        )
    else:
        said = ngettext(
            "%(n)s copy of one campaign letter", "%(n)s copies of one campaign letter", n, n=format_number(n)
        )
    if not others:
        return said
    return ngettext(
        "%(campaign)s (%(n)s other text)",
        "%(campaign)s (%(n)s other texts)",
        others,
        campaign=said,
        n=format_number(others),
    )


def place_headline(found: PlaceHeadline) -> str:
    """Return the most frequent type on a part of the draft as a sentence without a full stop."""
    place, n = place_name(found), found.n or 0
    if found.kind == "split":
        said = claims.views_divide(n, found.of, place, found.sides)
    elif found.kind == "stance":
        stance = "wording" if found.stance == AMENDMENT else found.stance or ""
        said = claims.stance_at_place(n, found.of, place, stance, bool(found.new))
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
    """Return the part of the draft that the headline is about, or None."""
    if not isinstance(body.headline, PlaceHeadline):
        return None
    key = body.headline.place
    return next((place for place in body.places if place.key == key and place.words), None)


def finding_list(body: Body) -> str:
    """Return the name of the list behind the headline, or an empty string."""
    found = body.headline
    if not isinstance(found, PlaceHeadline):
        listed = {"received": "received", "published": "published", "letter": f"letter:{found.letter}"}
        return listed.get(found.kind, "")
    return ":".join(filter(None, ("at" if found.new else "all-at", found.place, found.stance)))


def place_name(place: NamedPlace) -> str:
    """Return the label of a part of the draft in a sentence: `paragraph 2.1`, the draft as a whole, `question 1`."""
    kind, label = place.kind, place.number
    if kind == "whole":
        return _("the draft as a whole")
    if kind == "question":
        return _("question %(number)s", number=label)
    if label[:1].isdigit():
        return _("paragraph %(number)s", number=label)
    first, last = find_language(current_language()).quotation_marks
    return f"{first}{label}{last}"


def edition(body: Body) -> str:
    """Return the name of an edition, such as `Weekly digest 4`."""
    return _(
        "%(digest)s %(number)s",
        digest=str(CADENCE_NAMES[Cadence(body.cadence)]),
        number=format_number(body.edition),
    )


def period(body: Body) -> str:
    """Return the dates of the window in the consultation's time zone: `15–21 December 2026`."""
    zone = ZoneInfo(body.consultation.timezone)
    start, end = (at.astimezone(zone).date() for at in (body.from_at, body.to_at))
    if start == end:
        return format_day(end)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{format_day(end)}"
    return f"{format_day(start) if start.year != end.year else format_day_of_year(start)} – {format_day(end)}"


def news(body: Body) -> list[LinkedSentence]:
    """Return the events of the window, each with the list behind its number."""
    found = body.news
    lines = [LinkedSentence(str(_EVENTS[event])) for event in found.events]
    return lines + [LinkedSentence(text, what) for what, text in _news_sentences(found) if vars(found)[what]]


def _news_sentences(found: NewsSection) -> list[tuple[str, str]]:
    """Return a sentence for each count, including zero."""
    shown = {name: format_number(n) for name, n in vars(found).items() if isinstance(n, int)}
    n = found
    return [
        ("received", ngettext("%(n)s submission was received.", "%(n)s submissions were received.", n.received,
                              n=shown["received"])),
        ("published", ngettext("%(n)s submission was published.", "%(n)s submissions were published.", n.published,
                               n=shown["published"])),
        ("organisations", ngettext("%(n)s organisation took part: %(names)s.", 
            "%(n)s organisations took part: %(names)s."
        ,
                                   n.organisations, n=shown["organisations"], names=_names(found))),
        ("returned", ngettext("%(n)s was returned to its author for changes.",
                              "%(n)s were returned to their authors for changes.", n.returned, n=shown["returned"])),
        ("amended", ngettext("%(n)s was changed by its author and sent again.",
                             "%(n)s were changed by their authors and sent again.", n.amended, n=shown["amended"])),
        ("replied", ngettext("%(n)s was sent again unchanged, with a message to the moderator.",
                             "%(n)s were sent again unchanged, with messages to the moderator.",
                             n.replied, n=shown["replied"])),
        ("withheld", ngettext("%(n)s was not published. The decision has a reason.", 
            "%(n)s were not published. Each decision has a reason."
        ,
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
    """Return the terms that add up to the submissions received."""
    kept, classes = body.books, body.books.classes
    own = [
        BooksTerm(classes.get("individual", 0), _("published, individually written"), "all-own"),
        BooksTerm(classes.get("shared", 0), _("published, sharing sentences with others"), "all-shared"),
        BooksTerm(classes.get("attachment", 0), _("published, file only"), "all-attachment"),
    ]
    if not classes:
        own = [BooksTerm(kept.published_individually, _("published, individually written"), "all-individually")]
    terms = [
        *own,
        BooksTerm(kept.published_in_campaigns, _("published, copies of campaign letters"), "all-in-campaigns"),
        BooksTerm(kept.pending, _("waiting for review or returned to their authors"), "all-pending"),
        BooksTerm(kept.withheld, _("not published"), "all-withheld"),
        BooksTerm(kept.withdrawn, _("withdrawn"), "all-withdrawn"),
        BooksTerm(kept.erased, _("erased"), "all-erased"),
    ]
    return [term for term in terms if term.n]


def attribution(quote: Quote) -> str:
    """Return the type of the quoted comment, and its author under the chosen name."""
    who = _author_name(quote)
    said = f"{STANCE_NAMES[quote.stance]} · {who}" if quote.stance else who
    return f"{said} · {_supporters(quote.supporters)}" if quote.supporters else said


def _supporters(n: int) -> str:
    return ngettext(
        "supported by %(n)s other submission", "supported by %(n)s other submissions", n, n=format_number(n)
    )


def _author_name(quote: Quote) -> str:
    """Return the author's name or that it is not published, and for a facilitated group the number of people."""
    name = bidi_isolate(quote.name) if quote.name else _("Name not published")
    if not (present := quote.present):
        return name
    group = ngettext("sent for a group (%(num)s person present)", "sent for a group (%(num)s people present)", present)
    return f"{name} · {group}"


def on_place(place: NamedPlace, quote: Quote) -> str:
    """Return the part of the draft and the author of a quote."""
    return f"{place_heading(place)} · {_author_name(quote)}"


def numbers(body: Body) -> list[tuple[str, NewAndTotal]]:
    """Return the four totals of the digest with their names, in the order of their fields."""
    return list(vars(body.numbers).items())


def number_label(name: str, number: int) -> str:
    """Return the label of one of the four numbers."""
    return {
        "received": ngettext("submission received", "submissions received", number),
        "texts": ngettext("distinct text", "distinct texts", number),
        "individual": _("individually written"),
        "organisations": ngettext("organisation", "organisations", number),
    }[name]


def place_heading(place: NamedPlace) -> str:
    """Return the heading of a part of the draft."""
    kind, label = place.kind, place.number
    if kind == "whole":
        return _("The draft as a whole")
    if kind == "question":
        return _("Question %(number)s", number=label)
    return _("Paragraph %(number)s", number=label) if label[:1].isdigit() else place_name(place)


def place_label(place: NamedPlace) -> str:
    """Return the label of a part of the draft in a table: `2.1`."""
    return place.number if place.kind in ("provision", "former") else place_heading(place)


def place_title(place: CountedPlace) -> str:
    """Return the heading of a part of the draft with the first of its words."""
    name = place_heading(place)
    return f"{name} · {place.words}" if place.words and place.number[:1].isdigit() else name


def weight(place: PlaceRow) -> str:
    """Return the number of submissions on a part of the draft, and of new ones."""
    submissions = ngettext(
        "%(n)s submission", "%(n)s submissions", place.submissions, n=format_number(place.submissions)
    )
    return _("%(submissions)s, %(new)s new", submissions=submissions, new=format_number(place.new))


def counts(place: CountedPlace | TopicRow) -> dict[str | None, int]:
    """Return the counts by type for the kit's bar. None means that no type was chosen."""
    return {stance or None: n for stance, n in place.stances.items()}


def stances(place: CountedPlace | TopicRow) -> str:
    """Return the counts by type, such as `Keep 62, Change 213`, or an empty string for a question."""
    said = {} if isinstance(place, CountedPlace) and place.kind == "question" else place.stances
    if set(said) == {""}:
        return _("No type of comment given")
    counts = [f"{word} {format_number(said[stance])}" for stance, word in STANCE_NAMES.items() if stance in said]
    return _(", ").join(counts)


def quoted(quote: Quote) -> str:
    """Return the quote in quotation marks, followed by an ellipsis if it ends in mid-sentence.

    For a suggested wording, return its changes in brackets.
    """
    if quote.difference:
        return "".join(marks.in_brackets(run) for run in quote.difference)
    return f"{in_quotation_marks(' '.join((quote.words or '').split()))}{' …' if quote.cut else ''}"


def method(body: Body) -> str:
    """Return the method note: how submissions were counted."""
    since, until = body.manifest.window
    counted = _(
        "Method: a submission counts once for each part of the draft and type of comment. We treat texts with "
        "the same words as identical, whatever the capitals, spaces and punctuation. Quotes are verbatim, "
        "individually written ones first. The counts are based on entries %(first)s to %(last)s of the public "
        "record.",
        first=format_number(since),
        last=format_number(until - 1),
    )
    apart = body.manifest.rules.get("heard", 0) >= AMENDMENTS_APART
    amended = _("We count submissions that suggest or support new wording only under that wording.") if apart else ""
    return " ".join(filter(None, (counted, amended)))


def cadence_name(cadence: Cadence) -> str:
    return str(CADENCE_NAMES[cadence])
