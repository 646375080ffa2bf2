"""Consultations that review a treaty: each article is a provision of the draft, with its topic."""

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

_IN_BRACKETS = re.compile(r"(?<!\s)\s*[(（][^)）]{0,200}[)）]\s*$")
_SCHEME = "treaties"


@dataclass(frozen=True)
class ReviewedTreaty:
    """A treaty of the taxonomy, with its available articles."""

    term: Term
    articles: Sequence[Term]


def list_treaties(session: Session) -> list[ReviewedTreaty]:
    """Return the treaties that have articles, in order. Empty if the taxonomy has no treaties."""
    scheme = next((one for one in taxonomy.list_schemes(session) if one.notation == _SCHEME), None)
    branches = taxonomy.build_tree(taxonomy.list_terms(session, scheme.id)) if scheme else []
    return [ReviewedTreaty(branch.term, [it.term for it in branch.below]) for branch in branches if branch.below]


def get_treaty(session: Session, notation: str) -> ReviewedTreaty:
    """Return the treaty with this notation. Raises NotFound."""
    found = next((treaty for treaty in list_treaties(session) if treaty.term.notation == notation), None)
    if found is None:
        raise NotFound(_("We cannot find a treaty of this name with a list of articles."))
    return found


def write_articles(treaty: ReviewedTreaty, language: str) -> str:
    """Return the draft in Markdown: for each article, its number and a paragraph that asks about it.

    It does not contain the text of the treaty.
    """
    with force_locale(language):
        asks = _("The text of this article is in the treaty. Say what works, what does not and what to change.")
        parts = [f"{{chapter 0 #treaty}} {treaty.term.label(language)}"]
        for article in treaty.articles:
            title = _IN_BRACKETS.sub("", article.label(language))
            parts.append(f"{{paragraph 1 #{_name_eid(article)} {_name_article(article)}}} {title}. {asks}")
    return "\n\n".join(parts) + "\n"


def _name_article(article: Term) -> str:
    """Return the abbreviated number of an article, short enough for the margin."""
    # Abbreviation of an article of a treaty: “Art. 36”.
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
    """Create a consultation that reviews a treaty, with its draft and topics. Only its owner sees it."""
    row = service.create(session, owner=owner, terms=terms, slug=slug, code=code)
    write_draft(session, row, by=owner, treaty=treaty)
    return row


def write_draft(session: Session, row: Consultation, *, by: Account, treaty: ReviewedTreaty) -> None:
    """Replace an unpublished draft with the articles of a treaty, each with its topic."""
    row.treaty_id = treaty.term.id
    session.flush()
    service.write_draft(session, number=row.id, by=by, text=write_articles(treaty, row.language))
    version = documents.get_latest(session, row.document_id)
    provisions = documents.list_provisions(session, version.id) if version else ()
    by_eid = {provision.eid: provision.wid for provision in provisions}
    for article in treaty.articles:
        wid = by_eid[_name_eid(article)]
        tags.add_tags(session, document_id=row.document_id, wid=wid, term_ids=[article.id], by=by.id)
