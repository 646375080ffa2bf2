"""The form of a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from consult.accounts.countries import list_countries
from consult.accounts.forms import ORGANISATION_KIND_LABELS as ORGANISATIONS
from consult.core.i18n import CONTENT_LANGUAGES, N_, _, current_language
from consult.core.text import drop_silent
from consult.core.web import widgets
from consult.core.web.forms import DropdownField, Form, LineField, SelectChoice
from consult.search.query_terms import SearchQuery
from consult.submissions.evidence.forms import EVIDENCE_KINDS as EVIDENCE
from consult.submissions.evidence.queries import PublicEvidence
from consult.submissions.evidence.tags import EvidenceTopic
from consult.submissions.forms import STANCE_LABELS
from consult.submissions.model import SubmitterKind

_WHO = {
    SubmitterKind.ORGANISATION: N_("Organisations"),
    SubmitterKind.PERSON: N_("Individuals"),
    SubmitterKind.UNNAMED: N_("No name published"),
}
_WHAT = {
    "draft": N_("In drafts"),
    "argument": N_("Arguments and answers"),
    "comment": N_("What was sent"),
    "evidence": N_("Evidence"),
    "case_study": N_("Case studies"),
    "signal": N_("Early warning"),
}


def _pick(label: Any) -> DropdownField:
    """A list to narrow by, which need not be there: what it does not know narrows nothing."""
    return DropdownField(label, default="", validate_choice=False)


class BaseSearchForm(Form):
    """Fields of both searches. Reading changes nothing, so the form has no token."""

    class Meta:
        csrf = False

    q = LineField(
        N_("Words to look for"),
        description=N_("“Exact words” in quotation marks; “or” between words. Put - before a word to leave it out."),
        widget=widgets.TextInput(type="search"),
    )
    on = _pick(N_("On"))
    who = _pick(N_("Who"))
    group = _pick(N_("Kind of organisation"))
    country = _pick(N_("Country"))
    language = _pick(N_("Language"))

    def __init__(self, places: list[SelectChoice], *given: Any) -> None:
        super().__init__(*given)
        self.on.choices = [SelectChoice("", _("Any part of the draft")), *places]
        self.who.choices = _any(_("Anybody"), _WHO)
        self.group.choices = _any(_("Any kind"), ORGANISATIONS)
        self.country.choices = _countries(current_language())
        self.language.choices = _any(_("Any language"), CONTENT_LANGUAGES)

    def to_query(self, consultation_id: int | None) -> SearchQuery:
        """The query of the form; an unknown choice filters nothing, and too many words find nothing."""
        chosen: dict[str, Any] = {
            name: field.data
            for name, field in self._fields.items()
            if name not in ("q", "topic") and field.data in {choice.value for choice in field.choices}
        }
        words = drop_silent(self.asked.get("q", ""))
        return SearchQuery(words=words, consultation_id=consultation_id, **chosen)

    @property
    def asked(self) -> dict[str, str]:
        """What was filled in and can be looked for, for the addresses of further pages and of files."""
        return {name: field.data for name, field in self._fields.items() if field.data and not field.errors}


class SearchForm(BaseSearchForm):
    what = _pick(N_("What"))
    stance = _pick(N_("Kind of comment"))

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.what.choices = _any(_("Everything"), _WHAT)
        self.stance.choices = _any(
            _("Any kind"), {**STANCE_LABELS, "unsaid": N_("Not said"), "answer": N_("Answer to a question")}
        )


class EvidenceSearchForm(BaseSearchForm):
    evidence = _pick(N_("Kind of evidence"))
    topic = _pick(N_("Topic"))

    def __init__(self, topics: Mapping[str, EvidenceTopic], *given: Any) -> None:
        super().__init__(*given)
        self._topics = topics
        self.evidence.choices = _any(_("Any kind"), EVIDENCE)
        self.topic.choices = _any(
            _("Any topic"), {key: topic.term.label(current_language()) for key, topic in topics.items()}
        )

    def about(self, piece: PublicEvidence) -> list[EvidenceTopic]:
        """The topics of a piece of evidence, in the order of the taxonomy."""
        return [topic for topic in self._topics.values() if topic.term.id in piece.term_ids]

    def to_query(self, consultation_id: int | None) -> SearchQuery:
        topic = self._topics.get(self.topic.data or "")
        terms = tuple(topic.with_narrower) if topic else ()
        return replace(super().to_query(consultation_id), what="evidence", topics=terms)


@lru_cache(maxsize=8)
def _countries(code: str) -> list[SelectChoice]:
    """Made once for a language: there are some 250."""
    return _any(_("Any country"), dict(list_countries(code)))


def _any(label: Any, rows: Any) -> list[SelectChoice]:
    return [SelectChoice("", label), *(SelectChoice(str(value), name) for value, name in rows.items())]
