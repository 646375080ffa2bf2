"""Sample case studies, created through the normal services: published, reviewed, used and withdrawn."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from consult.accounts import service as accounts
from consult.accounts.model import Account, Organisation
from consult.bodies import service as bodies
from consult.case_studies import cited, service, uses
from consult.case_studies.appraisal import appraisers
from consult.case_studies.appraisal import service as appraisal
from consult.case_studies.appraisal.certainty import Concern, GradeDomain
from consult.case_studies.appraisal.service import AppraisalInput
from consult.case_studies.content import StudyContent, StudySource, from_json
from consult.case_studies.model import CaseStudy, Direction, PartKind, SourceDesign
from consult.case_studies.review.process import PROCESS, USE_PROCESS
from consult.core.text import make_slug
from consult.core.web.access import Role
from consult.decisions.model import Outcome
from consult.decisions.service import decide_at_once
from consult.ledger import service as ledger
from consult.taxonomy import queries as taxonomy

_FILE = Path(__file__).parent / "data" / "case_studies.toml"
_LINES = (
    "title", "country", "region", "began", "ended", "setting", "run_by", "paid_by", "summary", "language", "authors",
)  # fmt: skip


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def case_study_events(
    session: Session,
    now: datetime,
    find_people: Callable[[Role], Sequence[Account]],
    speakers: Mapping[str, Account],
    organisations: Mapping[str, Organisation],
) -> Iterator[tuple[datetime, Callable[[], object]]]:
    """Create all case studies in the order of the file, and yield their later events with their times."""
    admin, moderators = find_people(Role.ADMIN)[0], find_people(Role.MODERATOR)
    people = {row["key"]: _ask(session, row, admin, now) for row in _read()["appraiser"]}
    for planned in _read()["study"]:
        row = _begin(session, planned, speakers, organisations, now)
        at = now - timedelta(days=planned["days"])
        yield at, partial(_publish, session, row, moderators[0], at)
        for n, said in enumerate(planned.get("appraisal", ())):
            then = at + timedelta(days=3 + 2 * n)
            yield then, partial(_appraise, session, row, people[said["by"]], said, then)
        yield from _list_later(session, row, planned, moderators, speakers, at, now)
    for planned in _read()["waiting"]:
        row = _begin(session, planned, speakers, organisations, now)
        at = now - timedelta(hours=7)
        yield at, partial(_send, session, row, at)


def follow(session: Session) -> None:
    """Find citations of case studies in comments, as the scheduler does."""
    cited.FOLLOWER.follow_site(session)


def _ask(session: Session, row: Mapping[str, Any], admin: Account, now: datetime) -> Account:
    """Create a reviewer with declared interests for a body."""
    at = now - timedelta(days=80)
    account = accounts.create(
        session, email=row["email"], name=row["name"], role=Role.CONTRIBUTOR, password=None, language="en", at=at
    )
    body = bodies.get(session, make_slug(row["body"]))
    appraisers.give_role(session, body, email=row["email"], by=admin)
    appraisers.declare_interests(session, account, typed="\n".join(row["interests"]))
    return account


def _begin(
    session: Session,
    planned: Mapping[str, Any],
    speakers: Mapping[str, Account],
    organisations: Mapping[str, Organisation],
    now: datetime,
) -> CaseStudy:
    content = StudyContent(
        **{name: planned[name] for name in _LINES if name in planned},
        told=Direction(planned["told"]),
        parts={kind: planned[kind.value] for kind in PartKind},
        sources=[StudySource(**{**it, "design": SourceDesign(it["design"])}) for it in planned["sources"]],
        terms=sorted(taxonomy.get_term(session, *topic.split("/")).id for topic in planned["topics"]),
    )
    by, of = speakers[planned["organisation"]], organisations[planned["organisation"]]
    return service.begin(session, by=by, content=content, organisation_id=of.id, at=now - timedelta(days=60))


def _send(session: Session, row: CaseStudy, at: datetime) -> None:
    service.send(session, row, by=session.get_one(Account, row.account_id), asked=True, at=at)


def _publish(session: Session, row: CaseStudy, moderator: Account, at: datetime) -> None:
    _send(session, row, at)
    service.publish(session, row, by=moderator, at=at)


def _appraise(session: Session, row: CaseStudy, by: Account, said: Mapping[str, Any], at: datetime) -> None:
    concerns = {
        GradeDomain(domain): (concern, why)
        for concern in (Concern.SOME, Concern.SERIOUS)
        for domain, why in said.get(concern.value, {}).items()
    }
    judged = AppraisalInput(
        Direction(said["direction"]), concerns, said.get("equity", ""), said.get("rights", ""), said["interests"]
    )
    appraisal.appraise(session, row, by=by, said=judged, at=at)


def _list_later(
    session: Session,
    row: CaseStudy,
    planned: Mapping[str, Any],
    moderators: Sequence[Account],
    speakers: Mapping[str, Account],
    at: datetime,
    now: datetime,
) -> Iterator[tuple[datetime, Callable[[], object]]]:
    author = speakers[planned["organisation"]]
    if words := planned.get("amended"):
        then = at + timedelta(days=2)
        yield then, partial(_amend, session, row, words, moderators[0], then)
    if words := planned.get("answer"):
        then = at + timedelta(days=8)
        yield then, partial(service.answer_appraisals, session, row, by=author, words=words, at=then)
    for n, use in enumerate(planned.get("uses", ())):
        then = at + timedelta(days=12 + 5 * n)
        yield then, partial(_use, session, row, use, speakers[use["by"]], moderators[0], then)
    if gone := planned.get("withdrawn"):
        then = now - timedelta(days=gone["days"])
        yield then, partial(_withdraw, session, row, gone, moderators, then)


def _amend(session: Session, row: CaseStudy, summary: str, moderator: Account, at: datetime) -> None:
    content = replace(from_json(row.working), summary=summary)
    by = session.get_one(Account, row.account_id)
    service.edit(session, row, by=by, revision=row.revision, content=content)
    service.send(session, row, by=by, asked=True, at=at)
    service.publish(session, row, by=moderator, at=at)


def _withdraw(
    session: Session, row: CaseStudy, gone: Mapping[str, Any], moderators: Sequence[Account], at: datetime
) -> None:
    ledger.number_entries(session)
    follow(session)
    by, second = moderators[:2]
    outcome = Outcome.RETRACT if gone["who"] == "publisher" else Outcome.WITHDRAW
    decide_at_once(session, PROCESS, item_id=row.id, by=by, second=second, outcome=outcome, note=gone["reason"], at=at)


def _use(
    session: Session, row: CaseStudy, use: Mapping[str, Any], by: Account, moderator: Account, at: datetime
) -> None:
    said = {name: use[name] for name in ("country", "organisation", "happened")}
    told = uses.report_use(session, row, by=by, at=at, **said)
    decide_at_once(session, USE_PROCESS, item_id=told.id, by=moderator, outcome=Outcome.PUBLISH, at=at)
