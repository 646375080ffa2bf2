"""Forms to set up a consultation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, cast

from consult.accounts.countries import parse_countries
from consult.consultations.datetimes import list_zones, to_instant, to_wall_clock
from consult.consultations.model import Consultation, Question, QuestionKind
from consult.consultations.questions.answers import OTHER_KEY, option_labels
from consult.consultations.questions.service import SCALE_STEPS, QuestionInput
from consult.consultations.service import ConsultationTerms, get_terms
from consult.core.errors import Refusal
from consult.core.i18n import CONTENT_LANGUAGES, N_, _
from consult.core.text import excerpt, one_line, read_number
from consult.core.web import widgets
from consult.core.web.forms import (
    BooleanField,
    CheckboxGroupField,
    DatePartsField,
    DateTimePartsField,
    DropdownField,
    EmailField,
    Form,
    HiddenField,
    InputRequired,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    ValidationError,
    optional,
    required,
)

_TAGS, _TAG = 10, 40
QUESTION_KIND_LABELS = {
    QuestionKind.TEXT: N_("In people's own words"),
    QuestionKind.ONE: N_("One of several choices"),
    QuestionKind.MANY: N_("Any of several choices"),
    QuestionKind.SCALE: N_("A step of a scale"),
    QuestionKind.RANK: N_("Putting several things in order"),
}
GRACE = {0: N_("None"), 15: N_("15 minutes"), 60: N_("1 hour"), 1440: N_("24 hours")}
CONDITIONS = (QuestionKind.ONE, QuestionKind.MANY, QuestionKind.SCALE)


WordsForm = TypeVar("WordsForm", bound="ConsultationWordsForm")


class ConsultationButtonForm(Form):
    """A button only."""


class EmailAddressForm(Form):
    email = EmailField(N_("E-mail address"), [required(N_("Enter your e-mail address"))])


class ConsultationWordsForm(Form):
    """What may be mended at any time. `revision` is the one the person read."""

    title = LineField(N_("Title"), [required(N_("Enter a title"))], most=200)
    body = LineField(
        N_("Who asks"),
        [required(N_("Enter the name of the body that asks"))],
        most=200,
        description=N_("The committee, ministry or secretariat in whose name this is published."),
    )
    summary = LongTextField(
        N_("Summary"),
        [required(N_("Write one or two sentences for the list of consultations"))],
        most=500,
        description=N_("One or two sentences: what you ask, and who may answer."),
    )
    purpose = LongTextField(
        N_("Why you ask"),
        [required(N_("Say why you ask, who decides and what can still change"))],
        most=20_000,
        description=N_(
            "Say who decides, what can still change, and what happens with what people write. Markdown works."
        ),
    )
    tags = LineField(N_("Topics"), [optional()], most=400, description=N_("Separate them with commas."))
    countries = LineField(
        N_("Countries it is for"),
        [optional()],
        most=1000,
        description=N_("Their names, with commas between them. Leave it empty if it is for no country in particular."),
    )
    revision = HiddenField()

    def validate_countries(self, field: Any) -> None:
        if unknown := parse_countries(self.countries.data or "")[1]:
            said = _("“%(name)s” is not a country. Write its name or its two letters, such as PE.", name=unknown[0])
            raise ValidationError(said)

    def validate_tags(self, field: Any) -> None:
        if len(self.topics) > _TAGS or any(len(tag) > _TAG for tag in self.topics):
            raise ValidationError(_("Name at most %(many)s topics of %(long)s characters each.", many=_TAGS, long=_TAG))

    @property
    def topics(self) -> list[str]:
        """The topics that were typed, each once."""
        return list(dict.fromkeys(filter(None, (one_line(tag) for tag in re.split("[,;،؛]", self.tags.data or "")))))

    @property
    def read_revision(self) -> int:
        return read_number(self.revision.data) or 0

    def words(self) -> dict[str, Any]:
        return {name: self[name].data for name in ("title", "body", "summary", "purpose")} | {
            "tags": self.topics,
            "countries": sorted(parse_countries(self.countries.data or "")[0]),
        }

    def terms(self, row: Consultation) -> ConsultationTerms:
        """The consultation's terms with these words."""
        return replace(get_terms(row), **self.words())


