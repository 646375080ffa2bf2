"""Forms of plans, actions, and reports on actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import request

from consult.accounts.model import Organisation
from consult.bodies.model import PublicBody
from consult.consultations.model import Consultation
from consult.core.i18n import CONTENT_LANGUAGES, N_, _, current_language
from consult.core.scripts.typed_words import DONE, cut_done
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
from consult.core.web.template_filters import format_day
from consult.files.kinds import ACCEPTED_ENDINGS
from consult.plans.action_tables.actions import ActionTable, TableChoices
from consult.plans.doers.service import DoerLine
from consult.plans.labels import PROGRESS_LABELS, TIMETABLE_LABELS
from consult.plans.model import (
    MAX_ACTION_LENGTH,
    MAX_OWNER_LENGTH,
    MAX_TEXT_LENGTH,
    MAX_TITLE_LENGTH,
    MAX_WORDS_LENGTH,
    ActionDue,
    ActionPlan,
    PlanAction,
    Progress,
    TimetableKind,
)
from consult.plans.reports.service import GivenReport
from consult.plans.reports.uploads import KeptFile
from consult.plans.service import ActionTerms, PlanTerms

_YEAR = widgets.TextInput(inputmode="numeric", dir="ltr")


class PlanForm(Form):
    revision = HiddenField()
    title = LineField(N_("Title of the plan"), [required(N_("Give the plan a title."))], most=MAX_TITLE_LENGTH)
    summary = LongTextField(N_("Purpose, in a few sentences"), most=MAX_TEXT_LENGTH)
    language = DropdownField(
        N_("Language of the plan"), choices=[SelectChoice(*choice) for choice in CONTENT_LANGUAGES.items()]
    )
    period_from = LineField(N_("First year"), [required(N_("Enter a year"))], most=4, widget=_YEAR)
    period_to = LineField(N_("Last year"), [required(N_("Enter a year"))], most=4, widget=_YEAR)
    review_every = LineField(
        N_("Months between reviews"),
        most=2,
        widget=_YEAR,
        description=N_(
            "Leave this empty if you do not want to announce a review. A review opens a consultation with a "
            "summary of progress."
        ),
    )

    @property
    def terms(self) -> PlanTerms:
        """Return the terms. An invalid year becomes 0, which the service refuses."""
        return PlanTerms(
            self.title.data or "",
            self.summary.data or "",
            self.language.data,
            read_number(self.period_from.data) or 0,
            read_number(self.period_to.data) or 0,
            read_number(self.review_every.data) if self.review_every.data else None,
        )


class NewPlanForm(PlanForm):
    body = DropdownField(N_("Body responsible for the plan"))
    consultation = DropdownField(
        N_("Based on the consultation"),
        default="",
        description=N_(
            "We suggest the numbered paragraphs of the draft as actions, with the arguments about each paragraph."
        ),
    )

    def __init__(self, bodies: Sequence[PublicBody], rows: Sequence[Consultation], **values: Any) -> None:
        super().__init__(**values)
        self.consultation.flags.optional = True
        self.body.choices = [SelectChoice(str(body.id), body.name) for body in bodies]
        self.consultation.choices = [
            SelectChoice("", _("No consultation")),
            *(SelectChoice(str(r.id), r.title) for r in rows),
        ]


class PlanActionForm(Form):
    revision = HiddenField()
    number = LineField(
        N_("Number"), most=20, description=N_("For example, 2.1. If you leave it empty, we use the next number.")
    )
    objective = LineField(N_("Objective"), most=MAX_TITLE_LENGTH)
    title = LineField(N_("What will be done?"), [required(N_("Say what will be done."))], most=MAX_ACTION_LENGTH)
    owner_name = LineField(
        N_("Who is responsible?"),
        [required(N_("Say who is responsible."))],
        most=MAX_OWNER_LENGTH,
        description=N_("If there are several, separate them with semicolons."),
    )
    timetable = RadioGroupField(N_("Timetable"), default="")
    due_on = DatePartsField(
        N_("Due date"),
        description=N_(
            "For a repeated action, enter the first date. Leave this empty for an action without a due date."
        ),
    )
    days = LongTextField(
        N_("Several dates"),
        most=MAX_TEXT_LENGTH,
        description=N_("One per line, such as 2028-06-30."),
    )
    every_months = LineField(N_("Months between due dates"), most=3, widget=_YEAR)
    repeats_until = DatePartsField(N_("Repeated until"))
    begins_on = DatePartsField(N_("Start date"))
    measured_by = LongTextField(N_("Indicators, as worded in the plan"), most=MAX_TEXT_LENGTH)
    assessed_by = LongTextField(N_("Data collection and assessment"), most=MAX_TEXT_LENGTH)
    cost = LineField(N_("Cost"), most=MAX_TITLE_LENGTH)
    milestones = LongTextField(
        N_("Milestones"),
        most=MAX_WORDS_LENGTH,
        description=N_(
            "One per line, date first, such as “2028-06-30 First site open”. Add “done” as the last word when "
            "the milestone is completed."
        ),
    )
    wid = DropdownField(N_("Paragraph that this action implements"), default="")
    timetable_words = ""  # of a table; a person changes the timetable, not its words

    def __init__(self, paragraphs: Sequence[tuple[str, str]] = (), **values: Any) -> None:
        super().__init__(**values)
        self.wid.choices = [SelectChoice("", _("None")), *(SelectChoice(*paragraph) for paragraph in paragraphs)]
        self.timetable.choices = [SelectChoice(str(kind), str(name)) for kind, name in TIMETABLE_LABELS.items()]
        for field in (self.wid, self.timetable, self.due_on, self.days, self.every_months, self.repeats_until):
            field.flags.optional = True

    @property
    def terms(self) -> ActionTerms:
        return ActionTerms(
            title=self.title.data or "",
            owner_name=self.owner_name.data or "",
            due_on=self.due_on.data,
            begins_on=self.begins_on.data,
            number=self.number.data or "",
            objective=self.objective.data or "",
            measured_by=self.measured_by.data or "",
            assessed_by=self.assessed_by.data or "",
            cost=self.cost.data or "",
            wid=self.wid.data or None,
            timetable=TimetableKind(self.timetable.data) if self.timetable.data else None,
            timetable_words=self.timetable_words,
            days=read_days(self.days.data or "") if self.timetable.data == TimetableKind.DAYS else (),
            every_months=read_number(self.every_months.data) if self.every_months.data else None,
            repeats_until=self.repeats_until.data,
        )


class ActionTableForm(Form):
    """A file of actions, or its text after the preview."""

    file = FileField(N_("CSV, Excel, Word or Markdown file"))
    text = LongTextField(N_("Or paste the table with its header row"), most=2**20)
    title_column = DropdownField(N_("Column with the actions"), default="")
    due_column = DropdownField(N_("Column with the timetables"), default="")
    owner_column = DropdownField(N_("Column with the responsible parties"), default="")
    timetables = LongTextField(
        N_("Timetables we could not read"),
        most=MAX_WORDS_LENGTH,
        description=N_(
            "After each “=”, write what the timetable means, such as 2028-06-30, 2027–2029, every 6 months or ongoing."
        ),
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        for field in (*self.columns.values(), self.timetables, self.text, self.file):
            field.flags.optional = True
            if field in self.columns.values():
                field.validate_choice = False

    @property
    def columns(self) -> dict[str, Any]:
        return {"title": self.title_column, "due": self.due_column, "owner": self.owner_column}

    @property
    def choices(self) -> TableChoices:
        """Return the answers. A column that was offered and not chosen is one that the table does not have."""
        columns = {role: field.data or None for role, field in self.columns.items() if field.name in request.form}
        lines = [line.rsplit("=", 1) for line in (self.timetables.data or "").splitlines() if "=" in line]
        return TableChoices(columns, {words.strip(): meant.strip() for words, meant in lines if meant.strip()})

    def offer(self, table: ActionTable) -> None:
        """Offer the columns of the table, and its timetables that were not read."""
        for field in self.columns.values():
            field.choices = [SelectChoice("", _("None")), *(SelectChoice(name, name) for name in table.headers if name)]
        known = self.choices.timetables
        answers = {**dict.fromkeys((words for words, _n in table.asked), ""), **known}
        self.timetables.data = "\n".join(f"{words} = {meant}".rstrip() for words, meant in answers.items())


class DoersForm(Form):
    """The body of each responsible party. The fields are named by the ids of the parties."""

    def __init__(self, rows: Sequence[DoerLine], bodies: Sequence[PublicBody]) -> None:
        super().__init__()
        offered = {"": _("None"), **{str(body.id): body.name for body in bodies}}
        chosen = {row.doer.id: request.form.get(f"doer-{row.doer.id}", str(row.doer.body_id or "")) for row in rows}
        self.offered = offered
        self.chosen = {number: read_number(value) for number, value in chosen.items() if value in offered}


class PlanButtonForm(Form):
    """A form with only a button."""


class ActionReportForm(Form):
    speaker = RadioGroupField(N_("On whose behalf?"), [required(N_("Choose the organisation or body you report for."))])
    due_on = DropdownField(N_("About which due date?"), default="", validate_choice=False)
    progress = RadioGroupField(N_("Status of the action"), [required(N_("Choose a status."))])
    words = LongTextField(
        N_("What do you see?"),
        most=MAX_WORDS_LENGTH,
        description=N_("What was done, what was not, and how you know."),
    )
    links = LongTextField(
        N_("Links to evidence"),
        most=2_600,
        description=N_("Up to five web addresses, one per line. To report an action as done, give a link or a file."),
    )
    kept = CheckboxGroupField(
        N_("Uploaded files"),
        description=N_(
            "We send these files with the report. Untick any you do not want to send. We delete unsent files "
            "about a day after you upload them."
        ),
    )
    file = FilesField(
        N_("Evidence files"),
        description=N_(
            "Up to five files, 25 MB in total: PDF, Word (.docx), OpenDocument (.odt), Excel (.xlsx), CSV, "
            "plain text, JPEG, PNG, WebP or GIF. We check each file for viruses. We show a copy without its "
            "name or hidden data, such as the author or location."
        ),
        widget=widgets.FileInput(accept=ACCEPTED_ENDINGS, multiple=True),
    )
    interests = LongTextField(
        N_("Interests"),
        most=MAX_TEXT_LENGTH,
        description=N_(
            "Say if your organisation carries out this action or is paid for it. We show this with the report."
        ),
    )

    def __init__(
        self,
        organisations: Sequence[Organisation],
        *,
        government: str = "",
        kept: Sequence[KeptFile] = (),
        dues: Sequence[ActionDue] = (),
        **values: Any,
    ) -> None:
        super().__init__(**values)
        self.kept_files: list[KeptFile] = list(kept)
        self.kept.choices = [SelectChoice(paragraph.token, paragraph.label) for paragraph in kept]
        own = [SelectChoice("government", _("The government: %(body)s", body=government))] if government else []
        self.speaker.choices = [*own, *(SelectChoice(str(paragraph.id), paragraph.name) for paragraph in organisations)]
        if len(self.speaker.choices) == 1 and not self.is_submitted():
            self.speaker.data = self.speaker.choices[0].value
        offered = [paragraph for paragraph in Progress if organisations or paragraph is not Progress.NO_EVIDENCE]
        self.progress.choices = [
            SelectChoice(str(paragraph), str(PROGRESS_LABELS[paragraph]).capitalize()) for paragraph in offered
        ]
        self.due_on.choices = [SelectChoice(str(row.due_on), format_day(row.due_on)) for row in dues]
        for field in (self.words, self.links, self.file, self.interests, self.due_on):
            field.flags.optional = True

    def keep(self, arrived: KeptFile) -> None:
        """Add an uploaded file to the form, selected for sending."""
        self.kept_files.append(arrived)
        self.kept.choices = [*(self.kept.choices or ()), SelectChoice(arrived.token, arrived.label)]
        self.kept.data = [*(self.kept.data or ()), arrived.token]

    @property
    def organisation_id(self) -> int | None:
        """Return the reporting organisation's id, or None for the government."""
        return read_number(self.speaker.data)

    def to_report(self, language: str) -> GivenReport:
        chosen = self.kept.data or ()
        return GivenReport(
            Progress(self.progress.data),
            self.words.data or "",
            (self.links.data or "").splitlines(),
            language,
            self.interests.data or "",
            [file.file_id for file in self.kept_files if file.token in chosen],
            next(iter(read_days(self.due_on.data or "")), None),
        )


