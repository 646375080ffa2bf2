"""Forms of appraisers: the appraisal, their interests; and of the body that asks them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from consult.accounts.model import Account
from consult.case_studies.appraisal.certainty import Concern, GradeDomain
from consult.case_studies.appraisal.service import MAX_NOTE, MAX_WHY, AppraisalInput
from consult.case_studies.appraisal.ties import NO_INTEREST
from consult.case_studies.labels import CONCERNS, DIRECTIONS, DOMAIN_HINTS, DOMAINS
from consult.case_studies.model import Appraiser, Direction
from consult.core.i18n import N_, _
from consult.core.text import read_number
from consult.core.web import widgets
from consult.core.web.forms import (
    CheckboxGroupField,
    EmailField,
    Form,
    HiddenField,
    LineField,
    LongTextField,
    RadioGroupField,
    SelectChoice,
    optional,
    required,
)


class AppraisalForm(Form):
    direction = RadioGroupField(
        N_("How did it go?"),
        [required(N_("Say how it went"))],
        choices=[SelectChoice(*it) for it in DIRECTIONS.items()],
    )
    equity = LongTextField(
        N_("Equity"), [optional()], most=MAX_NOTE, description=N_("Whom did it reach, whom did it leave out?")
    )
    rights = LongTextField(
        N_("Rights"), [optional()], most=MAX_NOTE, description=N_("Did people choose freely? Was anybody harmed?")
    )
    interests = LineField(
        N_("Your interests in this case study"),
        [required(N_("Name them, or type: none"))],
        most=300,
        description=N_("Work, money, friendship, opinion: what a reader should know. If there is none, type: none"),
    )

    @property
    def domains(self) -> list[tuple[Any, Any]]:
        """Each domain with its sentence."""
        return [(self[f"concern_{domain.value}"], self[f"why_{domain.value}"]) for domain in GradeDomain]

    def to_input(self) -> AppraisalInput:
        concerns = {
            domain: (Concern(concern.data), why.data or "")
            for domain, (concern, why) in zip(GradeDomain, self.domains, strict=True)
        }
        return AppraisalInput(
            Direction(self.direction.data),
            concerns,
            self.equity.data or "",
            self.rights.data or "",
            self.interests.data,
        )


for _domain in GradeDomain:
    setattr(AppraisalForm, f"concern_{_domain.value}", RadioGroupField(
        DOMAINS[_domain], [required(N_("Choose one"))], description=DOMAIN_HINTS[_domain],
        choices=[SelectChoice(*it) for it in CONCERNS.items()], widget=widgets.ChipGroup(),
    ))  # fmt: skip
    setattr(AppraisalForm, f"why_{_domain.value}", LineField(
        N_("Why, in a sentence"), [optional()], most=MAX_WHY, description=N_("Needed where the concern is serious"),
    ))  # fmt: skip


class InterestsForm(Form):
    interests = LongTextField(
        N_("Your interests"),
        [required(N_("Name them, one a line, or type: none"))],
        most=4000,
        description=N_(
            "One a line: employers, boards, funders, people you write with. Names and internet domains are compared "
            "with each case study. They are public. If you have none, type: none"
        ),
    )


class AppraiserForm(Form):
    """Asks somebody who has an account, by address; or ends what they were asked for."""

    email = EmailField(N_("Address of their account"), [required(N_("Enter the address"))])


class AppraiserEndForm(Form):
    account = HiddenField()


def _describe(row: Appraiser, body: str) -> str:
    """Who gave an appraiser the role, and what they declare; names are set apart where the page runs the other way."""
    body = f"\u2068{body}\u2069"
    if not row.interests:
        return _("On the list by %(body)s. Has not declared interests yet.", body=body)
    if row.interests == [NO_INTEREST]:
        return _("On the list by %(body)s. Declares: none.", body=body)
    said = "; ".join(f"\u2068{line}\u2069" for line in row.interests)
    return _("On the list by %(body)s. Declares: %(interests)s", body=body, interests=said)


class AskAppraisersForm(Form):
    """Whom to ask: some of the public list."""

    people = CheckboxGroupField(N_("Whom do you ask?"), [required(N_("Choose somebody."))])

    def __init__(self, choices: Sequence[tuple[Appraiser, Account, str]], **given: Any) -> None:
        super().__init__(**given)
        self.people.choices = [
            SelectChoice(str(person.id), person.display_name, render_kw={"hint": _describe(row, body)})
            for row, person, body in choices
        ]

    @property
    def account_ids(self) -> list[int]:
        return [number for value in self.people.data or () if (number := read_number(value)) is not None]
