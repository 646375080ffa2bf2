"""The form of a search."""

from __future__ import annotations

from typing import Any

from consult.accounts.countries import countries
from consult.accounts.forms import KINDS
from consult.core import widgets
from consult.core.forms import Form, Line, Pick, SelectChoice
from consult.core.i18n import CONTENT_LANGUAGES, N_, _, language
from consult.search.marks import Wish
from consult.submissions.forms import STANCES
from consult.submissions.model import SubmitterKind

_WHO = {
    SubmitterKind.ORGANISATION: N_("Organisations"),
    SubmitterKind.PERSON: N_("Individuals"),
    SubmitterKind.UNNAMED: N_("No name published"),
}


class SearchForm(Form):
    """Reading changes nothing, so it carries no token."""

    class Meta:
        csrf = False

    q = Line(
        N_("Words to look for"),
        description=N_("“Exact words” in quotation marks; “or” between words; - before a word that must not be there."),
        widget=widgets.Text(type="search"),
    )
    on = Pick(N_("On"))
    stance = Pick(N_("Kind of comment"))
    who = Pick(N_("Who"))
    group = Pick(N_("Kind of organisation"))
    country = Pick(N_("Country"))
    language = Pick(N_("Language"))

    def __init__(self, places: list[SelectChoice], *given: Any) -> None:
        super().__init__(*given)
        self.on.choices = [SelectChoice("", _("Any part of the draft")), *places]
        self.stance.choices = _any(
            _("Any kind"), {**STANCES, "unsaid": N_("Not said"), "answer": N_("Answer to a question")}
        )
        self.who.choices = _any(_("Anybody"), _WHO)
        self.group.choices = _any(_("Any kind"), KINDS)
        self.country.choices = _any(_("Any country"), dict(countries(language())))
        self.language.choices = _any(_("Any language"), CONTENT_LANGUAGES)

    def wish(self, consultation_id: int | None) -> Wish:
        """What is looked for; a choice that does not exist narrows nothing."""
        known = {
            name: field.data
            for name, field in self._fields.items()
            if name != "q" and field.data in {choice.value for choice in field.choices}
        }
        return Wish(words=self.q.data or "", consultation_id=consultation_id, **known)

    @property
    def asked(self) -> dict[str, str]:
        """What was filled in, for the addresses of further pages and of files."""
        return {name: field.data for name, field in self._fields.items() if field.data}


def _any(label: Any, rows: Any) -> list[SelectChoice]:
    return [SelectChoice("", label), *(SelectChoice(str(value), name) for value, name in rows.items())]
