"""Data about people with a part in a case study and about possible reviewers, to find conflicts of interest."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, or_, select, true
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.bodies.model import PublicBody
from consult.case_studies.appraisal.model import AppraisalRequest
from consult.case_studies.content import StudyContent, from_json
from consult.case_studies.model import Appraiser, CaseStudy, CaseStudyUse
from consult.decisions import ties
from consult.decisions.conflicts import (
    InterestConflict,
    PersonTies,
    Stakeholder,
    StakePart,
    find_conflicts,
    names_in,
)
from consult.decisions.kinds import DecidedKind
from consult.decisions.model import FormerName
from consult.submissions.model import Evidence, NameRule, State, Submission

NO_INTEREST = "none"
"""The stored value of a declaration of no interests, in any language."""
_BETWEEN_NAMES = re.compile(r"[,;/()&]|\b(?:and|with|for|et|avec|pour|y|con|para)\b")


def list_conflicts(session: Session, study: CaseStudy, account: Account) -> list[InterestConflict]:
    """Return the conflicts of interest that stored data show, for the published text and the author's copy."""
    askers = select(AppraisalRequest.asked_by_id).where(AppraisalRequest.case_study_id == study.id)
    asked = Stakeholder(StakePart.ASKED, accounts=frozenset(session.scalars(askers)))
    parties = [*list_stakeholders(session, study), asked]
    return find_conflicts(parties, get_appraiser_ties(session, account, but=study.id))


def list_stakeholders(session: Session, study: CaseStudy) -> list[Stakeholder]:
    """Return the author, the people who ran, paid for and requested the practice, and those named by its sources."""
    copy = from_json(study.working)
    return [
        _find_author(session, study, copy),
        _named(session, StakePart.RAN, [study.run_by, copy.run_by]),
        _named(session, StakePart.PAID, [study.paid_by, copy.paid_by]),
        Stakeholder(StakePart.SOURCE, names=[it.citation for it in copy.sources if it.citation]),
        *_list_cited(session, study, copy),
        ties.describe_bodies(session, StakePart.ASKED, [study.body_id] if study.body_id is not None else []),
    ]


def _find_author(session: Session, study: CaseStudy, copy: StudyContent) -> Stakeholder:
    """Return the author, with their organisations and bodies."""
    author = ties.load_people(session, [study.account_id])[study.account_id].as_stakeholder(StakePart.AUTHOR)
    names = [*author.names, *study.authors, *copy.authors]
    if study.organisation_id is None:
        return replace(author, names=names)
    row = session.get_one(Organisation, study.organisation_id)
    return replace(
        author,
        organisations=author.organisations | {row.id},
        domains=author.domains | ties.get_domains([row]),
        names=[*names, *ties.load_names(session, [row])[row]],
    )


def _named(session: Session, part: StakePart, texts: Sequence[str]) -> Stakeholder:
    """Return the people named in a text, with the known organisations and bodies of these names, current or former."""
    text = " ".join(texts)
    former = FormerName.organisation_id.is_not(None), ties.stands_in(FormerName.name, text)
    old = select(FormerName.organisation_id).where(*former)
    is_named = or_(ties.stands_in(Organisation.name, text), Organisation.id.in_(old))
    rows = session.scalars(select(Organisation).where(is_named)).all()
    names = ties.load_names(session, rows)
    organisations = [it for it in rows if any(names_in(name, text) for name in names[it])]
    known = ties.describe_bodies(session, part, [it.id for it in _list_bodies_named(session, text)])
    return replace(
        known,
        organisations=frozenset(it.id for it in organisations),
        domains=ties.get_domains(organisations) | known.domains,
        names=[
            *(piece for words in texts for piece in _pieces(words)),
            *(it.name for it in organisations),
            *known.names,
        ],
    )


