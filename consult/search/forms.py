"""Search forms: for everything published, and for evidence only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from consult.accounts.countries import list_countries
from consult.accounts.forms import ORGANISATION_KIND_LABELS as ORGANISATIONS
from consult.core.i18n import CONTENT_LANGUAGES, N_, _, current_language
from consult.core.scripts.typed_words import to_search_words
from consult.core.text import drop_silent
from consult.core.web import widgets
from consult.core.web.forms import DropdownField, Form, LineField, SelectChoice
from consult.search.query_terms import SearchQuery, is_used
from consult.submissions import stances
from consult.submissions.evidence.forms import EVIDENCE_KINDS as EVIDENCE
from consult.submissions.evidence.queries import PublicEvidence
from consult.submissions.evidence.tags import EvidenceTopic
from consult.submissions.model import SubmitterKind

_WHO = {
    SubmitterKind.ORGANISATION: N_("Organisations"),
    SubmitterKind.PERSON: N_("Individuals"),
    SubmitterKind.UNNAMED: N_("No name published"),
}
_WHAT = {
    "draft": N_("In drafts"),
    "argument": N_("Arguments and answers"),
    "comment": N_("Published submissions"),
    "evidence": N_("Evidence"),
    "case_study": N_("Case studies"),
    "signal": N_("Early warning"),
    "plan": N_("Plans, actions and indicators"),
    "body": N_("Bodies"),
    "law": N_("Laws and treaties"),
    "recommendation": N_("Recommendations"),
    "substance": N_("Substances"),
}


def _pick(label: Any) -> DropdownField:
    """Return an optional list of choices. Unknown values filter nothing."""
    return DropdownField(label, default="", validate_choice=False)


class BaseSearchForm(Form):
    """Fields of both search forms. Searching changes nothing, so there is no CSRF token."""

    class Meta:
        csrf = False

    q = LineField(
        N_("Search words"),
        description=N_(
            "Use quotation marks for “exact words” and “or” between words. Put - before a word to exclude it."
        ),
        widget=widgets.TextInput(type="search"),
    )
    on = _pick(N_("Part of the draft"))
    who = _pick(N_("Author"))
    group = _pick(N_("Type of organisation"))
    country = _pick(N_("Country"))
    language = _pick(N_("Language"))

    def __init__(self, places: list[SelectChoice], *given: Any) -> None:
        super().__init__(*given)
        self.on.choices = [SelectChoice("", _("Any part of the draft")), *places]
        self.who.choices = _any(_("Any author"), _WHO)
        self.group.choices = _any(_("Any type"), ORGANISATIONS)
        self.country.choices = _countries(current_language())
        self.language.choices = _any(_("Any language"), CONTENT_LANGUAGES)

    def to_query(self, consultation_id: int | None) -> SearchQuery:
        """Return the query of the form. Unknown choices filter nothing, and too many words find nothing."""
        chosen: dict[str, Any] = {
            name: field.data
            for name, field in self._fields.items()
            if name not in ("q", "topic") and field.data in {choice.value for choice in field.choices}
        }
        words = to_search_words(drop_silent(self.asked.get("q", "")), current_language())
        return SearchQuery(words=words, consultation_id=consultation_id, **chosen)

    @property
    def asked(self) -> dict[str, str]:
        """Return the valid filled-in fields, for the URLs of further pages and of files."""
        return {name: field.data for name, field in self._fields.items() if field.data and not field.errors}


class SearchForm(BaseSearchForm):
    what = _pick(N_("Content"))
    stance = _pick(N_("Type of comment"))

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.what.choices = _any(_("Everything"), {kind: label for kind, label in _WHAT.items() if is_used(kind)})
        self.stance.choices = _any(
            _("Any type"),
            {stance or "unsaid": name for stance, name in stances.NAMES.items()}
            | {"answer": N_("Answer to a question")},
        )


class EvidenceSearchForm(BaseSearchForm):
    evidence = _pick(N_("Type of evidence"))
    topic = _pick(N_("Topic"))

    def __init__(self, topics: Mapping[str, EvidenceTopic], *given: Any) -> None:
        super().__init__(*given)
        self._topics = topics
        self.evidence.choices = _any(_("Any type"), EVIDENCE)
        self.topic.choices = _any(
            _("Any topic"), {key: topic.term.label(current_language()) for key, topic in topics.items()}
        )

    def about(self, piece: PublicEvidence) -> list[EvidenceTopic]:
        """Return the topics of a piece of evidence, in the order of the taxonomy."""
        return [topic for topic in self._topics.values() if topic.term.id in piece.term_ids]

    def to_query(self, consultation_id: int | None) -> SearchQuery:
        topic = self._topics.get(self.topic.data or "")
        terms = tuple(topic.with_narrower) if topic else ()
        return replace(super().to_query(consultation_id), what="evidence", topics=terms)


@lru_cache(maxsize=8)
def _countries(code: str) -> list[SelectChoice]:
    """Return the choices of countries. Cached for each language, because there are about 250."""
    return _any(_("Any country"), dict(list_countries(code)))


def _any(label: Any, rows: Any) -> list[SelectChoice]:
    return [SelectChoice("", label), *(SelectChoice(str(value), name) for value, name in rows.items())]
