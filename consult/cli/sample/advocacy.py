"""The sample's call: an organisation asks people to comment on two paragraphs, and some did."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.analysis.model import TextGroup
from consult.calls import arrivals, service
from consult.calls.service import CallText
from consult.consultations.model import Consultation
from consult.documents import queries as documents
from consult.submissions.model import State, Submission, SubmitterKind

_FILE = Path(__file__).parent / "data" / "calls.toml"


def add_call(
    session: Session,
    consultations: Mapping[str, Consultation],
    received: Mapping[int, Submission],
    organisations: Mapping[str, Organisation],
    now: datetime,
) -> None:
    """Each call of the file, opened some days ago; what persons have published since came by it, a few copies too."""
    for planned in tomllib.loads(_FILE.read_text("utf-8"))["call"]:
        row, asks = consultations[planned["consultation"]], organisations[planned["organisation"]]
        by = session.scalars(
            select(Account).join(Membership).where(Membership.organisation_id == asks.id, Membership.owner)
        ).one()
        wids = {one.number: one.wid for one in documents.list_provisions(session, row.version_id or 0)}
        places = [wids[number] for number in planned["places"]]
        call = service.create(
            session, by=by, organisation_id=asks.id, consultation=row, slug=planned["slug"], language="en"
        )
        for language, text in planned["texts"].items():
            said = CallText(text["why"], dict(zip(places, text["prompts"], strict=True)))
            service.edit(
                session,
                call,
                revision=call.revision,
                places=places,
                text=said,
                language=language,
                ends_at=row.closes_at,
            )
        opened = now - timedelta(days=planned["days"])
        service.open_call(session, call, by=by, at=opened)
        letters = set(session.scalars(select(TextGroup.text_hash).where(TextGroup.campaign_id.is_not(None))))
        copies = 0
        for one in received.values():
            persons = one.submitter_kind is not SubmitterKind.ORGANISATION and one.consultation_id == row.id
            copies += one.text_hash in letters
            few = one.text_hash not in letters or copies <= planned["copies"]
            if persons and few and one.state is State.PUBLISHED and one.received_at >= opened:
                arrivals.note_voice(session, one, call.slug)
