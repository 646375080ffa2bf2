"""Headings and row texts of the lists behind a digest's numbers."""

from __future__ import annotations

from flask import Flask

from consult.core.i18n import _, ngettext, pgettext
from consult.core.web.template_filters import format_number
from consult.digests.content import topics as content_topics
from consult.digests.lists.names import REST, ListSelector
from consult.digests.lists.numbers import find_breakdown, get_target
from consult.digests.lists.queries import ListedSubmission, SubmissionList
from consult.digests.render import campaign_phrases, contributors, template_helpers
from consult.digests.render.phrases import STANCE_NAMES, bidi_isolate, place_heading, place_name
from consult.digests.sides import phrases as side_phrases
from consult.submissions.model import State

_REGROUPED = {"own", "shared", "attachment", "told", "argued"}
"""Lists that depend on the grouping of texts, which later texts can change."""


def _title_of_copies(listing: SubmissionList, n: str) -> str:
    return ngettext("%(n)s submission with the same text", "%(n)s submissions with the same text", listing.count, n=n)


def _title_of_unplaced(listing: SubmissionList, n: str) -> str:
    return ngettext(
        "%(n)s submission only about the draft as a whole",
        "%(n)s submissions only about the draft as a whole",
        listing.count,
        n=n,
    )


def title(listing: SubmissionList) -> str:
    """Return the heading of the list behind a number, with the number."""
    n = format_number(listing.count)
    what = listing.what
    if what.kind == "at":
        return _title_at(listing, n)
    if what.kind in ("of", "side", "met", "wants"):
        return _group_title(listing, n)
    if what.kind in ("placed", "spoken", "by-letter", "told", "argued", "day", "about"):
        return _title_of_words(listing, n)
    return {
        "received": ngettext("%(n)s submission received", "%(n)s submissions received", listing.count, n=n),
        "published": ngettext("%(n)s submission published", "%(n)s submissions published", listing.count, n=n),
        "returned": ngettext("%(n)s submission returned", "%(n)s submissions returned", listing.count, n=n),
        "amended": ngettext(
            "%(n)s submission changed and sent again", "%(n)s submissions changed and sent again", listing.count, n=n
        ),
        "replied": ngettext(
            "%(n)s submission with a message to the moderator", "%(n)s submissions with a message to the moderator",
            listing.count, n=n,
        ),
        "withheld": ngettext("%(n)s submission not published", "%(n)s submissions not published", listing.count, n=n),
        "withdrawn": ngettext("%(n)s submission withdrawn", "%(n)s submissions withdrawn", listing.count, n=n),
        "erased": ngettext("%(n)s submission erased", "%(n)s submissions erased", listing.count, n=n),
        "pending": ngettext("%(n)s submission waiting", "%(n)s submissions waiting", listing.count, n=n),
        "individually": _("%(n)s published, individually written", n=n),
        "in-campaigns": _("%(n)s published, copies of campaign letters", n=n),
        "unplaced": _title_of_unplaced(listing, n),
        "texts": ngettext("%(n)s distinct text", "%(n)s distinct texts", listing.count, n=n),
        "individual": ngettext(
            "%(n)s individually written text", "%(n)s individually written texts", listing.count, n=n
        ),
        "organisations": ngettext("%(n)s organisation", "%(n)s organisations", listing.count, n=n),
        "own": _("%(n)s published in the author’s own words", n=n),
        "shared": _("%(n)s published, sharing sentences with others", n=n),
        "attachment": _("%(n)s published, file only", n=n),
        "letter": _title_of_letter(listing),
        "copies": _title_of_copies(listing, n),
    }[what.kind]  # fmt: skip


def _title_of_letter(listing: SubmissionList) -> str:
    row = next((one for one in listing.numbers.copied if one.key == listing.what.key), None)
    if row is None:
        return ""
    part = next((one for one in campaign_phrases.senders(row) if one.what == listing.what.name), None)
    said = campaign_phrases.submissions(row)
    return f"{part.text} · {said}" if part else said


def _title_at(listing: SubmissionList, n: str) -> str:
    what = listing.what
    where = place_name(listing.place) if listing.place else what.place
    stance = "" if what.stance == "any" else str(STANCE_NAMES.get(what.stance, what.stance))
    said = ngettext("%(n)s submission on %(place)s", "%(n)s submissions on %(place)s", listing.count, n=n, place=where)
    return f"{said}: {stance}" if stance else said


