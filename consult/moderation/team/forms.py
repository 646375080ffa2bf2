"""Forms of assignments and the working calendar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from consult.consultations.datetimes import list_zones
from consult.core.i18n import CONTENT_LANGUAGES, N_, NP_, _
from consult.core.web.forms import CheckboxGroupField, DropdownField, Form, LongTextField, SelectChoice, optional
from consult.moderation.team.service import TeamMember
from consult.moderation.team.working_calendar import WorkingCalendar

WEEKDAYS = (
    (1, N_("Monday")),
    (2, N_("Tuesday")),
    (3, N_("Wednesday")),
    (4, N_("Thursday")),
    (5, N_("Friday")),
    (6, N_("Saturday")),
    (7, N_("Sunday")),
)


class SeatForm(Form):
    """An assignment: a moderator with a consultation, a language, or both."""

    account = DropdownField(NP_("person", "Moderator"))
    consultation = DropdownField(N_("Consultation"), default="")
    language = DropdownField(N_("Language"), default="")

    def __init__(self, people: Sequence[TeamMember], consultations: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.account.choices = [SelectChoice(str(person.id), person.name) for person in people]
        self.consultation.choices = [
            SelectChoice("", _("All consultations")),
            *(SelectChoice(str(row[0]), row[1]) for row in consultations),
        ]
        self.language.choices = [
            SelectChoice("", _("All languages")),
            *(SelectChoice(*row) for row in CONTENT_LANGUAGES.items()),
        ]


class CalendarForm(Form):
    """The working calendar for the promised times of the policy."""

    weekdays = CheckboxGroupField(N_("Working days"), coerce=int)
    closed = LongTextField(N_("Holidays"), [optional()], most=12_000)
    zone = DropdownField(N_("Time zone"))

    def __init__(self, calendar: WorkingCalendar, closed: dict[str, str], **kwargs: Any) -> None:
        super().__init__(
            data={
                "weekdays": sorted(calendar.weekdays),
                "zone": calendar.zone,
                "closed": "\n".join(f"{day} {name}".strip() for day, name in closed.items()),
            },
            **kwargs,
        )
        self.weekdays.choices = [SelectChoice(number, name) for number, name in WEEKDAYS]
        self.zone.choices = [SelectChoice(zone, zone) for zone in list_zones()]
