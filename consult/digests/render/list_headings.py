"""Headings and row texts of the lists behind a digest's numbers."""

from __future__ import annotations

from flask import Flask

from consult.core.i18n import _, ngettext
from consult.core.web.template_filters import format_number
from consult.digests.content import contributors
from consult.digests.content import topics as content_topics
from consult.digests.lists.names import REST, ListSelector
from consult.digests.lists.numbers import find_breakdown, get_target
from consult.digests.lists.queries import ListedSubmission, SubmissionList
from consult.digests.render import campaign_phrases, template_helpers
from consult.digests.render.phrases import STANCE_NAMES, bidi_isolate, place_heading, place_name
from consult.submissions.model import State

_REGROUPED = {"own", "shared", "attachment", "told", "argued"}
"""Lists of what texts are found to be among the others, which later ones may change."""


def title(listing: SubmissionList) -> str:
    """The heading of the list behind a number, with the number."""
    n = format_number(listing.count)
    what = listing.what
    if what.kind == "at":
        return _title_at(listing, n)
    if what.kind in ("of", "side", "met"):
        return _group_title(listing, n)
    if what.kind in ("placed", "spoken", "by-letter", "told", "argued", "day", "about"):
        return _title_of_words(listing, n)
    return {
        "received": ngettext("%(n)s submission received", "%(n)s submissions received", listing.count, n=n),
        "published": ngettext("%(n)s submission published", "%(n)s submissions published", listing.count, n=n),
        "returned": ngettext("%(n)s submission returned", "%(n)s submissions returned", listing.count, n=n),
        "amended": ngettext("%(n)s submission came back", "%(n)s submissions came back", listing.count, n=n),
        "replied": ngettext("%(n)s submission answered by its author", "%(n)s submissions answered by their authors",
                            listing.count, n=n),
        "withheld": ngettext("%(n)s submission withheld", "%(n)s submissions withheld", listing.count, n=n),
        "withdrawn": ngettext("%(n)s submission withdrawn", "%(n)s submissions withdrawn", listing.count, n=n),
        "erased": ngettext("%(n)s submission erased", "%(n)s submissions erased", listing.count, n=n),
        "pending": ngettext("%(n)s submission waiting", "%(n)s submissions waiting", listing.count, n=n),
        "individually": _("%(n)s published, individually written", n=n),
        "in-campaigns": _("%(n)s published, of letters that many sent", n=n),
        "unplaced": ngettext(
            "%(n)s submission on the draft as a whole only", "%(n)s submissions on the draft as a whole only",
            listing.count, n=n,
        ),
        "texts": ngettext("%(n)s distinct text", "%(n)s distinct texts", listing.count, n=n),
        "individual": ngettext(
            "%(n)s individually written text", "%(n)s individually written texts", listing.count, n=n
        ),
        "organisations": ngettext("%(n)s organisation", "%(n)s organisations", listing.count, n=n),
        "own": _("%(n)s published, in their own words", n=n),
        "shared": _("%(n)s published, in own words and sentences that others use too", n=n),
        "attachment": _("%(n)s published, only a file", n=n),
        "letter": _title_of_letter(listing),
        "copies": ngettext(
            "%(n)s submission in the same words", "%(n)s submissions in the same words", listing.count, n=n
        ),
    }[what.kind]  # fmt: skip


def _title_of_letter(listing: SubmissionList) -> str:
    row = next((one for one in listing.numbers.copied if one.key == listing.what.key), None)
    if row is None:
        return ""
    part = next((one for one in campaign_phrases.senders(row) if one.what == listing.what.name), None)
    said = campaign_phrases.submissions(row)
    if part is not None and listing.what.part == "turned":  # some of them are confirmed, others are not
        return f"{format_number(listing.count)} · {part.text} · {said}"
    return f"{part.text} · {said}" if part else said


def _title_at(listing: SubmissionList, n: str) -> str:
    what = listing.what
    where = place_name(listing.place) if listing.place else what.place
    stance = "" if what.stance == "any" else str(STANCE_NAMES.get(what.stance, what.stance))
    said = ngettext("%(n)s submission on %(place)s", "%(n)s submissions on %(place)s", listing.count, n=n, place=where)
    return f"{said}: {stance}" if stance else said