def _title_of_words(listing: SubmissionList, n: str) -> str:
    """Return the heading of a list by coverage, argument, topic or day."""
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
            "%(n)s submission on a paragraph or question, or copied from a campaign letter",
            "%(n)s submissions on a paragraph or question, or copied from a campaign letter", listing.count, n=n,
        ),
        "spoken": ngettext(
            "%(n)s submission on a paragraph or a question", "%(n)s submissions on a paragraph or a question",
            listing.count, n=n,
        ),
        "by-letter": ngettext(
            "%(n)s copy of a campaign letter, not about a paragraph or question",
            "%(n)s copies of a campaign letter, not about a paragraph or question", listing.count, n=n,
        ),
        "told": ngettext(
            "%(n)s submission in an argument or a campaign", "%(n)s submissions in an argument or a campaign",
            listing.count, n=n,
        ),
        "argued": ngettext(
            "%(n)s new author in the same argument", "%(n)s new authors in the same argument", listing.count, n=n
        ),
    }[listing.what.kind]  # fmt: skip


def _group_title(listing: SubmissionList, n: str) -> str:
    """Return the heading of a list of contributor groups."""
    what = listing.what
    if what.kind == "met":
        said = ngettext("%(n)s person at meetings", "%(n)s people at meetings", listing.count, n=n)
        return f"{said}: {bidi_isolate(get_target(listing.numbers, what).label)}"
    if what.kind == "wants":
        groups = str(side_phrases.SIDE_NAMES[what.key])
    elif what.keys == (REST,):
        breakdown = find_breakdown(listing.numbers.who, what.dimension)
        groups = contributors.small_groups_label(breakdown.groups if breakdown else 0)
    else:
        groups = _(", ").join(contributors.group_title(what.dimension, key) for key in what.keys)
    if what.kind == "side":
        where = place_name(listing.place) if listing.place else what.place
        said = ngettext(
            "%(n)s submission that asks to keep or delete %(place)s, or raises concerns",
            "%(n)s submissions that ask to keep or delete %(place)s, or raise concerns",
            listing.count,
            n=n,
            place=where,
        )
    else:
        said = ngettext("%(n)s submission", "%(n)s submissions", listing.count, n=n)
    return f"{said}: {groups}"


def public_lead() -> str:
    """Return the introduction of a list of “What we heard”."""
    return _("Newest first. Submissions that are not published are shown without text or reference.")


def lead(listing: SubmissionList) -> str:
    """Return the introduction of a list: its period, and what may have changed since."""
    if listing.what.kind in _REGROUPED:
        return _("Newest first. We use the current grouping of texts, which later submissions may have changed.")
    if listing.what.all:
        return _("Everything up to this digest, newest first. Submissions removed since are shown without their text.")
    return _("New in this digest, newest first. Submissions removed since are shown without their text.")


def where(listing: SubmissionList, line: ListedSubmission) -> str:
    """Return the part of the draft of a row's comment, in a list of several parts."""
    found = (place for place in listing.numbers.places if line.place and place.key == line.place)
    return next((place_heading(place) for place in found), "")


def copies(what: ListSelector, line: ListedSubmission) -> str:
    """Return how many submissions a row of a list represents."""
    if what.kind == "organisations":
        return ngettext("%(num)s submission", "%(num)s submissions", line.copies)
    if what.kind == "met":
        return ngettext("%(num)s person present", "%(num)s people present", line.copies)
    return ngettext("%(num)s submission with this text", "%(num)s submissions with this text", line.copies)


def state_name(state: State) -> str:
    """Return the current state of a submission, for a list."""
    return {
        State.PENDING: _("Waiting for review"),
        State.RETURNED: _("Returned for changes"),
        State.PUBLISHED: pgettext("submission", "Published"),
        State.WITHHELD: _("Not published"),
        State.WITHDRAWN: _("Withdrawn by its author"),
        State.ERASED: _("Erased"),
    }[state]


def letter_state(state: str) -> str:
    """Return the label of an e-mail's delivery state."""
    return {
        "pending": _("waiting"),
        "sending": _("being sent"),
        "uncertain": _("delivery unknown"),
        "sent": _("sent"),
        "failed": _("refused"),
        "dead": _("undelivered"),
        "suppressed": _("not sent"),
    }[state]


def init_app(app: Flask) -> None:
    """Register the filter for labels of types of comments, for use with `map`."""
    app.jinja_env.filters["say_stance"] = lambda stance: str(STANCE_NAMES[stance or ""])
