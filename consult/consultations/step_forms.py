"""The forms of the smaller steps of setting up: each is filled from a consultation and gives what to write."""

from __future__ import annotations

from typing import Any

from consult.consultations import steps
from consult.consultations.model import Consultation, TakesPart
from consult.core.forms import Choice, Form, LongText, SelectChoice, Several, optional
from consult.core.i18n import CONTENT_LANGUAGES, N_

NAMED = {
    "organisation": N_("As an organisation"),
    "own": N_("With their own name"),
    "pseudonym": N_("With a name that they choose"),
    "none": N_("Without a name"),
}


class Step(Form):
    """A step; `title` names it."""

    title: Any = ""

    def values(self) -> dict[str, Any]:
        raise NotImplementedError


class Who(Step):
    title = N_("Who may take part")
    takes_part = Choice(
        N_("Who may file?"),
        choices=[
            SelectChoice(TakesPart.ANYONE, N_("Anyone, with or without an account")),
            SelectChoice(TakesPart.ACCOUNT, N_("Only people with an account")),
        ],
    )
    eligible = LongText(
        N_("Whom do you ask?"),
        [optional()],
        most=500,
        description=N_("In words, on its public page. For example: everybody who lives or works in the region."),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(data={"takes_part": row.takes_part, "eligible": row.eligible})

    def values(self) -> dict[str, Any]:
        chosen = TakesPart(self.takes_part.data or TakesPart.ANYONE)
        return steps.who(takes_part=chosen, eligible=self.eligible.data or "")


class Names(Step):
    title = N_("How people may be named")
    name_rules = Several(
        N_("How may people be named?"),
        choices=[SelectChoice(*row) for row in NAMED.items()],
        description=N_("People at risk stay away where they must give a name."),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(data={"name_rules": row.name_rules})

    def values(self) -> dict[str, Any]:
        return steps.names(self.name_rules.data or ())


class Groups(Step):
    title = N_("Groups to hear")
    groups = LongText(
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
        return steps.groups(self.groups.data or "")


class Languages(Step):
    title = N_("Languages")
    languages = Several(
        N_("In which languages can people answer?"),
        choices=[SelectChoice(*row) for row in CONTENT_LANGUAGES.items()],
        description=N_("Those that whoever reads the answers understands. Answers in others are taken too."),
    )

    def __init__(self, row: Consultation) -> None:
        super().__init__(data={"languages": row.languages or [row.language]})

    def values(self) -> dict[str, Any]:
        return steps.languages(self.languages.data or ())


STEPS: dict[str, Any] = {"who": Who, "names": Names, "groups": Groups, "languages": Languages}
