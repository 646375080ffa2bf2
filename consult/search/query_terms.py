"""Search queries: words in several languages, and filter terms.

A filter term is a lexeme that no text can contain, such as `=stance:concern`. Words and filters share one index, so a
common word within a small group costs no more than a rare word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace

from consult.core.languages import REGISTRY, find_language
from consult.core.web import systems

_CONFIGURATIONS = {language.code: language.search for language in REGISTRY if language.search != "simple"}
"""PostgreSQL's text search configuration by language. Other languages use `simple`."""

CONFIGURATIONS = tuple(dict.fromkeys(_CONFIGURATIONS.values()))
"""Configurations with their own rules. Must match the database function `words_in_languages`."""

_SYSTEMS = {"case_study": "case_studies", "signal": "signals", "substance": "signals", "plan": "plans"}
"""Packages that the operator can switch off, by the kind of content they hold."""

CONFIGURATION_SQL = (
    "CASE {language} "
    + " ".join(f"WHEN '{code}' THEN '{name}'::regconfig" for code, name in _CONFIGURATIONS.items())
    + " ELSE 'simple'::regconfig END"
)
"""SQL expression: the configuration for a language column."""


def is_used(kind: str) -> bool:
    """Return False for a kind of content whose system is switched off."""
    return kind not in _SYSTEMS or systems.is_on(_SYSTEMS[kind])


@dataclass(frozen=True)
class SearchQuery:
    """A search. Empty fields filter nothing. `on` is the permanent id of a provision and includes its children."""

    words: str = ""
    consultation_id: int | None = None
    on: str = ""
    stance: str = ""  # "unsaid" for imports without a type of comment, "answer" for answers to questions
    who: str = ""  # kind of author
    group: str = ""  # type of organisation
    country: str = ""
    language: str = ""
    what: str = ""  # "comment" or "evidence". Those of pages.TEXTS are searched elsewhere
    evidence: str = ""  # type of evidence
    topics: tuple[int, ...] = ()  # taxonomy terms, any of which the evidence is about

    @property
    def narrowed(self) -> bool:
        """Return whether there is anything to search for or filter by."""
        return self != replace(SearchQuery(), consultation_id=self.consultation_id)

    @property
    def of_texts(self) -> bool:
        """Return whether drafts and other texts are searched too: if no filter is about submissions."""
        return (
            bool(self.words.strip())
            and not self.hopeless
            and self == SearchQuery(words=self.words, consultation_id=self.consultation_id, what=self.what)
        )

    @property
    def hopeless(self) -> bool:
        """Return whether the typed text contains no word."""
        return bool(self.words.strip()) and re.search(r"\w", self.words) is None

    @property
    def marks(self) -> str:
        """Return the required filter terms as the text of a tsquery, or "".

        >>> SearchQuery(consultation_id=4, stance="concern", on="chp_1").marks
        "'=consultation:4' & '=on:chp_1' & '=stance:concern'"
        """
        wanted = {"consultation": self.consultation_id} | {
            field.name: getattr(self, field.name) for field in fields(self)[2:-1]
        }
        return " & ".join(_quoted(f"={name}:{value}") for name, value in wanted.items() if value)

    @property
    def query(self) -> str:
        """Return SQL for the tsquery with parameters `words` and `marks`: words in any language, and all filters."""
        spoken = " || ".join(self._branches())
        parts = [f"({spoken})"] if self.words.strip() else []
        parts += ["CAST(:marks AS tsquery)"] if self.marks else []
        return f"({' && '.join(parts)})" if parts else ""

    @property
    def matches(self) -> str:
        """Return the SQL condition on a row `i` of the index."""
        return self.matches_of("i")

    def matches_of(self, row: str) -> str:
        """Return the SQL condition on a row of the index with this alias."""
        parts = [f"{row}.words @@ {self.query}"] if self.query else []
        if self.topics:
            tagged = "SELECT evidence_id FROM readable_evidence_tag WHERE term_id = ANY(:topics)"
            parts.append(f"{row}.evidence_id IN ({tagged})")
        return " AND ".join(parts) or "true"

    def _branches(self) -> list[str]:
        """Return a query for each configuration, restricted to texts in its languages.

        Stop words differ between languages, so "-all" would otherwise find English texts by the rules of Spanish.
        """
        if self.language:
            return [f"websearch_to_tsquery('{find_language(self.language).search}', :words)"]
        branches = [
            f"(websearch_to_tsquery('{name}', :words) && $$'=language:{code}'$$::tsquery)"
            for code, name in _CONFIGURATIONS.items()
        ]
        others = " & ".join(f"!'=language:{code}'" for code in _CONFIGURATIONS)
        return [*branches, f"(websearch_to_tsquery('simple', :words) && $${others}$$::tsquery)"]


def _quoted(lexeme: str) -> str:
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
