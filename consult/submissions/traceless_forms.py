"""The one form of no-identity mode: the whole draft travels in it, from page to page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import ValidationError

from consult.accounts.countries import countries
from consult.consultations import answering, fields
from consult.core import widgets
from consult.core.forms import (
    BooleanField,
    Choice,
    FileField,
    Form,
    HiddenField,
    LongText,
    Pick,
    SelectChoice,
    optional,
    required,
)
from consult.core.i18n import CONTENT_LANGUAGES, N_, _, language
from consult.core.text import clean
from consult.core.tokens import Cookieless, hide, unhide
from consult.files.kinds import ACCEPTED
from consult.files.model import StoredFile
from consult.submissions.content import WORDS
from consult.submissions.evidence_forms import KINDS, OFFERED, FileForm
from consult.submissions.forms import STANCES, answers_of, reply_field
from consult.submissions.items import Item, from_record, to_record
from consult.submissions.model import EvidenceKind, NameRule, Stance
from consult.submissions.pages import Frame
from consult.submissions.places import Place
from consult.submissions.writing import WHOLE, About, Note, Writing

BOXES, MOST_BOXES = 2, 50
"""Boxes for comments on a new form, and the most there can be."""


class TracelessForm(Cookieless):
    """`code` is the return code, sealed; the boxes are numbered fields `on_0`, `stance_0`, `body_0` …"""

    name_of_form = "traceless"
    code = HiddenField()
    files = HiddenField()
    boxes = HiddenField()
    reply = reply_field()
    country = Pick(N_("Country you write from"), [optional()], description=N_("Shown with your comments."))
    language = Pick(
        N_("Language of your comments"),
        choices=[SelectChoice(code, name) for code, name in CONTENT_LANGUAGES.items()],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country.choices = [
            SelectChoice("", _("Not said")),
            *(SelectChoice(*pair) for pair in countries(language())),
        ]

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The boxes: place, kind and words of each comment."""
        return [(self[f"on_{n}"], self[f"stance_{n}"], self[f"body_{n}"]) for n in range(int(self.boxes.data))]

    def writing(self, frame: Frame) -> Writing:
        """What was written, as far as it can be used; what cannot is refused at its field. Validate first."""
        comments = {
            int(on.data): Note(body.data, Stance(stance.data) if stance.data else None)
            for on, stance, body in self.rows if body.data
        }  # fmt: skip
        given = answers_of(self, frame.questions)
        answers = {row.id: answering.words(row, given[row.id]) for row in frame.questions if given.get(row.id)}
        about = About(NameRule.NONE, country=self.country.data or "", language=self.language.data)
        return Writing(comments, answers, about, reply=self.reply.data or "", evidence=self.evidence,
                       chosen={number: given[number].chosen for number in answers})  # fmt: skip

    @property
    def evidence(self) -> tuple[Item, ...]:
        """The files that were added. They travel sealed, under this form's code: no other form can send them."""
        if not self.files.data:
            return ()
        record = json.loads(unhide(self.files.data))
        return from_record(record["items"]) if record["code"] == unhide(self.code.data) else ()

    def keep(self, evidence: Sequence[Item]) -> None:
        """These are the files now."""
        record = {"code": unhide(self.code.data), "items": to_record(evidence)}
        self.files.data = hide(json.dumps(record)) if evidence else ""


class TracelessFile(Form):
    """One more file, in the form around it, which carries the token."""

    class Meta:
        csrf = False

    file = FileField(
        N_("Choose a file"), [required(N_("Choose a file"))], description=FileForm.file.kwargs["description"],
        widget=widgets.File(accept=ACCEPTED),
    )  # fmt: skip
    shows = LongText(
        N_("What does it show?"), [required(N_("Say what it shows"))], most=600,
        description=N_("One or two sentences. They are published beside it."),
    )  # fmt: skip
    evidence_kind = Pick(
        N_("What kind of evidence is it?"), choices=[SelectChoice(kind, KINDS[kind]) for kind in OFFERED]
    )  # fmt: skip
    may_share = BooleanField(*FileForm.consent.args)

    def item(self, file: StoredFile, language: str) -> Item:
        """The file with what is said of it."""
        return Item(
            file_id=file.id, name=file.name, kind=EvidenceKind(self.evidence_kind.data), language=language,
            description=clean(self.shows.data), consent=True,
        )  # fmt: skip


