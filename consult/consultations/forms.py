"""Forms to set up a consultation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, cast

from consult.accounts.countries import parse_countries
from consult.consultations.datetimes import find_zone, order_zones, to_instant, to_wall_clock
from consult.consultations.model import Consultation, Question, QuestionKind
from consult.consultations.questions.answers import OTHER_KEY, option_labels
from consult.consultations.questions.service import SCALE_STEPS, QuestionInput
from consult.consultations.service import ConsultationTerms, get_terms
from consult.core.errors import Refusal
from consult.core.i18n import CONTENT_LANGUAGES, N_, NP_, _, ngettext
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
    QuestionKind.TEXT: N_("Free text"),
    QuestionKind.ONE: N_("One of several choices"),
    QuestionKind.MANY: N_("Any number of choices"),
    QuestionKind.SCALE: N_("A point on a scale"),
    QuestionKind.RANK: N_("A ranking"),
}
GRACE = {0: NP_("extra time", "None"), 15: N_("15 minutes"), 60: N_("1 hour"), 1440: N_("24 hours")}
CONDITIONS = (QuestionKind.ONE, QuestionKind.MANY, QuestionKind.SCALE)


WordsForm = TypeVar("WordsForm", bound="ConsultationWordsForm")


class ConsultationButtonForm(Form):
    """A form with a button only."""


class EmailAddressForm(Form):
    email = EmailField(N_("E-mail address"), [required(N_("Enter your e-mail address"))])


class ConsultationWordsForm(Form):
    """The fields that can be corrected at any time. `revision` is the one that the person read."""

    title = LineField(N_("Title"), [required(N_("Enter a title"))], most=200)
    body = LineField(
        N_("Public bodies"),
        [required(N_("Enter the name of the consulting body"))],
        most=200,
        description=N_("The committee, ministry or secretariat that publishes this consultation."),
    )
    summary = LongTextField(
        N_("Summary"),
        [required(N_("Write one or two sentences for the list of consultations"))],
        most=500,
        description=N_("One or two sentences on what the consultation is about and who may take part."),
    )
    purpose = LongTextField(
        N_("Purpose"),
        [required(N_("Say why you are consulting, who decides and what can still change"))],
        most=20_000,
        description=N_(
            "Say who decides, what can still change and how you will use the comments. You can use Markdown."
        ),
    )
    tags = LineField(N_("Topics"), [optional()], most=400, description=N_("Separate topics with commas."))
    countries = LineField(
        N_("Countries concerned"),
        [optional()],
        most=1000,
        description=N_(
            "Names of countries, separated by commas. Leave empty if no country in particular is concerned."
        ),
    )
    revision = HiddenField()

    def validate_countries(self, field: Any) -> None:
        if unknown := parse_countries(self.countries.data or "")[1]:
            error = _(
                "“%(name)s” is not a country. Enter its name or its two-letter code, such as PE.", name=unknown[0]
            )
            raise ValidationError(error)

    def validate_tags(self, field: Any) -> None:
        if len(self.topics) > _TAGS or any(len(tag) > _TAG for tag in self.topics):
            raise ValidationError(_("Name at most %(many)s topics of %(long)s characters each.", many=_TAGS, long=_TAG))

    @property
    def topics(self) -> list[str]:
        """Return the distinct topics that were entered."""
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
        """Return the consultation's terms with the submitted values."""
        return replace(get_terms(row), **self.words())


def offer_bodies(form: type[WordsForm], names: Sequence[str]) -> type[WordsForm]:
    """Return the form with a choice of bodies. Without bodies, the name is typed."""
    if not names:
        return form
    field = DropdownField(N_("Public body"), choices=[SelectChoice(name, name) for name in names])
    made: type[WordsForm] = type(form.__name__, (form,), {"body": field})
    return made


