"""Topics suggested for a recommendation by its words, by the themes of its document and by related topics."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from consult.core.i18n import N_, current_language
from consult.core.text import read_number
from consult.core.web.forms import CheckboxGroupField, DropdownField, Form, SelectChoice
from consult.plans.topics.related import list_cues, list_related
from consult.recommendations import queries
from consult.recommendations.model import CountryRecommendation, RecommendationSet
from consult.taxonomy import queries as taxonomy
from consult.taxonomy import term_matches
from consult.taxonomy.model import Term
from consult.taxonomy.term_matches import TermFinder


def suggest(session: Session, row: CountryRecommendation, language: str) -> list[Term]:
    """Return the topics that the words and themes name, and the rights that these concern. One statement."""
    terms = taxonomy.list_terms(session)
    by_id, by_uri = {term.id: term for term in terms}, {term.uri: term for term in terms}
    text = "\n".join((row.words, *map(str, row.themes), *map(str, row.people)))
    names = term_matches.build_term_finder(((term.id, term.labels, term.others) for term in terms), language)
    cues = TermFinder(language, [(by_uri[uri].id, word) for uri, word in list_cues() if uri in by_uri])
    named = dict.fromkeys(match.term_id for finder in (names, cues) for match in finder.find(text))
    related = list_related([by_id[number].uri for number in named])
    return [*(by_id[number] for number in named), *(by_uri[uri] for uri in related if uri in by_uri)]


class TopicsForm(Form):
    """Suggested and confirmed topics as checkboxes, and one more from the list."""

    terms = CheckboxGroupField(N_("Topics"))
    another = DropdownField(N_("Add another topic"), default="")

    def __init__(self, session: Session, row: CountryRecommendation, of_set: RecommendationSet, **values: Any) -> None:
        confirmed = [term for _scheme, term in queries.list_terms(session, row)]
        super().__init__(terms=[str(term.id) for term in confirmed], **values)
        code = current_language()
        offered = {term.id: term for term in (*confirmed, *suggest(session, row, of_set.language))}
        self.terms.choices = [SelectChoice(str(term.id), term.label(code)) for term in offered.values()]
        rest = [term for term in taxonomy.list_terms(session) if term.id not in offered]
        self.another.choices = [SelectChoice("", ""), *(SelectChoice(str(term.id), term.label(code)) for term in rest)]
        self.another.flags.optional = True

    @property
    def chosen(self) -> list[int]:
        numbers = map(read_number, [*(self.terms.data or []), self.another.data or ""])
        return [number for number in numbers if number is not None]