FILE_FIELDS = ("file", "shows", "evidence_kind", "may_share")


def places_named(frame: Frame, given: Mapping[str, str], writing: Writing | None = None) -> set[int]:
    """The places that a form or a draft names and the draft policy does not have, or has no more."""
    boxes = {int(it) for name, it in given.items() if name.startswith("on_") and it.isdecimal() and len(it) < 19}
    named = boxes | {one for place, note in (writing or Writing()).comments.items() for one in (place, note.was) if one}
    return named - frame.places.by_id.keys() - {WHOLE}


def traceless_form(
    frame: Frame, given: Mapping[str, str], *, writing: Writing | None = None, code: str = "",
    former: Mapping[int, Place] | None = None,
) -> Any:  # fmt: skip
    """The form for a consultation's places and questions, with as many boxes as were `given`, or as are needed.

    `former` are places in earlier versions that comments are on.
    """
    asked = str(given.get("boxes", ""))
    wanted = int(asked) if asked.isdecimal() and len(asked) < 4 else max(BOXES, len(writing.comments) if writing else 0)
    boxes = min(wanted + (given.get("do") == "more"), MOST_BOXES)
    boxed: dict[str, Any] = {}
    places = _places(frame, former or {})
    for n in range(boxes):
        boxed |= _box(n, places)
    earlier = writing or Writing()
    known_questions = {row.id: row for row in frame.questions}
    for number, question in known_questions.items():
        given_so = answering.given(question, earlier.answers.get(number, ""), earlier.chosen.get(number, ()))
        boxed |= fields.fields(question, given_so, frame.consultation.language)
    made = type("TracelessForm", (TracelessForm,), boxed)
    known = _written(writing, boxes) | {"code": code, "boxes": boxes}
    form = made(data=known) if writing is None else made(formdata=None, data=known)
    form.boxes.data = str(boxes)
    if writing is not None:
        form.keep(writing.evidence)
    return form


def _places(frame: Frame, former: Mapping[int, Place]) -> list[SelectChoice]:
    whole = SelectChoice(str(WHOLE), _("The draft as a whole"))
    there = [*former.values(), *frame.places.by_id.values()]
    return [whole, *(SelectChoice(str(place.id), _named(place)) for place in there)]


def _named(place: Place) -> str:
    words = place.heading or " ".join(place.text.split())
    short = f"{words[:60].rsplit(' ', 1)[0]}…" if len(words) > 60 else words
    name = f"{place.label} {short}".strip() or str(place.eid)
    return _("%(place)s of version %(number)s", place=name, number=place.version) if place.version else name


def _box(n: int, places: list[SelectChoice]) -> dict[str, Any]:
    return {
        f"on_{n}": Pick(N_("On which part of the draft?"), choices=places, default=str(WHOLE)),
        f"stance_{n}": Choice(
            N_("What kind of comment is this?"), [_kind_said(f"body_{n}")], widget=widgets.Chips(),
            choices=[SelectChoice(stance, name) for stance, name in STANCES.items()],
        ),
        f"body_{n}": LongText(N_("Your comment"), [_once(n)], most=WORDS),
    }  # fmt: skip


def _kind_said(body: str) -> Any:
    def check(form: Any, field: Any) -> None:
        if form[body].data and not field.data:
            raise ValidationError(_("Choose what kind of comment this is"))

    return check


def _once(n: int) -> Any:
    def check(form: Any, field: Any) -> None:
        before = [form[f"on_{m}"].data for m in range(n) if form[f"body_{m}"].data]
        if field.data and form[f"on_{n}"].data in before:
            raise ValidationError(_("There is another comment on the same part above. Put both into one."))

    return check


def _written(writing: Writing | None, boxes: int) -> dict[str, Any]:
    if writing is None:
        return {"language": language()}
    found: dict[str, Any] = {}
    for n, (place, note) in enumerate(list(writing.comments.items())[:boxes]):
        found |= {f"on_{n}": str(place), f"stance_{n}": note.stance, f"body_{n}": note.body}
    about = writing.about
    spoken = about.language if about else language()
    return found | {"reply": writing.reply, "country": about.country if about else "", "language": spoken}
