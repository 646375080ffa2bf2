"""What the database knows of who has a stake in a case study, and of who would appraise it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.accounts.organisations.domain_verification import get_domain, is_public_mail
from consult.bodies.model import BodyMember, PublicBody
from consult.case_studies.appraisal.conflicts import (
    AppraiserTies,
    InterestConflict,
    Stakeholder,
    StakePart,
    find_conflicts,
    names_in,
)
from consult.case_studies.content import from_json
from consult.case_studies.model import Appraiser, CaseStudy
from consult.core.crypto import unseal

NO_INTEREST = "none"
SAYS_NO_INTEREST = frozenset({NO_INTEREST, "aucun", "ninguno", "لا شيء"})
"""What is read as none, in the languages of the pages."""
_BETWEEN_NAMES = re.compile(r"[,;/()&]|\b(?:and|with|for|et|avec|pour|y|con|para)\b")


def list_conflicts(session: Session, study: CaseStudy, account: Account) -> list[InterestConflict]:
    """Every visible conflict of an account with a case study, as published and as its author has it now."""
    return find_conflicts(list_stakeholders(session, study), get_ties(session, account, but=study.id))


def list_stakeholders(session: Session, study: CaseStudy) -> list[Stakeholder]:
    """Who wrote it, ran it, paid for it and asked for it; and whom its sources name."""
    author, copy = session.get_one(Account, study.account_id), from_json(study.working)
    own = _list_own(session, author.id)
    if study.organisation_id is not None:
        own = [*own, session.get_one(Organisation, study.organisation_id)]
    names = [author.display_name, *study.authors, *copy.authors, *(it.name for it in own)]
    found = [
        Stakeholder(
            StakePart.AUTHOR,
            accounts=frozenset({author.id}),
            organisations=frozenset(it.id for it in own),
            domains=_mail_domains(author) | _domains(own),
            names=names,
        ),
        _named(session, StakePart.RAN, [study.run_by, copy.run_by]),
        _named(session, StakePart.PAID, [study.paid_by, copy.paid_by]),
        Stakeholder(StakePart.SOURCE, names=[it.citation for it in copy.sources if it.citation]),
    ]
    if study.body_id is not None:
        asked = session.get_one(PublicBody, study.body_id)
        names = [asked.name, *asked.names.values()]
        found.append(Stakeholder(StakePart.ASKED, bodies=frozenset({asked.id}), names=names))
    return found


def _named(session: Session, part: StakePart, said: Sequence[str]) -> Stakeholder:
    """Who is named in words, with the organisations and bodies of that name that are here."""
    text = " ".join(said)
    here = func.strpos(func.lower(literal(text)), func.lower(func.replace(Organisation.name, " (sample)", ""))) > 0
    organisations = [it for it in session.scalars(select(Organisation).where(here)) if names_in(it.name, text)]
    body_here = or_(
        func.strpos(func.lower(literal(text)), func.lower(func.replace(PublicBody.name, " (sample)", ""))) > 0,
        func.strpos(literal(text), PublicBody.code) > 0,
    )
    bodies = session.scalars(select(PublicBody).where(body_here)).all()
    return Stakeholder(
        part,
        organisations=frozenset(it.id for it in organisations),
        bodies=frozenset(it.id for it in bodies),
        domains=_domains(organisations),
        names=[
            *(piece for words in said for piece in _pieces(words)),
            *(it.name for it in organisations),
            *(it.name for it in bodies),
        ],
    )


def _pieces(words: str) -> list[str]:
    """A text that names somebody, and the names in it, as it seems.

    >>> _pieces("Port city, with Casa Alivio")
    ['Port city, with Casa Alivio', 'Port city', 'Casa Alivio']
    """
    found = [piece.strip() for piece in _BETWEEN_NAMES.split(words)]
    return list(dict.fromkeys(piece for piece in [words, *found] if piece))


def get_ties(session: Session, account: Account, *, but: int) -> AppraiserTies:
    """What is known of an appraiser; case studies `but` this one say with whom they wrote."""
    own = _list_own(session, account.id)
    bodies = session.scalars(
        select(PublicBody)
        .join(BodyMember, BodyMember.body_id == PublicBody.id)
        .where(BodyMember.account_id == account.id)
    ).all()
    row = session.get(Appraiser, account.id)
    declared = [line for line in (row.interests if row else ()) if line != NO_INTEREST]
    authors, co_names = _list_co_authors(session, account, but)
    return AppraiserTies(
        account.id,
        organisations=frozenset(it.id for it in own),
        bodies=frozenset(it.id for it in bodies),
        domains=_mail_domains(account) | _domains(own),
        names=[account.display_name, *(it.name for it in own), *(it.name for it in bodies)],
        declared=declared,
        co_authors=authors,
        co_author_names=co_names,
    )


def _list_own(session: Session, account_id: int) -> Sequence[Organisation]:
    mine = select(Organisation).join(Membership, Membership.organisation_id == Organisation.id)
    return session.scalars(mine.where(Membership.account_id == account_id)).all()


def _list_co_authors(session: Session, account: Account, but: int) -> tuple[frozenset[int], list[str]]:
    """With whom somebody wrote other case studies: accounts, and names."""
    named = CaseStudy.authors.contains([account.display_name])
    rows = session.execute(
        select(CaseStudy.account_id, CaseStudy.authors).where(
            CaseStudy.id != but, or_(CaseStudy.account_id == account.id, named)
        )
    ).all()
    accounts = {row.account_id for row in rows} - {account.id}
    names = {name for row in rows for name in row.authors} - {account.display_name}
    return frozenset(accounts), sorted(names)


def _domains(organisations: Iterable[Organisation]) -> frozenset[str]:
    said = (one for it in organisations for one in (it.proven_domain, get_domain(it)))
    return frozenset(one.lower() for one in said if one and not is_public_mail(one))


def _mail_domains(account: Account) -> frozenset[str]:
    domain = unseal(account.email_sealed).rpartition("@")[2].lower()
    return frozenset() if is_public_mail(domain) else frozenset({domain})