def _list_bodies_named(session: Session, text: str) -> list[PublicBody]:
    """Return the bodies named in a text: by a name in any language, a former name or the acronym."""
    words = set(re.findall(r"\w+", text))
    old = select(FormerName.body_id, FormerName.name)
    former = {
        body_id
        for body_id, name in session.execute(
            old.where(FormerName.body_id.is_not(None), ties.stands_in(FormerName.name, text))
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
    """Return the authors of cited submissions and of the source submission, if they are public with a name."""
    words = {word for it in copy.sources for word in re.findall(r"[A-Za-z0-9-]{6,}", it.citation)}
    files = [it.file_id for it in copy.sources if it.file_id is not None]
    pieces = select(Evidence.submission_id).where(
        Evidence.shown, or_(Evidence.id == (study.evidence_id or 0), Evidence.file_id.in_(files))
    )
    wanted = select(Submission).where(
        or_(Submission.id.in_(pieces), Submission.reference.in_(words)),
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
    """Return a text that contains names, followed by the names found in it.

    >>> _pieces("Port city, with Casa Alivio")
    ['Port city, with Casa Alivio', 'Port city', 'Casa Alivio']
    """
    pieces = [piece.strip() for piece in _BETWEEN_NAMES.split(words)]
    return list(dict.fromkeys(piece for piece in [words, *pieces] if piece))


def get_appraiser_ties(session: Session, account: Account, *, but: int) -> PersonTies:
    """Return the known ties of a reviewer. Co-authors are read from case studies other than `but`."""
    row = session.get(Appraiser, account.id)
    authors, co_names = _list_co_authors(session, account, but)
    return replace(
        ties.get_ties(session, account),
        co_authors=authors,
        co_author_names=co_names,
        invited_by=frozenset({row.body_id} if row else ()),
    )


def _list_co_authors(session: Session, account: Account, but: int) -> tuple[frozenset[int], list[str]]:
    """Return the co-authors of an account's other case studies, as account IDs and names."""
    named = CaseStudy.authors.contains([account.display_name])
    rows = session.execute(
        select(CaseStudy.account_id, CaseStudy.authors).where(
            CaseStudy.id != but, or_(CaseStudy.account_id == account.id, named)
        )
    ).all()
    accounts = {row.account_id for row in rows} - {account.id}
    names = {name for row in rows for name in row.authors} - {account.display_name}
    return frozenset(accounts), sorted(names)


def select_declared(account_id: Any) -> Select[Any]:
    """Return a query for the interests that a reviewer has declared."""
    lines = func.jsonb_array_elements_text(Appraiser.interests).table_valued("value")
    chosen = select(lines.c.value.label("line")).select_from(Appraiser).join(lines, true())
    return chosen.where(Appraiser.account_id == account_id, lines.c.value != NO_INTEREST)


def _load_parties(session: Session, study_ids: Collection[int]) -> Mapping[int, Sequence[Stakeholder]]:
    rows = session.scalars(select(CaseStudy).where(CaseStudy.id.in_(study_ids)))
    return {row.id: list_stakeholders(session, row) for row in rows}


def _load_parties_of_uses(session: Session, use_ids: Collection[int]) -> Mapping[int, Sequence[Stakeholder]]:
    """Return, by report of use, the reporter, the user and the author of the case study. Uses six queries."""
    rows = session.execute(
        select(CaseStudyUse, CaseStudy)
        .join(CaseStudy, CaseStudy.id == CaseStudyUse.case_study_id)
        .where(CaseStudyUse.id.in_(use_ids))
    ).all()
    people = ties.load_people(session, {row.account_id for pair in rows for row in pair})
    parties: dict[int, Sequence[Stakeholder]] = {}
    for use, study in rows:
        author = people[study.account_id].as_stakeholder(StakePart.SOURCE)
        for_whom = frozenset({study.organisation_id} if study.organisation_id is not None else ())
        parties[use.id] = [
            people[use.account_id].as_stakeholder(StakePart.AUTHOR),
            Stakeholder(StakePart.RAN, names=_pieces(use.organisation)),
            replace(author, organisations=author.organisations | for_whom),
        ]
    return parties


CASE_STUDIES = DecidedKind("case_study", _load_parties)
USES = DecidedKind("case_study_use", _load_parties_of_uses)
ties.DECLARATIONS.append(select_declared)
