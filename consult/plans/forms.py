"""Forms of plans, actions, and reports on actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from consult.accounts.model import Organisation
from consult.bodies.model import PublicBody
from consult.consultations.model import Consultation
from consult.core.i18n import CONTENT_LANGUAGES, N_, _
from consult.core.text import read_number
from consult.core.web import widgets
from consult.core.web.forms import (
    CheckboxGroupField,
    DatePartsField,
    DropdownField,
    FileField,
    FilesField,
    Form,
    HiddenField,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    required,
)
from consult.files.kinds import ACCEPTED_ENDINGS
from consult.plans.labels import PROGRESS_LABELS
from consult.plans.model import (
    MAX_OWNER_LENGTH,
    MAX_TEXT_LENGTH,
    MAX_TITLE_LENGTH,
    MAX_WORDS_LENGTH,
    ActionPlan,
    PlanAction,
    Progress,
)
from consult.plans.reports.service import GivenReport
from consult.plans.reports.uploads import KeptFile
from consult.plans.service import ActionTerms, PlanTerms

_YEAR = widgets.TextInput(inputmode="numeric", dir="ltr")


class PlanForm(Form):
    revision = HiddenField()
    title = LineField(N_("Title of the plan"), [required(N_("Give the plan a title."))], most=MAX_TITLE_LENGTH)
    summary = LongTextField(N_("What it is for, in a few sentences"), most=MAX_TEXT_LENGTH)
    language = DropdownField(N_("Its language"), choices=[SelectChoice(*one) for one in CONTENT_LANGUAGES.items()])
    period_from = LineField(N_("First year"), [required(N_("Enter a year"))], most=4, widget=_YEAR)
    period_to = LineField(N_("Last year"), [required(N_("Enter a year"))], most=4, widget=_YEAR)
    review_every = LineField(
        N_("Months between reviews"),
        most=2,
        widget=_YEAR,
        description=N_(
            "Left empty, no review is announced. A review opens a consultation with the balance of the plan."
        ),
    )

    @property
    def terms(self) -> PlanTerms:
        """Years that are none are 0, which the service refuses."""
        return PlanTerms(
            self.title.data or "",
            self.summary.data or "",
            self.language.data,
            read_number(self.period_from.data) or 0,
            read_number(self.period_to.data) or 0,
            read_number(self.review_every.data) if self.review_every.data else None,
        )


class NewPlanForm(PlanForm):
    body = DropdownField(N_("Whose plan is it?"))
    consultation = DropdownField(
        N_("Made from the draft of"),
        default="",
        description=N_("Its numbered paragraphs are offered as actions, each with the arguments that made it."),
    )

    def __init__(self, bodies: Sequence[PublicBody], rows: Sequence[Consultation], **values: Any) -> None:
        super().__init__(**values)
        self.consultation.flags.optional = True
        self.body.choices = [SelectChoice(str(body.id), body.name) for body in bodies]
        self.consultation.choices = [SelectChoice("", _("No draft")), *(SelectChoice(str(r.id), r.title) for r in rows)]


class PlanActionForm(Form):
    revision = HiddenField()
    number = LineField(N_("Number"), most=20, description=N_("Such as 2.1. Left empty, the next one is taken."))
    objective = LineField(N_("Objective"), most=MAX_TITLE_LENGTH)
    title = LineField(N_("What will be done?"), [required(N_("Say what will be done."))], most=MAX_TITLE_LENGTH)
    owner_name = LineField(N_("Who does it?"), [required(N_("Say who does it."))], most=MAX_OWNER_LENGTH)
    begins_on = DatePartsField(N_("From when?"))
    due_on = DatePartsField(N_("By when?"), [required(N_("Say by when it will be done."))])
    measured_by = LongTextField(N_("Indicators, in the words of the plan"), most=MAX_TEXT_LENGTH)
    assessed_by = LongTextField(N_("How data are collected and assessed"), most=MAX_TEXT_LENGTH)
    cost = LineField(N_("What it costs"), most=MAX_TITLE_LENGTH)
    milestones = LongTextField(
        N_("Milestones"),
        most=MAX_WORDS_LENGTH,
        description=N_("One a line, its day first: “2028-06-30 First site open”. Add “done” at the end once it is."),
    )
    wid = DropdownField(N_("The paragraph that it carries out"), default="")

    def __init__(self, paragraphs: Sequence[tuple[str, str]] = (), **values: Any) -> None:
        super().__init__(**values)
        self.wid.choices = [SelectChoice("", _("None")), *(SelectChoice(*one) for one in paragraphs)]
        self.wid.flags.optional = True

    @property
    def terms(self) -> ActionTerms:
        return ActionTerms(
            title=self.title.data or "",
            owner_name=self.owner_name.data or "",
            due_on=self.due_on.data or date.max,
            begins_on=self.begins_on.data,
            number=self.number.data or "",
            objective=self.objective.data or "",
            measured_by=self.measured_by.data or "",
            assessed_by=self.assessed_by.data or "",
            cost=self.cost.data or "",
            wid=self.wid.data or None,
        )


class ActionTableForm(Form):
    """A file of actions, or its text once it has been looked at."""

    file = FileField(N_("A CSV file"))
    text = LongTextField(N_("Or the table itself, with its header"), most=2**20)


class PlanButtonForm(Form):
    """A button only."""


class ActionReportForm(Form):
    speaker = RadioGroupField(N_("In whose name?"), [required(N_("Choose in whose name you report."))])
    progress = RadioGroupField(N_("Where it stands"), [required(N_("Choose where it stands."))])
    words = LongTextField(
        N_("What you see"),
        most=MAX_WORDS_LENGTH,
        description=N_("What was done and what was not, and how you know."),
    )
    links = LongTextField(
        N_("What shows it"),
        most=2_600,
        description=N_(
            "Up to five web addresses, each on a line of its own. To say that it is done, give an address or a file."
        ),
    )
    kept = CheckboxGroupField(
        N_("Files that have arrived"),
        description=N_(
            "They are sent with the report. Untick what should not be. What is not sent is destroyed in a day."
        ),
    )
    file = FilesField(
        N_("Files that show it"),
        description=N_(
            "Up to five, together at most 25 MB: PDF, Word (.docx), OpenDocument (.odt), Excel (.xlsx), CSV, plain "
            "text, JPEG, PNG, WebP or GIF. Each is checked for viruses; what is shown is a copy without its name, and "
            "without hidden data such as the author or the place."
        ),
        widget=widgets.FileInput(accept=ACCEPTED_ENDINGS, multiple=True),
    )
    interests = LongTextField(
        N_("Interests"),
        most=MAX_TEXT_LENGTH,
        description=N_("Does your organisation do this, or is it paid for it? Say so; it is shown beside the report."),
    )

    def __init__(
        self,
        organisations: Sequence[Organisation],
        *,
        government: str = "",
        kept: Sequence[KeptFile] = (),
        **values: Any,
    ) -> None:
        super().__init__(**values)
        self.kept_files: list[KeptFile] = list(kept)
        self.kept.choices = [SelectChoice(one.token, one.label) for one in kept]
        own = [SelectChoice("government", _("The government: %(body)s", body=government))] if government else []
        self.speaker.choices = [*own, *(SelectChoice(str(one.id), one.name) for one in organisations)]
        if len(self.speaker.choices) == 1 and not self.is_submitted():
            self.speaker.data = self.speaker.choices[0].value
        offered = [one for one in Progress if organisations or one is not Progress.NO_EVIDENCE]
        self.progress.choices = [SelectChoice(str(one), str(PROGRESS_LABELS[one]).capitalize()) for one in offered]
        for field in (self.words, self.links, self.file, self.interests):
            field.flags.optional = True

    def keep(self, arrived: KeptFile) -> None:
        """Puts a file that has arrived into the form, chosen to be sent."""
        self.kept_files.append(arrived)
        self.kept.choices = [*(self.kept.choices or ()), SelectChoice(arrived.token, arrived.label)]
        self.kept.data = [*(self.kept.data or ()), arrived.token]

    @property
    def organisation_id(self) -> int | None:
        """None: the government speaks."""
        return read_number(self.speaker.data)

    def to_report(self, language: str) -> GivenReport:
        chosen = self.kept.data or ()
        return GivenReport(
            Progress(self.progress.data),
            self.words.data or "",
            (self.links.data or "").splitlines(),
            language,
            self.interests.data or "",
            [one.file_id for one in self.kept_files if one.token in chosen],
        )


class ReportDecisionForm(Form):
    reason = DropdownField(N_("Reason"), default="")

    def __init__(self, reasons: Sequence[tuple[str, str]], **values: Any) -> None:
        super().__init__(**values)
        self.reason.choices = [SelectChoice("", _("Choose a reason")), *(SelectChoice(*one) for one in reasons)]


def to_plan_data(plan: ActionPlan) -> dict[str, Any]:
    """The fields of the form for a plan that is there."""
    names = ("title", "summary", "language", "period_from", "period_to", "revision")
    return {**{name: getattr(plan, name) for name in names}, "review_every": plan.review_every or ""}


def to_action_data(action: PlanAction, milestones: Sequence[Any]) -> dict[str, Any]:
    """The fields of the form for an action that is there."""
    names = (
        "number",
        "objective",
        "title",
        "owner_name",
        "begins_on",
        "due_on",
        "measured_by",
        "assessed_by",
        "cost",
        "revision",
    )
    steps = "\n".join(f"{one.due_on} {one.title}{' done' if one.done_on else ''}" for one in milestones)
    return {**{name: getattr(action, name) for name in names}, "wid": action.wid or "", "milestones": steps}


def read_milestones(text: str, today: date) -> list[tuple[str, date, date | None]] | None:
    """The steps of the box; None where a line does not begin with a day.

    >>> read_milestones("2028-06-30 First site open done", date(2028, 7, 1))
    [('First site open', datetime.date(2028, 6, 30), datetime.date(2028, 7, 1))]
    >>> read_milestones("soon", date(2028, 7, 1)) is None
    True
    """
    found = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        day, _space, said = line.partition(" ")
        done = said.casefold().endswith(" done")
        try:
            due = date.fromisoformat(day)
        except ValueError:
            return None
        found.append((said[: -len(" done")] if done else said, due, today if done else None))
    return found
