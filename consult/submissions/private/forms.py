"""The anonymous form, which carries the whole draft from page to page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import ValidationError

from consult.consultations.questions import answers as questions_answers
from consult.consultations.questions import fields as questions_fields
from consult.core.errors import Refusal
from consult.core.i18n import N_, _, current_language
from consult.core.text import clean_text
from consult.core.web import widgets
from consult.core.web.forms import (
    BooleanField,
    DropdownField,
    FileField,
    Form,
    HiddenField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    required,
)
from consult.core.web.tokens import CookielessForm, seal_field, unseal_field
from consult.files.kinds import ACCEPTED_ENDINGS
from consult.files.model import StoredFile
from consult.submissions import stances
from consult.submissions.anchors.provisions import ProvisionNode
from consult.submissions.content.draft import WHOLE_DRAFT, DraftComment, DraftContent, place_of
from consult.submissions.content.evidence_item import EvidenceItem, from_record, to_record
from consult.submissions.evidence.forms import EVIDENCE_KINDS, OFFERED_KINDS, EvidenceFileForm
from consult.submissions.fields import FIELDS, DraftSubmitter
from consult.submissions.forms import add_fields, offer_choices, read_answers, read_asked, reply_field
from consult.submissions.model import EvidenceKind, Stance
from consult.submissions.pages.queries import Frame
from consult.submissions.values import MAX_COMMENT_LENGTH

BOXES, MOST_BOXES = 2, 50
"""Comment boxes on a new form, and their maximum number."""
_NOTE = "note"
"""Purpose of the seal of a moderator's note, so that it cannot be used as a list of files."""


class TracelessForm(CookielessForm):
    """The anonymous form. `code` is sealed. Comment boxes are numbered fields: `on_0`, `stance_0`, `body_0` …"""

    name_of_form = "traceless"
    code = HiddenField()
    files = HiddenField()
    boxes = HiddenField()
    note = HiddenField()
    reply = reply_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self)

    @property
    def details(self) -> list[Any]:
        """Return the fields of the author's details."""
        return [self[field.name] for field in FIELDS if field.without_identity]

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """Return the boxes: part of the draft, type and text of each comment."""
        return [(self[f"on_{n}"], self[f"stance_{n}"], self[f"body_{n}"]) for n in range(int(self.boxes.data))]

    def writing(self, frame: Frame) -> DraftContent:
        """Return the valid content. Errors are shown at their fields. Call it on a validated form."""
        comments = DraftContent()
        for on, stance, body in self.rows:
            if body.data:
                said = DraftComment(body.data, Stance(stance.data) if stance.data else None)
                comments = comments.with_comment(comments.next_key(int(on.data)), said)
        given = read_answers(self, frame.questions)
        answers = {
            row.id: questions_answers.answer_words(row, given[row.id]) for row in frame.questions if given.get(row.id)
        }
        about = DraftSubmitter(**read_asked(self))
        return DraftContent(
            comments.comments,
            answers,
            about,
            reply=self.reply.data or "",
            evidence=self.evidence,
            chosen={number: given[number].chosen for number in answers},
        )

    @property
    def said_to_author(self) -> str:
        """Return the sealed note of the moderator who returned the submission, or "" if the seal is not valid."""
        try:
            return unseal_field(self.note.data, purpose=_NOTE) if self.note.data else ""
        except Refusal:
            return ""

    @property
    def evidence(self) -> tuple[EvidenceItem, ...]:
        """Return the added files, sealed under this form's code, so that no other form can send them."""
        if not self.files.data:
            return ()
        record = json.loads(unseal_field(self.files.data))
        return from_record(record["items"]) if record["code"] == unseal_field(self.code.data) else ()

    def keep(self, evidence: Sequence[EvidenceItem]) -> None:
        """Store the files in the form's hidden field."""
        record = {"code": unseal_field(self.code.data), "items": to_record(evidence)}
        self.files.data = seal_field(json.dumps(record)) if evidence else ""


add_fields(TracelessForm, (field for field in FIELDS if field.without_identity))


class TracelessFileForm(Form):
    """One more file, within the form that has the CSRF token."""

    class Meta:
        csrf = False

    file = FileField(
        N_("Choose a file"),
        [required(N_("Choose a file"))],
        description=EvidenceFileForm.file.kwargs["description"],
        widget=widgets.FileInput(accept=ACCEPTED_ENDINGS),
    )
    shows = LongTextField(
        N_("What does the evidence show?"),
        [required(N_("Say what the evidence shows"))],
        most=600,
        description=N_("One or two sentences, published with the evidence."),
    )
    evidence_kind = DropdownField(
        N_("What type of evidence is it?"), choices=[SelectChoice(kind, EVIDENCE_KINDS[kind]) for kind in OFFERED_KINDS]
    )
    may_share = BooleanField(
        *EvidenceFileForm.consent.args,
        [required(N_("Tick the box to confirm that we may publish the file. Then choose the file again."))],
    )

    def item(self, file: StoredFile, language: str) -> EvidenceItem:
        """Return the file with its description."""
        return EvidenceItem(
            file_id=file.id,
            name=file.name,
            kind=EvidenceKind(self.evidence_kind.data),
            language=language,
            description=clean_text(self.shows.data),
            consent=True,
        )


