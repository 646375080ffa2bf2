"""A consultation that reviews a treaty: its articles are the provisions of the draft, tagged with what they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import service
from consult.consultations.model import Consultation
from consult.consultations.service import ConsultationTerms
from consult.core.errors import NotFound
from consult.core.i18n import _, force_locale
from consult.documents import queries as documents
from consult.documents import tags
from consult.taxonomy import queries as taxonomy
from consult.taxonomy.model import Term

_IN_BRACKETS = re.compile(r"\s*[(（][^)）]*[)）]\s*$")
_SCHEME = "treaties"


@dataclass(frozen=True)
class ReviewedTreaty:
    """A treaty of the taxonomy with the articles of it that are there."""

    term: Term
    articles: Sequence[Term]


def list_treaties(session: Session) -> list[ReviewedTreaty]:
    """The treaties that have articles, in their order; none where the taxonomy has no treaties."""
    scheme = next((one for one in taxonomy.list_schemes(session) if one.notation == _SCHEME), None)
    branches = taxonomy.build_tree(taxonomy.list_terms(session, scheme.id)) if scheme else []
    return [ReviewedTreaty(one.term, [it.term for it in one.below]) for one in branches if one.below]


def get_treaty(session: Session, notation: str) -> ReviewedTreaty:
    """Raises NotFound."""
    found = next((one for one in list_treaties(session) if one.term.notation == notation), None)
    if found is None:
        raise NotFound(_("There is no such treaty with articles in the vocabulary."))
    return found


def write_articles(treaty: ReviewedTreaty, language: str) -> str:
    """The draft in Markdown: a paragraph for each article, with its number in the treaty, that asks about it.

    The text of the treaty is not in it.
    """
    with force_locale(language):
        asks = _(
            "The text stands in the treaty itself. Say what of this article works, what does not, and what to change."
        )
        parts = [f"{{chapter 0 #treaty}} {treaty.term.label(language)}"]
        for article in treaty.articles:
            title = _IN_BRACKETS.sub("", article.label(language))
            parts.append(f"{{paragraph 1 #{_name_eid(article)} {_name_article(article)}}} {title}. {asks}")
    return "\n\n".join(parts) + "\n"


def _name_article(article: Term) -> str:
    """Its number as people read it, short enough to stand beside its words."""
    # An article of a treaty, as lawyers shorten it: “Art. 36”.
    return _("Art. %(number)s", number=_read_number(article))


def _name_eid(article: Term) -> str:
    return f"art_{_read_number(article)}"


def _read_number(article: Term) -> str:
    return article.notation.rpartition("-")[2]


def create(
    session: Session,
    *,
    owner: Account,
    terms: ConsultationTerms,
    treaty: ReviewedTreaty,
    slug: str | None = None,
    code: str | None = None,
) -> Consultation:
    """A consultation that reviews a treaty, with its draft written and tagged; seen by its owner only."""
    row = service.create(session, owner=owner, terms=terms, slug=slug, code=code)
    write_draft(session, row, by=owner, treaty=treaty)
    return row


def write_draft(session: Session, row: Consultation, *, by: Account, treaty: ReviewedTreaty) -> None:
    """Gives a consultation that is not published the articles of a treaty as its draft, each tagged as what it is."""
    row.treaty_id = treaty.term.id
    session.flush()
    service.write_draft(session, number=row.id, by=by, text=write_articles(treaty, row.language))
    version = documents.get_latest(session, row.document_id)
    provisions = documents.list_provisions(session, version.id) if version else ()
    by_eid = {one.eid: one.wid for one in provisions}
    for article in treaty.articles:
        wid = by_eid[_name_eid(article)]
        tags.add_tags(session, document_id=row.document_id, wid=wid, term_ids=[article.id], by=by.id)
