"""Labels of parts of the draft and authors, and markup of hidden words, in the current language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask
from markupsafe import Markup, escape

from consult.accounts.labels import country_name, kind_name
from consult.core.i18n import N_, _, current_language, ngettext
from consult.core.slots import SlotContents
from consult.core.web.template_filters import language_name
from consult.documents.model import ProvisionKind
from consult.submissions import stances
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.comments.published import PublishedComment
from consult.submissions.drafts.personal_data_hints import find_spans
from consult.submissions.evidence.queries import PublicEvidence
from consult.submissions.fields import FIELDS, DraftSubmitter, SubmissionField
from consult.submissions.model import Side, SubmitterKind
from consult.submissions.pages.slots import RedactionReasons
from consult.submissions.values import REDACTION_BLOCK

_HINT = Markup('<mark>{}<bdi class="hidden" lang="{}"> ({})</bdi></mark>')
HINT_NAMES = {
    "email": N_("E-mail address"),
    "phone": N_("Phone number"),
    "person": N_("Another person"),
}


def mark_hints(text: str, country: str = "") -> Markup:
    """Mark possible personal data in a text, with a description for screen readers."""
    said, at = Markup(), 0
    for span in find_spans(text, country):
        name = _(HINT_NAMES[span.kind])
        said += text[at : span.start]
        said += _HINT.format(text[span.start : span.end], current_language(), name)
        at = span.end
    return said + text[at:]


def for_group(present: int) -> str:
    """Return the label of a submission filed by a facilitator, with the number of people present."""
    return ngettext("sent for a group (%(num)s person present)", "sent for a group (%(num)s people present)", present)


def about(said: PublishedComment | PublicEvidence) -> str:
    """Return the description of an author: type of organisation or person, country, and number of people."""
    told = []
    if said.kind is SubmitterKind.ORGANISATION and not said.confirmed:
        told.append(_("says they represent this organisation"))
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
    """Return "Paragraph 2.1", "Chapter 2" or "Preamble", with the version if it is not the current one.

    Without a part of the draft, return the label of the whole draft.
    """
    if place is not None and place.version:
        return _("%(place)s in version %(number)s", place=_name_here(place), number=place.version)
    return _name_here(place)


def _name_here(place: ProvisionNode | None) -> str:
    """Return the name without the version. Labels that contain words are used as names."""
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
    if place.kind is ProvisionKind.RECITAL:
        return _("Recital %(number)s", number=place.label)
    return _("Paragraph %(number)s", number=place.label)


def question_name(number: int) -> str:
    """Return "Question 3" for a question's number."""
    return _("Question %(number)s", number=number)


_NAMES: Mapping[str, Callable[[str], str]] = {"country": country_name, "language": language_name}


def field_name(value: str, field: SubmissionField) -> str:
    """Return the label of a field's value, or "" if not given."""
    return _NAMES[field.name](value) if field.name in _NAMES else field.name_of(value)


def details(who: DraftSubmitter, change: str) -> list[dict[str, str]]:
    """Return the author's other details as rows of a summary, with links to change them."""
    return [
        {
            "label": str(field.title),
            "value": field_name(getattr(who, field.name), field) or _("Not stated"),
            "url": change,
            "what": str(field.what),
        }
        for field in FIELDS
        if field.title is not None
    ]


def mark_redactions(
    words: str, redactions: Sequence[Mapping[str, Any]] | None, reason_of: Callable[[str], str]
) -> str | Markup:
    """Return public text with a description of each hidden passage, with its reason.

    `words` may be the beginning of the text only. Without redactions it is returned unchanged.
    """
    if not redactions:
        return words
    parts = words.split(REDACTION_BLOCK)
    shown = Markup(escape(parts[0]))  # noqa: S704 - escaped
    for number, part in enumerate(parts[1:]):
        why = reason_of(redactions[number]["reason"]) if number < len(redactions) else ""
        said = escape(_("[hidden: %(reason)s]")) % {"reason": why}
        shown += Markup('<span class="covered"><span aria-hidden="true">{}</span> <small>{}</small></span>').format(
            REDACTION_BLOCK, said
        ) + escape(part)
    return shown


def redacted(words: str, redactions: Sequence[Mapping[str, Any]] | None, slot: SlotContents) -> str | Markup:
    """Return the public text of a comment, with the reasons for redactions collected for its page."""
    return mark_redactions(words, redactions, lambda code: slot(RedactionReasons.name, code))


def say_draft_side(side: str) -> str:
    """Return the author's position on the draft as a whole, as a sentence."""
    return _("The draft as a whole: %(side)s", side=str(stances.SIDE_NAMES[Side(side)]))


def init_app(app: Flask) -> None:
    named = (place_name, mark_hints, for_group, about, details, redacted)
    app.jinja_env.filters.update({function.__name__: function for function in named})
    app.jinja_env.globals.update(
        STANCES=stances.FILED,
        STANCE_NAMES=stances.NAMES,
        STANCES_OFFERED=stances.OFFERED,
        SIDE_NAMES=stances.SIDE_NAMES,
    )
    app.jinja_env.filters["say_draft_side"] = say_draft_side
