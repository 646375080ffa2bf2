"""The form that narrows the list of consultations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from consult.accounts.countries import countries
from consult.core import widgets
from consult.core.forms import Form, HiddenField, Line, Pick, SelectChoice
from consult.core.i18n import N_, _, language
from consult.site.finding import Choice, Choices, Wish
from consult.taxonomy.model import said_in

_WITHIN = {"7": N_("In the next 7 days"), "30": N_("In the next 30 days"), "90": N_("In the next 90 days")}


class Finding(Form):
    """Reading changes nothing, so it carries no token. A choice that does not exist narrows nothing."""

    class Meta:
        csrf = False

    phase = HiddenField()
    q = Line(N_("Find a consultation"), most=100, widget=widgets.Text(type="search"))
    country = Pick(N_("Country"), default="")
    pillar = Pick(N_("Pillar"), default="")
    topic = Pick(N_("Topic"), default="")
    closes = Pick(N_("Closes"), default="")

    def __init__(self, given: Any, choices: Choices) -> None:
        super().__init__(given)
        self.q.validate(self)  # what was typed at length is told to be too long; nothing else can be wrong
        names = [pair for pair in countries(language()) if pair[0] in choices.countries]
        self.country.choices = [_any(_("Any country")), *(SelectChoice(*pair) for pair in names)]
        self.pillar.choices = [_any(_("Any pillar")), *_terms(choices.pillars)]
        self.topic.choices = [_any(_("Any topic"))]
        for labels, terms in choices.topics:
            group = said_in(labels, language())
            self.topic.choices += [SelectChoice(one.value, one.label, optgroup=group) for one in _terms(terms)]
        self.closes.choices = [_any(_("At any time")), *(SelectChoice(*row) for row in _WITHIN.items())]

    @property
    def asked(self) -> dict[str, str]:
        """What was asked for and exists, for the addresses of further pages."""
        return {
            name: field.data
            for name, field in self._fields.items()
            if field.data and not field.errors
            if not isinstance(field, Pick) or field.data in {choice.value for choice in field.choices}
        }

    @property
    def narrowed(self) -> bool:
        """Whether something besides words was chosen."""
        return bool(self.asked.keys() - {"phase", "q"})

    @property
    def wish(self) -> Wish:
        asked = self.asked
        terms = [int(asked[name]) for name in ("pillar", "topic") if name in asked]
        within = int(asked["closes"]) if "closes" in asked else None
        return Wish(asked.get("phase", ""), asked.get("q", ""), asked.get("country", ""), terms, within)


def _any(label: str) -> SelectChoice:
    return SelectChoice("", label)


def _terms(terms: Sequence[Choice]) -> list[SelectChoice]:
    return [SelectChoice(str(number), said_in(labels, language())) for number, labels in terms]