def list_unknown_places(frame: Frame, given: Mapping[str, str], writing: DraftContent | None = None) -> set[int]:
    """Return parts of the draft in a form or unfinished submission that the current draft policy does not have."""
    boxes = {int(it) for name, it in given.items() if name.startswith("on_") and it.isdecimal() and len(it) < 19}
    named = boxes | {
        one for key, note in (writing or DraftContent()).comments.items() for one in (place_of(key), note.was) if one
    }
    return named - frame.places.by_id.keys() - {WHOLE_DRAFT}


def build_traceless_form(
    frame: Frame,
    given: Mapping[str, str],
    *,
    writing: DraftContent | None = None,
    code: str = "",
    former: Mapping[int, ProvisionNode] | None = None,
) -> Any:
    """Return the form for a consultation's provisions and questions.

    It has as many comment boxes as `given` asks for, else as many as the draft needs. `former` are provisions of
    earlier versions with comments.
    """
    asked = str(given.get("boxes", ""))
    wanted = int(asked) if asked.isdecimal() and len(asked) < 4 else max(BOXES, len(writing.comments) if writing else 0)
    boxes = min(wanted + (given.get("do") == "more"), MOST_BOXES)
    boxed: dict[str, Any] = {}
    places = _places(frame, former or {})
    for n in range(boxes):
        boxed |= _box(n, places)
    earlier = writing or DraftContent()
    known_questions = {row.id: row for row in frame.questions}
    for number, question in known_questions.items():
        given_so = questions_answers.parse_answer(
            question, earlier.answers.get(number, ""), earlier.chosen.get(number, ())
        )
        boxed |= questions_fields.build_fields(question, given_so, frame.consultation.language)
    made = type("TracelessForm", (TracelessForm,), boxed)
    known = _written(writing, boxes) | {"code": code, "boxes": boxes}
    form = made(data=known) if writing is None else made(formdata=None, data=known)
    form.boxes.data = str(boxes)
    if writing is not None:
        form.keep(writing.evidence)
        form.note.data = seal_field(writing.note, purpose=_NOTE) if writing.note else ""
    return form


def _places(frame: Frame, former: Mapping[int, ProvisionNode]) -> list[SelectChoice]:
    whole = SelectChoice(str(WHOLE_DRAFT), _("The draft as a whole"))
    there = [*former.values(), *frame.places.by_id.values()]
    return [whole, *(SelectChoice(str(place.id), _named(place)) for place in there)]


def _named(place: ProvisionNode) -> str:
    words = place.heading or " ".join(place.text.split())
    short = f"{words[:60].rsplit(' ', 1)[0]}…" if len(words) > 60 else words
    name = f"{place.label} {short}".strip() or str(place.eid)
    return _("%(place)s in version %(number)s", place=name, number=place.version) if place.version else name


def _box(n: int, places: list[SelectChoice]) -> dict[str, Any]:
    return {
        f"on_{n}": DropdownField(N_("Which part of the draft is it about?"), choices=places, default=str(WHOLE_DRAFT)),
        f"stance_{n}": RadioGroupField(
            N_("What should happen to this part of the draft?"),
            [_kind_said(f"body_{n}")],
            widget=widgets.ChipGroup(),
            choices=[SelectChoice(stance, name) for stance, name in stances.OFFERED.items()],
        ),
        f"body_{n}": LongTextField(N_("Your comment"), most=MAX_COMMENT_LENGTH),
    }


def _kind_said(body: str) -> Any:
    def check(form: Any, field: Any) -> None:
        if form[body].data and not field.data:
            raise ValidationError(_("Choose what should happen"))

    return check


def _written(writing: DraftContent | None, boxes: int) -> dict[str, Any]:
    if writing is None:
        return {"language": current_language()}
    found: dict[str, Any] = {}
    for n, (key, note) in enumerate(list(writing.comments.items())[:boxes]):
        found |= {f"on_{n}": str(place_of(key)), f"stance_{n}": note.stance, f"body_{n}": note.body}
    return found | {"reply": writing.reply, **vars(writing.about or DraftSubmitter(language=current_language()))}
