"""Sample calls for comments by organisations, with submissions made through them and a linked campaign letter."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.analysis import service as campaigns
from consult.analysis.model import TextGroup
from consult.calls import arrivals, service
from consult.calls.model import CommentCall
from consult.calls.service import CallText
from consult.consultations.model import Consultation
from consult.documents import queries as documents
from consult.submissions.model import State, Submission, SubmitterKind

_DATA = Path(__file__).parent / "data"


def call_events(
    session: Session,
    consultations: Mapping[str, Consultation],
    organisations: Mapping[str, Organisation],
    now: datetime,
) -> Iterator[tuple[datetime, Callable[[], object]]]:
    """Yield the opening time of each call, and the function that opens it."""
    for planned in _read():
        opened = now - timedelta(days=planned["days"])
        yield opened, partial(_open, session, consultations, organisations, planned, opened)


def _open(
    session: Session,
    consultations: Mapping[str, Consultation],
    organisations: Mapping[str, Organisation],
    planned: Mapping[str, Any],
    at: datetime,
) -> None:
    row, asks = consultations[planned["consultation"]], organisations[planned["organisation"]]
    by = _owner(session, asks)
    wids = {provision.number: provision.wid for provision in documents.list_provisions(session, row.version_id or 0)}
    places = [wids[number] for number in planned["places"]]
    call = service.create(
        session, by=by, organisation_id=asks.id, consultation=row, slug=planned["slug"], language="en"
    )
    for language, text in planned["texts"].items():
        said = CallText(text["why"], dict(zip(places, text["prompts"], strict=True)))
        service.edit(
            session, call, revision=call.revision, places=places, text=said, language=language, ends_at=row.closes_at
        )
    service.open_call(session, call, by=by, at=at)


def _owner(session: Session, organisation: Organisation) -> Account:
    mine = Membership.organisation_id == organisation.id, Membership.owner
    return session.scalars(select(Account).join(Membership).where(*mine)).one()


def tie_letters(
    session: Session,
    consultations: Mapping[str, Consultation],
    organisations: Mapping[str, Organisation],
    now: datetime,
) -> None:
    """Declare the campaign letters of organisations and link them to their calls. The letters were found before."""
    for planned in _read():
        if told := planned.get("letter"):
            row, asks = consultations[planned["consultation"]], organisations[planned["organisation"]]
            by = _owner(session, asks)
            file = tomllib.loads((_DATA / "submissions" / told["file"]).read_text("utf-8"))
            declared = campaigns.declare(
                session,
                consultation=row,
                account=by,
                name=told["name"],
                organiser=asks.name,
                letter=file["letter"]["body"],
                consent=True,
            )
            call = session.scalars(select(CommentCall).where(CommentCall.slug == planned["slug"])).one()
            service.tie_letter(session, call, campaign_id=declared.id, by=by, at=now)


def add_voices(
    session: Session, consultations: Mapping[str, Consultation], received: Mapping[int, Submission], now: datetime
) -> None:
    """Record submissions by individuals since the opening as made through a call, including some copies of letters."""
    letters = set(session.scalars(select(TextGroup.text_hash).where(TextGroup.campaign_id.is_not(None))))
    for planned in _read():
        row, opened = consultations[planned["consultation"]], now - timedelta(days=planned["days"])
        copies = 0
        for one in received.values():
            persons = one.submitter_kind is not SubmitterKind.ORGANISATION and one.consultation_id == row.id
            copies += one.text_hash in letters
            few = one.text_hash not in letters or copies <= planned["copies"]
            if persons and few and one.state is State.PUBLISHED and one.received_at >= opened:
                arrivals.note_voice(session, one, planned["slug"])


def _read() -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = tomllib.loads((_DATA / "calls.toml").read_text("utf-8"))["call"]
    return calls
