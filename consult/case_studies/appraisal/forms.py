"""Forms for reviewers: the review and their interests. Also the forms of the body that invites them."""

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
        N_("What was the result?"),
        [required(N_("Choose a result"))],
        choices=[SelectChoice(*it) for it in DIRECTIONS.items()],
    )
    equity = LongTextField(
        N_("Equity"), [optional()], most=MAX_NOTE, description=N_("Who was reached, and who was left out?")
    )
    rights = LongTextField(
        N_("Rights"), [optional()], most=MAX_NOTE, description=N_("Did people choose freely? Was anyone harmed?")
    )
    interests = LineField(
        N_("Your interests in this case study"),
        [required(N_("List your interests, or type: none"))],
        most=300,
        description=N_(
            "Work, money, friendships or opinions that readers should know about. If you have none, type: none"
        ),
    )

    @property
    def domains(self) -> list[tuple[Any, Any]]:
        """Return the fields of each domain: the concern and its reason."""
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
        N_(
            "Reason, in one sentence"
        ), [optional()], most=MAX_WHY, description=N_("Required if the concern is serious"),
    ))  # fmt: skip


class InterestsForm(Form):
    interests = LongTextField(
        N_("Your interests"),
        [required(N_("List your interests, one per line, or type: none"))],
        most=4000,
        description=N_(
            "List employers, boards, funders and co-authors, one per line. This list is public. We compare the "
            "names and web domains with each case study. If you have none, type: none"
        ),
    )


class AppraiserForm(Form):
    """Invite a reviewer by the address of their account, or end their role."""

    email = EmailField(N_("E-mail address of their account"), [required(N_("Enter the web address of the provider"))])


class AppraiserEndForm(Form):
    account = HiddenField()


def _describe(row: Appraiser, body: str) -> str:
    """Return the body that listed a reviewer, and their interests. Names are isolated for right-to-left pages."""
    body = f"\u2068{body}\u2069"
    if not row.interests:
        return _("Listed by %(body)s. Interests not declared yet.", body=body)
    if row.interests == [NO_INTEREST]:
        return _("Listed by %(body)s. Interests: none.", body=body)
    interests = "; ".join(f"\u2068{line}\u2069" for line in row.interests)
    return _("Listed by %(body)s. Interests: %(interests)s", body=body, interests=interests)


class AskAppraisersForm(Form):
    """The reviewers to ask, chosen from the public list."""

    people = CheckboxGroupField(N_("Who do you want to ask?"), [required(N_("Choose at least one person."))])

    def __init__(self, choices: Sequence[tuple[Appraiser, Account, str]], **given: Any) -> None:
        super().__init__(**given)
        self.people.choices = [
            SelectChoice(str(person.id), person.display_name, render_kw={"hint": _describe(row, body)})
            for row, person, body in choices
        ]

    @property
    def account_ids(self) -> list[int]:
        return [number for value in self.people.data or () if (number := read_number(value)) is not None]
