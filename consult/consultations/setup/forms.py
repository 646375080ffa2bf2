"""Forms of the optional setup steps: each is filled from a consultation and gives the values to write."""

from __future__ import annotations

from typing import Any

from consult.consultations.model import Consultation, ParticipationRule
from consult.consultations.setup import service as setup
from consult.core.i18n import CONTENT_LANGUAGES, N_
from consult.core.web.forms import CheckboxGroupField, Form, LongTextField, RadioGroupField, SelectChoice, optional

NAME_RULE_LABELS = {
    "organisation": N_("As an organisation"),
    "own": N_("With their own name"),
    "pseudonym": N_("With a name that they choose"),
    "none": N_("Without a name"),
}


class SetupStepForm(Form):
    """A step; `title` names it."""

    title: Any = ""

    def values(self) -> dict[str, Any]:
        raise NotImplementedError


class ParticipationForm(SetupStepForm):
    title = N_("Who may take part")
    takes_part = RadioGroupField(
        N_("Who may file?"),
        choices=[
            SelectChoice(ParticipationRule.ANYONE, N_("Anyone, with or without an account")),
            SelectChoice(ParticipationRule.ACCOUNT, N_("Only people with an account")),
        ],
    )
    eligible = LongTextField(
        N_("Whom do you ask?"),
        [optional()],
        most=500,
        description=N_("In words, on its public page. For example: everybody who lives or works in the region."),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(data={"takes_part": row.takes_part, "eligible": row.eligible})

    def values(self) -> dict[str, Any]:
        chosen = ParticipationRule(self.takes_part.data or ParticipationRule.ANYONE)
        return setup.participation_values(takes_part=chosen, eligible=self.eligible.data or "")


class NameRulesForm(SetupStepForm):
    title = N_("How people may be named")
    name_rules = CheckboxGroupField(
        N_("How may people be named?"),
        choices=[SelectChoice(*row) for row in NAME_RULE_LABELS.items()],
        description=N_("People at risk stay away where they must give a name."),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(data={"name_rules": row.name_rules})

    def values(self) -> dict[str, Any]:
        return setup.name_rule_values(self.name_rules.data or ())


class TargetGroupsForm(SetupStepForm):
    title = N_("Groups to hear")
    groups = LongTextField(
        N_("Whom do you set out to hear?"),
        [optional()],
        most=4000,
        description=N_(
            "One group on each line, a colon, and how many of them, such as “people who use drugs: 20”. What we heard "
            "says which of them were heard less."
        ),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(data={"groups": "\n".join(f"{it['name']}: {it['target']}" for it in row.groups)})

    def values(self) -> dict[str, Any]:
        return setup.group_values(self.groups.data or "")


class AnswerLanguagesForm(SetupStepForm):
    title = N_("Languages")
    languages = CheckboxGroupField(
        N_("In which languages can people answer?"),
        choices=[SelectChoice(*row) for row in CONTENT_LANGUAGES.items()],
        description=N_("Those that whoever reads the answers understands. Answers in others are taken too."),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(data={"languages": row.languages or [row.language]})

    def values(self) -> dict[str, Any]:
        return setup.language_values(self.languages.data or ())


class PaperReturnForm(SetupStepForm):
    title = N_("Form on paper")
    paper_return = LongTextField(
        N_("Where is it given back?"),
        [optional()],
        most=400,
        description=N_(
            "A person or an office, and an address. It is printed on the form. If you leave this empty, whoever hands "
            "the form out has to write it on each one."
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
