"""The filter form of the list of consultations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from consult.accounts.countries import list_countries
from consult.core.i18n import N_, _, current_language
from consult.core.web import widgets
from consult.core.web.forms import DropdownField, Form, HiddenField, LineField, SelectChoice
from consult.site.consultation_search import ConsultationFilter, FilterChoices, TermChoice
from consult.taxonomy.model import pick_translation

_WITHIN = {"7": N_("In the next 7 days"), "30": N_("In the next 30 days"), "90": N_("In the next 90 days")}


class ConsultationSearchForm(Form):
    """The search form of consultations. It changes nothing, so it has no CSRF token. Unknown choices filter nothing."""

    class Meta:
        csrf = False

    phase = HiddenField()
    body = HiddenField()
    q = LineField(N_("Find a consultation"), most=100, widget=widgets.TextInput(type="search"))
    country = DropdownField(N_("Country"), default="")
    pillar = DropdownField(N_("UN policy pillar"), default="")
    topic = DropdownField(N_("Topic"), default="")
    closes = DropdownField(N_("Closes"), default="")

    def __init__(self, given: Any, choices: FilterChoices) -> None:
        super().__init__(given)
        self.q.validate(self)  # Only the length of the text can be invalid.
        names = [pair for pair in list_countries(current_language()) if pair[0] in choices.countries]
        self.country.choices = [_any(_("Any country")), *(SelectChoice(*pair) for pair in names)]
        self.pillar.choices = [_any(_("Any UN policy pillar")), *_terms(choices.pillars)]
        self.topic.choices = [_any(_("Any topic"))]
        for labels, terms in choices.topics:
            group = pick_translation(labels, current_language())
            self.topic.choices += [SelectChoice(term.value, term.label, optgroup=group) for term in _terms(terms)]
        self.closes.choices = [_any(_("At any time")), *(SelectChoice(*row) for row in _WITHIN.items())]

    @property
    def asked(self) -> dict[str, str]:
        """Return the valid values, for the URLs of further pages."""
        return {
            name: field.data
            for name, field in self._fields.items()
            if field.data and not field.errors
            if not isinstance(field, DropdownField) or field.data in {choice.value for choice in field.choices}
        }

    @property
    def narrowed(self) -> bool:
        """Return whether a filter besides words is set."""
        return bool(self.asked.keys() - {"phase", "q"})

    @property
    def filters(self) -> ConsultationFilter:
        asked = self.asked
        terms = [int(asked[name]) for name in ("pillar", "topic") if name in asked]
        within = int(asked["closes"]) if "closes" in asked else None
        return ConsultationFilter(
            asked.get("phase", ""), asked.get("q", ""), asked.get("country", ""), terms, within, asked.get("body", "")
        )


def _any(label: str) -> SelectChoice:
    return SelectChoice("", label)


def _terms(terms: Sequence[TermChoice]) -> list[SelectChoice]:
    return [SelectChoice(str(number), pick_translation(labels, current_language())) for number, labels in terms]
