"""Forms of the optional setup steps. Each is filled from a consultation and returns the values to store."""

from __future__ import annotations

from typing import Any

from consult.consultations.model import Consultation, ParticipationRule
from consult.consultations.setup import service as setup
from consult.core.i18n import CONTENT_LANGUAGES, N_
from consult.core.web.forms import CheckboxGroupField, Form, LongTextField, RadioGroupField, SelectChoice, optional

NAME_RULE_LABELS = {
    "organisation": N_("As an organisation"),
    "own": N_("With their own name"),
    "pseudonym": N_("With a pseudonym"),
    "none": N_("Without a name"),
}


class SetupStepForm(Form):
    """A setup step. `title` is its name."""

    title: Any = ""

    def values(self) -> dict[str, Any]:
        raise NotImplementedError


class ParticipationForm(SetupStepForm):
    title = N_("Eligibility")
    takes_part = RadioGroupField(
        N_("Who may take part?"),
        choices=[
            SelectChoice(ParticipationRule.ANYONE, N_("Anyone, with or without an account")),
            SelectChoice(ParticipationRule.ACCOUNT, N_("Only people with an account")),
        ],
    )
    eligible = LongTextField(
        N_("Who do you want to ask?"),
        [optional()],
        most=500,
        description=N_("Shown on the public page. For example: everyone who lives or works in the region."),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(data={"takes_part": row.takes_part, "eligible": row.eligible})

    def values(self) -> dict[str, Any]:
        chosen = ParticipationRule(self.takes_part.data or ParticipationRule.ANYONE)
        return setup.participation_values(takes_part=chosen, eligible=self.eligible.data or "")


class NameRulesForm(SetupStepForm):
    title = N_("Name options")
    name_rules = CheckboxGroupField(
        N_("Which name options do you offer?"),
        choices=[SelectChoice(*row) for row in NAME_RULE_LABELS.items()],
        description=N_("If you require a name, people at risk stay away."),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(data={"name_rules": row.name_rules})

    def values(self) -> dict[str, Any]:
        return setup.name_rule_values(self.name_rules.data or ())


class TargetGroupsForm(SetupStepForm):
    title = N_("Groups to hear from")
    groups = LongTextField(
        N_("Which groups do you want to hear from?"),
        [optional()],
        most=4000,
        description=N_(
            "One group on each line, then a colon and a target number, such as “people who use drugs: 20”. "
            "“What we heard” shows which groups are below target."
        ),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(data={"groups": "\n".join(f"{it['name']}: {it['target']}" for it in row.groups)})

    def values(self) -> dict[str, Any]:
        return setup.group_values(self.groups.data or "")


class AnswerLanguagesForm(SetupStepForm):
    title = N_("Languages")
    languages = CheckboxGroupField(
        N_("Preferred languages for responses"),
        choices=[SelectChoice(*row) for row in CONTENT_LANGUAGES.items()],
        description=N_("Languages your team can read. We accept responses in other languages too."),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(data={"languages": row.languages or [row.language]})

    def values(self) -> dict[str, Any]:
        return setup.language_values(self.languages.data or ())


class PaperReturnForm(SetupStepForm):
    title = N_("Paper form")
    paper_return = LongTextField(
        N_("Where should people return the form?"),
        [optional()],
        most=400,
        description=N_(
            "A person or office with a postal address. We print the address on the form. If you leave this "
            "empty, write the address on each form by hand."
        ),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(data={"paper_return": row.paper_return})

    def values(self) -> dict[str, Any]:
        return setup.paper_values(self.paper_return.data or "")


STEP_FORMS: dict[str, Any] = {
    "who": ParticipationForm,
    "names": NameRulesForm,
    "groups": TargetGroupsForm,
    "languages": AnswerLanguagesForm,
    "paper": PaperReturnForm,
}