def offer_bodies(form: type[WordsForm], names: Sequence[str]) -> type[WordsForm]:
    """The form with these bodies to choose from, for who works for some; else the name is typed."""
    if not names:
        return form
    field = DropdownField(N_("Who asks"), choices=[SelectChoice(name, name) for name in names])
    made: type[WordsForm] = type(form.__name__, (form,), {"body": field})
    return made


class ConsultationSetupForm(ConsultationWordsForm):
    """Everything a consultation says of itself, before it is published."""

    language = DropdownField(
        N_("Language of the draft"), choices=[SelectChoice(*row) for row in CONTENT_LANGUAGES.items()]
    )
    timezone = DropdownField(
        N_("Time zone"),
        description=N_("Opening and closing are times on the clocks of this place, and are shown with it."),
    )
    opens_at = DateTimePartsField(N_("Opens"), [InputRequired(N_("Enter when it opens"))])
    closes_at = DateTimePartsField(N_("Closes"), [InputRequired(N_("Enter when it closes"))])
    grace_minutes = DropdownField(
        N_("Grace after closing"),
        choices=[SelectChoice(str(n), name) for n, name in GRACE.items()],
        default="0",
        description=N_("What arrives in it counts as in time: for slow lines and for who is on the last page."),
    )
    late_until = DateTimePartsField(
        N_("Late submissions are taken until"),
        description=N_("They are marked as late. Leave it empty to refuse them."),
    )
    answer_by = DatePartsField(
        N_("Answer promised by"),
        description=N_("The day by which every argument has an answer. It is shown to everybody as a promise."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timezone.choices = [SelectChoice(zone, zone) for zone in list_zones()]
        self.late_until.flags.optional = True

    def terms(self, row: Consultation | None = None) -> ConsultationTerms:
        """The terms that were typed. Raises NoSuchTime where clocks do not show a time, or show it twice."""
        zone = self.timezone.data
        return ConsultationTerms(
            **self.words(),
            language=self.language.data,
            timezone=zone,
            opens_at=to_instant(cast("datetime", self.opens_at.data), zone, field="opens_at"),
            closes_at=to_instant(cast("datetime", self.closes_at.data), zone, field="closes_at"),
            answer_by=self.answer_by.data,
            grace_minutes=int(self.grace_minutes.data or 0),
            late_until=to_instant(self.late_until.data, zone, field="late_until") if self.late_until.data else None,
        )


class NewConsultationForm(ConsultationSetupForm):
    """The same with code and address. Those that were made of the title follow it, until it is published."""

    address = LineField(
        N_("Address"),
        [optional()],
        most=60,
        description=N_(
            "The last part of the address of its page: small letters a to z, digits and dashes, such as "
            "prison-health-2027. We make one of the title if you leave it empty. It is fixed once it is published; a "
            "preview has another address when this changes."
        ),
        widget=widgets.TextInput(dir="ltr", autocapitalize="none", spellcheck="false"),
    )

    code = LineField(
        N_("Code"),
        [optional()],
        most=4,
        description=N_(
            "Four letters or digits that start every reference, such as DP27. We make one if you leave it empty."
        ),
        widget=widgets.TextInput("short", dir="ltr", autocapitalize="characters", spellcheck="false"),
    )


class ExtensionForm(Form):
    closes_at = DateTimePartsField(N_("Closes"), [InputRequired(N_("Enter when it closes"))])
    grace_minutes = DropdownField(N_("Grace after closing"), description=N_("It can only become longer."))
    late_until = DateTimePartsField(N_("Late submissions are taken until"))
    answer_by = DatePartsField(N_("Answer promised by"))
    reason = LongTextField(
        N_("Why it stays open for longer"),
        [required(N_("Say why it stays open for longer"))],
        most=500,
        description=N_("Public: on its page, in the ledger, and in a letter to everybody who follows it."),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(
            closes_at=to_wall_clock(row.closes_at, row.timezone),
            answer_by=row.answer_by,
            grace_minutes=str(row.grace_minutes),
        )
        known = GRACE | {row.grace_minutes: GRACE.get(row.grace_minutes, _("%(n)s minutes", n=row.grace_minutes))}
        self.grace_minutes.choices = [SelectChoice(str(n), known[n]) for n in sorted(known) if n >= row.grace_minutes]
        self.late_until.flags.optional = True

    def dates(self, zone: str) -> dict[str, Any]:
        """What was typed, as on the clocks of `zone`. Raises NoSuchTime."""
        late = self.late_until.data
        return {
            "closes_at": to_instant(cast("datetime", self.closes_at.data), zone, field="closes_at"),
            "answer_by": self.answer_by.data,
            "reason": self.reason.data,
            "grace_minutes": int(self.grace_minutes.data) if self.grace_minutes.data else None,
            "late_until": to_instant(late, zone, field="late_until") if late else None,
        }


class QuestionForm(Form):
    """A question: how it is answered, with which words, where, and of whom it is asked."""

    wording = LongTextField(N_("Question"), [required(N_("Write the question"))], most=500)
    hint = LongTextField(N_("Help with it"), [optional()], most=500, description=N_("Shown under the question."))
    kind = RadioGroupField(
        N_("How is it answered?"), choices=[SelectChoice(*row) for row in QUESTION_KIND_LABELS.items()], default="text"
    )
    options = LongTextField(
        N_("What there is to choose"),
        [optional()],
        most=8000,
        description=N_("One choice on each line. Of a scale, the names of its two ends."),
    )
    steps = DropdownField(
        N_("Steps of the scale"), choices=[SelectChoice(str(n), str(n)) for n in SCALE_STEPS], default="5"
    )
    other = BooleanField(N_("People may choose something else, and say what"))
    required = BooleanField(N_("An answer is required"))
    chapter = DropdownField(
        N_("Where it is asked"), default="", description=N_("With the chapter that it is about, or after the draft.")
    )
    after = CheckboxGroupField(
        N_("Ask it only of those who gave one of these answers"),
        [optional()],
        description=N_("Choose none to ask everybody. Choose answers to one question only."),
    )

    def __init__(self, earlier: Sequence[Question], chapters: Sequence[tuple[str, str]], *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.chapter.choices = [SelectChoice("", _("After the draft")), *(SelectChoice(*row) for row in chapters)]
        self.after.choices = [
            SelectChoice(f"{row.id}:{key}", f"{row.position + 1}. {excerpt(row.wording, 50)} → {label}")
            for row in earlier
            for key, label in {**option_labels(row), **({OTHER_KEY: _("Something else")} if row.other else {})}.items()
            if row.kind in CONDITIONS
        ]

    @property
    def asking(self) -> QuestionInput:
        """The question that was typed. Raises a refusal where its condition is on two questions."""
        on = [value.partition(":") for value in self.after.data or ()]
        if len({question for question, _colon, _key in on}) > 1:
            raise Refusal(_("Choose answers to one earlier question."), field="after")
        return QuestionInput(
            wording=self.wording.data,
            hint=self.hint.data or "",
            kind=QuestionKind(self.kind.data or "text"),
            options=(self.options.data or "").splitlines(),
            steps=int(self.steps.data or 5),
            other=self.other.data,
            required=self.required.data,
            chapter=self.chapter.data or "",
            after_id=int(on[0][0]) if on else None,
            after_keys=[key for _question, _colon, key in on],
        )


def question_data(question: Question) -> dict[str, Any]:
    """The fields of `Ask` as a question has them."""
    scale = question.kind is QuestionKind.SCALE
    lines = [it["label"] for it in question.options if it["label"] or not scale]
    return {
        "wording": question.wording,
        "hint": question.hint,
        "kind": question.kind,
        "options": "\n".join(lines),
        "steps": str(len(question.options)) if scale else "5",
        "other": question.other,
        "required": question.required,
        "chapter": question.chapter,
        "after": [f"{question.after_id}:{key}" for key in question.after_keys],
    }