class ConsultationSetupForm(ConsultationWordsForm):
    """The form of a consultation's description, participation rules and dates before it is published.

    `body_countries` are the countries whose time zones are listed first.
    """

    language = DropdownField(
        N_("Language of the draft"), choices=[SelectChoice(*row) for row in CONTENT_LANGUAGES.items()]
    )
    timezone = LineField(
        N_("Time zone"),
        [required(N_("Enter a time zone"))],
        description=N_(
            "Type a town, such as Lima, and choose its zone. We show opening and closing times with this time zone."
        ),
    )
    opens_at = DateTimePartsField(N_("Opens"), [InputRequired(N_("Enter the opening date and time"))])
    closes_at = DateTimePartsField(N_("Closes"), [InputRequired(N_("Enter the closing date and time"))])
    grace_minutes = DropdownField(
        N_("Grace period after closing"),
        choices=[SelectChoice(str(n), name) for n, name in GRACE.items()],
        default="0",
        description=N_(
            "Submissions that arrive in this period count as on time. The period helps people who have a slow "
            "connection or are still on the last page."
        ),
    )
    late_until = DateTimePartsField(
        N_("Late submissions accepted until"),
        description=N_("We mark late submissions as late. Leave empty to accept none."),
    )
    answer_by = DatePartsField(
        N_("Due date for answers"),
        description=N_("The date by which every argument has an answer. It is public."),
    )

    def __init__(self, *args: Any, body_countries: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zones = order_zones(body_countries)
        self.late_until.flags.optional = True

    def validate_timezone(self, field: Any) -> None:
        if (zone := find_zone(field.data)) is None:
            raise ValidationError(_("Choose a time zone from the list."))
        field.data = zone

    def terms(self, row: Consultation | None = None) -> ConsultationTerms:
        """Return the submitted terms. Raises NoSuchTime for a time that a clock change skips or repeats."""
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
    """The settings of a new consultation, with its code and web address."""

    address = LineField(
        NP_(
            "web address of a consultation",
            "Web address",
        ),
        [optional()],
        most=60,
        description=N_(
            "The last part of the page’s web address. Use a–z, digits and hyphens, such as prison-health-2027. "
            "If you leave it empty, we create it from the title. You cannot change it after publication. If "
            "you change it before, the preview link changes too."
        ),
        widget=widgets.TextInput(dir="ltr", autocapitalize="none", spellcheck="false"),
    )

    code = LineField(
        N_("Code"),
        [optional()],
        most=4,
        description=N_(
            "Four characters (A–Z or 0–9) that begin every reference number, such as DP27. If you leave it "
            "empty, we create one."
        ),
        widget=widgets.TextInput("short", dir="ltr", autocapitalize="characters", spellcheck="false"),
    )


class ExtensionForm(Form):
    closes_at = DateTimePartsField(N_("Closes"), [InputRequired(N_("Enter the closing date and time"))])
    grace_minutes = DropdownField(
        N_("Grace period after closing"), description=N_("You can only make the grace period longer.")
    )
    late_until = DateTimePartsField(N_("Late submissions accepted until"))
    answer_by = DatePartsField(N_("Due date for answers"))
    reason = LongTextField(
        N_("Reason for the extension"),
        [required(N_("Give the reason for the extension"))],
        most=500,
        description=N_(
            "This reason is public. It appears on the consultation’s page, in the public record and in an e-mail "
            "to its followers."
        ),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(
            closes_at=to_wall_clock(row.closes_at, row.timezone),
            answer_by=row.answer_by,
            grace_minutes=str(row.grace_minutes),
        )
        known = GRACE | {
            row.grace_minutes: GRACE.get(
                row.grace_minutes, ngettext("%(num)s minute", "%(num)s minutes", row.grace_minutes)
            )
        }
        self.grace_minutes.choices = [SelectChoice(str(n), known[n]) for n in sorted(known) if n >= row.grace_minutes]
        self.late_until.flags.optional = True

    def dates(self, zone: str) -> dict[str, Any]:
        """Return the submitted values, with times converted from the time zone. Raises NoSuchTime."""
        late = self.late_until.data
        return {
            "closes_at": to_instant(cast("datetime", self.closes_at.data), zone, field="closes_at"),
            "answer_by": self.answer_by.data,
            "reason": self.reason.data,
            "grace_minutes": int(self.grace_minutes.data) if self.grace_minutes.data else None,
            "late_until": to_instant(late, zone, field="late_until") if late else None,
        }


class QuestionForm(Form):
    """A question: wording, type, position and condition."""

    wording = LongTextField(N_("Question"), [required(N_("Write the question"))], most=500)
    hint = LongTextField(N_("Help text"), [optional()], most=500, description=N_("Shown under the question."))
    kind = RadioGroupField(
        N_("Type of response"), choices=[SelectChoice(*row) for row in QUESTION_KIND_LABELS.items()], default="text"
    )
    options = LongTextField(
        N_("Choices"),
        [optional()],
        most=8000,
        description=N_("One choice on each line. For a scale, enter the names of its two ends."),
    )
    steps = DropdownField(
        N_("Points on the scale"), choices=[SelectChoice(str(n), str(n)) for n in SCALE_STEPS], default="5"
    )
    other = BooleanField(N_("People may write another choice"))
    required = BooleanField(N_("A response is required"))
    chapter = DropdownField(
        N_("Position of the question"), default="", description=N_("With a chapter of the draft, or after the draft.")
    )
    after = CheckboxGroupField(
        N_("Ask only people who gave one of these responses"),
        [optional()],
        description=N_("Choose none to ask everyone. Choose responses to one question only."),
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
        """Return the submitted question. Raises a Refusal if its condition refers to two questions."""
        on = [value.partition(":") for value in self.after.data or ()]
        if len({question for question, _colon, _key in on}) > 1:
            raise Refusal(_("Choose responses to one earlier question only."), field="after")
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
    """Return the form fields of an existing question."""
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