def to_plan_data(plan: ActionPlan) -> dict[str, Any]:
    """Return form values for an existing plan."""
    names = ("title", "summary", "language", "period_from", "period_to", "revision")
    return {**{name: getattr(plan, name) for name in names}, "review_every": plan.review_every or ""}


def to_action_data(action: PlanAction, milestones: Sequence[Any], dues: Sequence[ActionDue] = ()) -> dict[str, Any]:
    """Return form values for an existing action."""
    names = (
        "number",
        "objective",
        "title",
        "owner_name",
        "begins_on",
        "measured_by",
        "assessed_by",
        "cost",
        "repeats_until",
        "revision",
    )
    done = f" {DONE[current_language()][0]}"
    steps = "\n".join(
        f"{milestone.due_on} {milestone.title}{done if milestone.done_on else ''}" for milestone in milestones
    )
    times = {
        "timetable": str(action.timetable or ""),
        "every_months": action.every_months or "",
        "due_on": dues[0].due_on if dues else action.due_on,
        "days": "\n".join(str(row.due_on) for row in dues) if action.timetable is TimetableKind.DAYS else "",
    }
    values = {name: getattr(action, name) for name in names}
    return {**values, **times, "wid": action.wid or "", "milestones": steps}


def read_days(text: str) -> tuple[date, ...]:
    """Parse dates, one on each line. Return none of them if a line is not a date.

    >>> read_days("2028-06-30\\n\\n2029-06-30")
    (datetime.date(2028, 6, 30), datetime.date(2029, 6, 30))
    """
    try:
        return tuple(date.fromisoformat(line.strip()) for line in text.splitlines() if line.strip())
    except ValueError:
        return ()


def read_milestones(text: str, today: date) -> list[tuple[str, date, date | None]] | None:
    """Parse milestones, one on each line. Return None if a line does not begin with a date.

    >>> read_milestones("2028-06-30 First site open done", date(2028, 7, 1))
    [('First site open', datetime.date(2028, 6, 30), datetime.date(2028, 7, 1))]
    >>> read_milestones("soon", date(2028, 7, 1)) is None
    True
    """
    milestones = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        day, _space, wording = line.partition(" ")
        title, done = cut_done(wording)
        try:
            due = date.fromisoformat(day)
        except ValueError:
            return None
        milestones.append((title, due, today if done else None))
    return milestones
