"""What the database knows of who has a stake in a case study, and of who would appraise it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select
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
    get_mailbox,
    names_in,
    own_domain,
)
from consult.case_studies.appraisal.model import AppraisalRequest, FormerName, FormerTie
from consult.case_studies.content import StudyContent, from_json
from consult.case_studies.model import Appraiser, CaseStudy
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.submissions.model import Evidence, NameRule, State, Submission

NO_INTEREST = "none"
SAYS_NO_INTEREST = frozenset({NO_INTEREST, "aucun", "ninguno", "لا شيء"})
"""What is read as none, in the languages of the pages."""
_BETWEEN_NAMES = re.compile(r"[,;/()&]|\b(?:and|with|for|et|avec|pour|y|con|para)\b")

FORMER = timedelta(days=365)
"""For so long somebody is still of an organisation or body that they left."""
HOSTS = frozenset(
    f"{name}.com"
    for name in (
        *("blogspot", "facebook", "google", "instagram", "linkedin", "medium", "squarespace", "substack", "twitter"),
        *("webnode", "weebly", "wixsite", "wordpress", "x", "youtube"),
    )
) | {"github.io"}
"""Where anybody may have a page: it says nothing of who somebody is."""
_NOBODYS = ".invalid"
"""Of the address that stands with an account that is erased."""


def list_conflicts(session: Session, study: CaseStudy, account: Account) -> list[InterestConflict]:
    """Every visible conflict of an account with a case study, as published and as its author has it now."""
    return find_conflicts(list_stakeholders(session, study), get_ties(session, account, but=study.id))


def list_stakeholders(session: Session, study: CaseStudy) -> list[Stakeholder]:
    """Who wrote it, ran it, paid for it and asked for it; and whom its sources name."""
    copy = from_json(study.working)
    found = [
        _find_author(session, study, copy),
        _named(session, StakePart.RAN, [study.run_by, copy.run_by]),
        _named(session, StakePart.PAID, [study.paid_by, copy.paid_by]),
        Stakeholder(StakePart.SOURCE, names=[it.citation for it in copy.sources if it.citation]),
        *_list_cited(session, study, copy),
    ]
    askers = select(AppraisalRequest.asked_by_id).where(AppraisalRequest.case_study_id == study.id)
    asked = _of_bodies(session, [study.body_id] if study.body_id is not None else [])
    found.append(replace(asked, part=StakePart.ASKED, accounts=frozenset(session.scalars(askers))))
    return found


def _find_author(session: Session, study: CaseStudy, copy: StudyContent) -> Stakeholder:
    """Who wrote it, with the organisations and bodies that they are of."""
    author = session.get_one(Account, study.account_id)
    own = list(_list_own(session, author.id))
    if study.organisation_id is not None:
        own.append(session.get_one(Organisation, study.organisation_id))
    employers = _of_bodies(session, _list_employers(session, author.id))
    names = [author.display_name, *study.authors, *copy.authors, *_list_names(session, own), *employers.names]
    return replace(
        employers,
        accounts=frozenset({author.id}),
        organisations=frozenset(it.id for it in own),
        domains=_mail_domains(author) | _domains(own) | employers.domains,
        names=names,
        mailboxes=_mailboxes(author),
    )


def _of_bodies(session: Session, numbers: Iterable[int]) -> Stakeholder:
    """What is known of these bodies."""
    rows = session.scalars(select(PublicBody).where(PublicBody.id.in_(list(numbers)))).all()
    return Stakeholder(
        StakePart.AUTHOR,
        bodies=frozenset(it.id for it in rows),
        domains=frozenset(it.domain.lower() for it in rows if it.domain and it.domain_proved_at),
        names=_list_names(session, rows),
    )


def _list_names(session: Session, rows: Iterable[Organisation | PublicBody]) -> list[str]:
    """What organisations or bodies are called, in each language, and were called before."""
    known = list(rows)
    found = [name for it in known for name in (it.name, *(it.names.values() if isinstance(it, PublicBody) else ()))]
    numbers = [it.id for it in known]
    of = FormerName.body_id if any(isinstance(it, PublicBody) for it in known) else FormerName.organisation_id
    if numbers:
        found += session.scalars(select(FormerName.name).where(of.in_(numbers))).all()
    return [str(name) for name in found]


def _named(session: Session, part: StakePart, said: Sequence[str]) -> Stakeholder:
    """Who is named in words, with the organisations and bodies of that name, now or before, that are here."""
    text = " ".join(said)
    former = FormerName.name
    old = select(FormerName.organisation_id).where(FormerName.organisation_id.is_not(None), _stands_in(former, text))
    here = or_(_stands_in(Organisation.name, text), Organisation.id.in_(old))
    found = session.scalars(select(Organisation).where(here)).all()
    organisations = [it for it in found if any(names_in(name, text) for name in _list_names(session, [it]))]
    known = _of_bodies(session, [it.id for it in _list_bodies_named(session, text)])
    return replace(
        known,
        part=part,
        organisations=frozenset(it.id for it in organisations),
        domains=_domains(organisations) | known.domains,
        names=[
            *(piece for words in said for piece in _pieces(words)),
            *(it.name for it in organisations),
            *known.names,
        ],
    )


def _stands_in(column: Any, text: str) -> ColumnElement[bool]:
    return func.strpos(func.lower(literal(text)), func.lower(func.replace(column, " (sample)", ""))) > 0


def _list_bodies_named(session: Session, text: str) -> list[PublicBody]:
    """The bodies that a text names: by a name in any language, a former one, or the acronym."""
    words = set(re.findall(r"\w+", text))
    old = select(FormerName.body_id, FormerName.name)
    former = {
        body_id
        for body_id, name in session.execute(
            old.where(FormerName.body_id.is_not(None), _stands_in(FormerName.name, text))
        )
        if name in words or names_in(name, text)
    }
    return [
        it
        for it in session.scalars(select(PublicBody))
        if it.id in former
        or it.code in words
        or any(names_in(str(name), text) for name in (it.name, *it.names.values()))
    ]


def _list_cited(session: Session, study: CaseStudy, copy: StudyContent) -> list[Stakeholder]:
    """Who sent the submissions that it was made from or cites, where these are public with a name."""
    said = {word for it in copy.sources for word in re.findall(r"[A-Za-z0-9-]{6,}", it.citation)}
    files = [it.file_id for it in copy.sources if it.file_id is not None]
    pieces = select(Evidence.submission_id).where(
        Evidence.shown, or_(Evidence.id == (study.evidence_id or 0), Evidence.file_id.in_(files))
    )
    wanted = select(Submission).where(
        or_(Submission.id.in_(pieces), Submission.reference.in_(said)),
        Submission.state == State.PUBLISHED,
        Submission.name_rule.in_((NameRule.OWN, NameRule.ORGANISATION)),
    )
    return [
        Stakeholder(
            StakePart.SOURCE,
            accounts=frozenset({it.account_id} if it.account_id and it.name_rule is NameRule.OWN else ()),
            organisations=frozenset({it.organisation_id} if it.organisation_id else ()),
            names=[it.public_name] if it.public_name else [],
        )
        for it in session.scalars(wanted.order_by(Submission.id).limit(20))
    ]


def _pieces(words: str) -> list[str]:
    """A text that names somebody, and the names in it, as it seems.

    >>> _pieces("Port city, with Casa Alivio")
    ['Port city, with Casa Alivio', 'Port city', 'Casa Alivio']
    """
    found = [piece.strip() for piece in _BETWEEN_NAMES.split(words)]
    return list(dict.fromkeys(piece for piece in [words, *found] if piece))


def get_ties(session: Session, account: Account, *, but: int) -> AppraiserTies:
    """What is known of an appraiser; case studies `but` this one say with whom they wrote."""
    own, at = _list_own(session, account.id), _mail_domains(account)
    employers = _of_bodies(session, _list_employers(session, account.id))
    row = session.get(Appraiser, account.id)
    declared = [line for line in (row.interests if row else ()) if line != NO_INTEREST]
    authors, co_names = _list_co_authors(session, account, but)
    names = [*_list_names(session, own), *employers.names, *_list_names(session, _list_at(session, at))]
    return AppraiserTies(
        account.id,
        organisations=frozenset(it.id for it in own),
        bodies=employers.bodies,
        domains=at | _domains(own) | employers.domains,
        names=[account.display_name, *names],
        declared=declared,
        co_authors=authors,
        co_author_names=co_names,
        person=account.display_name,
        mailboxes=_mailboxes(account),
        invited_by=frozenset({row.body_id} if row else ()),
    )


def _list_own(session: Session, account_id: int) -> Sequence[Organisation]:
    """The organisations of which somebody is a member, or was within the last year."""
    mine = select(Membership.organisation_id).where(Membership.account_id == account_id)
    left = select(FormerTie.organisation_id).where(FormerTie.account_id == account_id, _is_recent())
    wanted = or_(Organisation.id.in_(mine), Organisation.id.in_(left.where(FormerTie.organisation_id.is_not(None))))
    return session.scalars(select(Organisation).where(wanted).order_by(Organisation.id)).all()


def _list_employers(session: Session, account_id: int) -> list[int]:
    """The bodies for which somebody works, or did within the last year."""
    now_at = session.scalars(select(BodyMember.body_id).where(BodyMember.account_id == account_id))
    left = select(FormerTie.body_id).where(FormerTie.account_id == account_id, _is_recent())
    return sorted({*now_at, *(one for one in session.scalars(left) if one is not None)})


def _is_recent() -> ColumnElement[bool]:
    return FormerTie.ended_at > now() - FORMER


def _list_at(session: Session, domains: Iterable[str]) -> list[Organisation]:
    """The organisations at whose domain somebody has an address."""
    owned = {own_domain(one) for one in domains}
    if not owned:
        return []
    likely = [Organisation.website.icontains(one, autoescape=True) for one in owned]
    likely += [Organisation.proven_domain.icontains(one, autoescape=True) for one in owned]
    rows = session.scalars(select(Organisation).where(or_(*likely)))
    return [it for it in rows if owned & {own_domain(one) for one in _domains([it])}]


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
    said = (one.lower() for it in organisations for one in (it.proven_domain, get_domain(it)) if one)
    return frozenset(one for one in said if not is_public_mail(one) and not HOSTS & {one, own_domain(one)})


def _mail_domains(account: Account) -> frozenset[str]:
    domain = unseal(account.email_sealed).rpartition("@")[2].lower()
    says = domain and not is_public_mail(domain) and not domain.endswith(_NOBODYS)
    return frozenset({domain}) if says else frozenset()


def _mailboxes(account: Account) -> frozenset[str]:
    address = unseal(account.email_sealed)
    return frozenset() if address.endswith(_NOBODYS) else frozenset({get_mailbox(address)})
