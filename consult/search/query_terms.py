"""Search queries: words in several languages, and filter terms.

A mark is a lexeme that no text can hold, such as `=stance:concern`: so words and marks meet in one index, and a common
word within a small group costs no more than a rare word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace

from consult.core.languages import REGISTRY, find_language

_CONFIGURATIONS = {language.code: language.search for language in REGISTRY if language.search != "simple"}
"""PostgreSQL's text search configuration by language; texts in another language are `simple`."""

CONFIGURATIONS = tuple(dict.fromkeys(_CONFIGURATIONS.values()))
"""Those of the languages that have rules of their own. The database's `words_in_languages` knows the same."""

CONFIGURATION_SQL = (
    "CASE {language} "
    + " ".join(f"WHEN '{code}' THEN '{name}'::regconfig" for code, name in _CONFIGURATIONS.items())
    + " ELSE 'simple'::regconfig END"
)
"""SQL: the configuration of a column that holds a language."""


@dataclass(frozen=True)
class SearchQuery:
    """A search; empty fields filter nothing. `on` is the permanent id of a provision, with all that is in it."""

    words: str = ""
    consultation_id: int | None = None
    on: str = ""
    stance: str = ""  # "unsaid" where an import did not say; "answer" for answers to questions
    who: str = ""  # kind of submitter
    group: str = ""  # kind of organisation
    country: str = ""
    language: str = ""
    what: str = ""  # "comment" or "evidence"; those of pages.TEXTS are looked for elsewhere
    evidence: str = ""  # kind of evidence
    topics: tuple[int, ...] = ()  # terms of the taxonomy, any of them: evidence is about one

    @property
    def narrowed(self) -> bool:
        """Whether anything at all is asked for."""
        return self != replace(SearchQuery(), consultation_id=self.consultation_id)

    @property
    def of_texts(self) -> bool:
        """Whether drafts and arguments may match too: where nothing is asked of who sent something."""
        return (
            bool(self.words.strip())
            and not self.hopeless
            and self == SearchQuery(words=self.words, consultation_id=self.consultation_id, what=self.what)
        )

    @property
    def hopeless(self) -> bool:
        """Whether what was typed holds no word."""
        return bool(self.words.strip()) and re.search(r"\w", self.words) is None

    @property
    def marks(self) -> str:
        """All marks that must be there, as the text of a tsquery; empty for none.

        >>> SearchQuery(consultation_id=4, stance="concern", on="chp_1").marks
        "'=consultation:4' & '=on:chp_1' & '=stance:concern'"
        """
        wanted = {"consultation": self.consultation_id} | {
            field.name: getattr(self, field.name) for field in fields(self)[2:-1]
        }
        return " & ".join(_quoted(f"={name}:{value}") for name, value in wanted.items() if value)

    @property
    def query(self) -> str:
        """SQL of the tsquery, with parameters `words` and `marks`: the words in any of the languages, and all marks."""
        spoken = " || ".join(self._branches())
        parts = [f"({spoken})"] if self.words.strip() else []
        parts += ["CAST(:marks AS tsquery)"] if self.marks else []
        return f"({' && '.join(parts)})" if parts else ""

    @property
    def matches(self) -> str:
        """SQL: whether a row `i` of the index is wanted."""
        return self.matches_of("i")

    def matches_of(self, row: str) -> str:
        """SQL: whether a row of the index is wanted, by the name that it has in the statement."""
        parts = [f"{row}.words @@ {self.query}"] if self.query else []
        if self.topics:
            tagged = "SELECT evidence_id FROM readable_evidence_tag WHERE term_id = ANY(:topics)"
            parts.append(f"{row}.evidence_id IN ({tagged})")
        return " AND ".join(parts) or "true"

    def _branches(self) -> list[str]:
        """One query for each configuration, for texts in its languages only: stop words differ, so "-all" would else
        find English texts by the rules of Spanish."""
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