def _title_of_words(listing: SubmissionList, n: str) -> str:
    """A list of what was placed or argued, is about a topic, or came on a day."""
    if listing.what.kind == "about":
        said = ngettext("%(n)s comment", "%(n)s comments", listing.count, n=n)
        topic = content_topics.find_topic(listing.numbers.topics, listing.what.key)
        return f"{said}: {template_helpers.topic_name(topic) if topic else ''}"
    if listing.what.kind == "day":
        return ngettext(
            "%(n)s comment on %(day)s",
            "%(n)s comments on %(day)s",
            listing.count,
            n=n,
            day=template_helpers.a_day(listing.what.key),
        )
    return {
        "placed": ngettext(
            "%(n)s submission on a paragraph, on a question or of a letter",
            "%(n)s submissions on a paragraph, on a question or of a letter", listing.count, n=n,
        ),
        "spoken": ngettext(
            "%(n)s submission on a paragraph or a question", "%(n)s submissions on a paragraph or a question",
            listing.count, n=n,
        ),
        "by-letter": ngettext(
            "%(n)s submission of a letter, on no paragraph and no question",
            "%(n)s submissions of a letter, on no paragraph and no question", listing.count, n=n,
        ),
        "told": ngettext(
            "%(n)s submission in an argument or a campaign", "%(n)s submissions in an argument or a campaign",
            listing.count, n=n,
        ),
        "argued": ngettext(
            "%(n)s new submitter of one argument", "%(n)s new submitters of one argument", listing.count, n=n
        ),
    }[listing.what.kind]  # fmt: skip


def _group_title(listing: SubmissionList, n: str) -> str:
    """A list of groups of contributors: how many submissions there are, and of whom."""
    what = listing.what
    if what.kind == "met":
        said = ngettext("%(n)s person at meetings", "%(n)s people at meetings", listing.count, n=n)
        return f"{said}: {bidi_isolate(get_target(listing.numbers, what).label)}"
    if what.keys == (REST,):
        found = find_breakdown(listing.numbers.who, what.dimension)
        groups = contributors.small_groups_label(found.groups if found else 0)
    else:
        groups = _(", ").join(contributors.group_title(what.dimension, key) for key in what.keys)
    if what.kind == "side":
        where = place_name(listing.place) if listing.place else what.place
        said = ngettext(
            "%(n)s that supports %(place)s or raises concerns",
            "%(n)s that support %(place)s or raise concerns",
            listing.count,
            n=n,
            place=where,
        )
    else:
        said = ngettext("%(n)s submission", "%(n)s submissions", listing.count, n=n)
    return f"{said}: {groups}"


def public_lead() -> str:
    """The lead of a list of "What we heard"."""
    return _("Newest first. What is not published is shown without its words and its reference.")


def lead(listing: SubmissionList) -> str:
    """Which time a list is about, and what may have happened since."""
    if listing.what.kind in _REGROUPED:
        return _("Newest first, as texts are grouped now: others that came later may have changed that.")
    if listing.what.all:
        return _(
            "Everything up to this digest, newest first. What was taken down since then is shown without its words."
        )
    return _("New in this digest, newest first. What was taken down since then is shown without its words.")


def where(listing: SubmissionList, line: ListedSubmission) -> str:
    """The place of a row's comment, in a list of several places."""
    found = (place for place in listing.numbers.places if line.place and place.key == line.place)
    return next((place_heading(place) for place in found), "")


def copies(what: ListSelector, line: ListedSubmission) -> str:
    """How many submissions a row of a list stands for."""
    if what.kind == "organisations":
        return ngettext("%(num)s submission", "%(num)s submissions", line.copies)
    if what.kind == "met":
        return ngettext("%(num)s person was there", "%(num)s people were there", line.copies)
    return ngettext("%(num)s submission in these words", "%(num)s submissions in these words", line.copies)


def state_name(state: State) -> str:
    """The present state of a submission, for a list."""
    return {
        State.PENDING: _("Waiting for review"),
        State.RETURNED: _("With its author, to be changed"),
        State.PUBLISHED: _("Published"),
        State.WITHHELD: _("Withheld"),
        State.WITHDRAWN: _("Withdrawn by its author"),
        State.ERASED: _("Erased"),
    }[state]


def letter_state(state: str) -> str:
    """How far a letter got."""
    return {
        "pending": _("waiting"),
        "sending": _("being sent"),
        "uncertain": _("perhaps arrived"),
        "sent": _("sent"),
        "failed": _("refused"),
        "dead": _("given up"),
        "suppressed": _("not sent"),
    }[state]


def init_app(app: Flask) -> None:
    """Gives templates the words for stances, for use with `map`."""
    app.jinja_env.filters["say_stance"] = lambda stance: str(STANCE_NAMES[stance or ""])
