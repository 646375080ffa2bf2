"""Labels of places and authors, and markup of hidden words, in the current language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask
from markupsafe import Markup, escape

from consult.accounts.labels import country_name, kind_name
from consult.core.i18n import _, ngettext
from consult.core.slots import SlotContents
from consult.core.web.template_filters import language_name
from consult.documents.model import ProvisionKind
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments.published import PublishedComment
from consult.submissions.evidence.queries import PublicEvidence
from consult.submissions.fields import FIELDS, DraftSubmitter, SubmissionField
from consult.submissions.model import SubmitterKind
from consult.submissions.pages.slots import RedactionReasons
from consult.submissions.values import REDACTION_BLOCK


def for_group(present: int) -> str:
    """That a facilitator filed it, and how many were there."""
    return ngettext(
        "filed for a group: %(num)s person was there", "filed for a group: %(num)s people were there", present
    )


def about(said: PublishedComment | PublicEvidence) -> str:
    """Kind of organisation or person, country, and number of people."""
    told = []
    if said.kind is SubmitterKind.ORGANISATION and not said.confirmed:
        told.append(_("says it speaks for this organisation"))
    elif said.organisation_kind:
        told.append(kind_name(said.organisation_kind))
    elif said.kind is SubmitterKind.PERSON and not said.present:
        told.append(_("Individual"))
    if said.country:
        told.append(country_name(said.country))
    if said.present:
        told.append(for_group(said.present))
    return " · ".join(told)


def place_name(place: ProvisionNode | None) -> str:
    """ "Paragraph 2.1", "Chapter 2", "Preamble"; "Paragraph 2.2 of version 1" where that is not the one that people
    comment on; without a place, the draft as a whole."""
    if place is not None and place.version:
        return _("%(place)s of version %(number)s", place=_name_here(place), number=place.version)
    return _name_here(place)


def _name_here(place: ProvisionNode | None) -> str:
    """Numbers that are words are names already."""
    if place is None:
        return _("The draft as a whole")
    if place.eid == "preamble" or not place.label:
        return place.heading or place.name
    if " " in place.label:
        return place.label
    if place.kind is ProvisionKind.CHAPTER:
        return _("Chapter %(number)s", number=place.label)
    if place.kind is ProvisionKind.SECTION:
        return _("Section %(number)s", number=place.label)
    return _("Paragraph %(number)s", number=place.label)


def question_name(number: int) -> str:
    """ "Question 3": what people call the third of the questions that are asked."""
    return _("Question %(number)s", number=number)


_NAMES: Mapping[str, Callable[[str], str]] = {"country": country_name, "language": language_name}


def field_name(value: str, field: SubmissionField) -> str:
    """What the value of a field of a submission is called; empty where it was not said."""
    return _NAMES[field.name](value) if field.name in _NAMES else field.name_of(value)


def details(who: DraftSubmitter, change: str) -> list[dict[str, str]]:
    """Details of the submitter beside the name, as rows of a summary with links to change them."""
    return [
        {
            "label": str(field.title),
            "value": field_name(getattr(who, field.name), field) or _("Not said"),
            "url": change,
            "what": str(field.what),
        }
        for field in FIELDS
        if field.title is not None
    ]


def mark_redactions(
    words: str, redactions: Sequence[Mapping[str, Any]] | None, reason_of: Callable[[str], str]
) -> str | Markup:
    """Public words with each block said in words too: what was hidden, nobody reads; that and why, everybody does.

    `words` may be the beginning of the text only. Without redactions they are given as they are.
    """
    if not redactions:
        return words
    parts = words.split(REDACTION_BLOCK)
    shown = Markup(escape(parts[0]))  # noqa: S704 - escaped
    for number, part in enumerate(parts[1:]):
        why = reason_of(redactions[number]["reason"]) if number < len(redactions) else ""
        said = escape(_("[hidden by a moderator: %(reason)s]")) % {"reason": why}
        shown += Markup('<span class="covered"><span aria-hidden="true">{}</span> <small>{}</small></span>').format(
            REDACTION_BLOCK, said
        ) + escape(part)
    return shown


def redacted(words: str, redactions: Sequence[Mapping[str, Any]] | None, slot: SlotContents) -> str | Markup:
    """Public words of a comment, with the reasons for what is hidden that were collected for its page."""
    return mark_redactions(words, redactions, lambda code: slot(RedactionReasons.name, code))


def init_app(app: Flask) -> None:
    named = (place_name, for_group, about, details, redacted)
    app.jinja_env.filters.update({function.__name__: function for function in named})
