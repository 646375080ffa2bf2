"""What this site shares: records of its own public consultations, warnings and case studies, in one signed list.

The list names each record by the SHA-256 of its text. Records of partners are never among them, and nothing that people
sent is.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.api.reading import changes
from consult.case_studies.model import CaseStudy, StudyState
from consult.consultations.model import Consultation, Phase
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.web.addresses import public_url
from consult.core.web.systems import is_on
from consult.ledger.model import LedgerEntry
from consult.peers import keys
from consult.peers.model import ItemKind, SharingKey
from consult.signals import queries as signals

MOST = 500
"""Records of each kind, the newest ones."""
Record = dict[str, Any]


def build_document(session: Session, key: SharingKey) -> dict[str, Any]:
    """Return the list as text, its signature, and the records by their SHA-256."""
    texts = [_write(record) for record in _list_records(session)]
    records = {sha256(text.encode()).hexdigest(): text for text in texts}
    listed = _write(
        {"v": 1, "installation": key.installation, "as_of": _find_position(session), "records": sorted(records)}
    )
    return {"list": listed, "signature": b64encode(keys.sign(key, listed)).decode(), "records": records}


def _write(value: Record) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _find_position(session: Session) -> int:
    """Return the number of the last public event, which grows with each change of a record."""
    number = session.scalar(
        select(LedgerEntry.number)
        .where(LedgerEntry.number.is_not(None), LedgerEntry.kind.in_(changes.EVENTS))
        .order_by(LedgerEntry.number.desc())
        .limit(1)
    )
    return number or 0


def _list_records(session: Session) -> Iterator[Record]:
    yield from _list_consultations(session)
    if is_on("signals"):
        yield from _list_warnings(session)
    if is_on("case_studies"):
        yield from _list_case_studies(session)


def _list_consultations(session: Session) -> Iterator[Record]:
    rows = select(Consultation).where(Consultation.phase != Phase.DRAFT).order_by(Consultation.id.desc()).limit(MOST)
    for row in session.scalars(rows):
        yield {
            "id": f"consultation:{row.slug}",
            "kind": ItemKind.CONSULTATION,
            "title": row.title,
            "text": row.summary,
            "language": row.language,
            "by": row.body,
            "opens_at": row.opens_at.isoformat(),
            "closes_at": row.closes_at.isoformat(),
            "countries": row.countries,
            "url": public_url("site.consultation", slug=row.slug),
        }


def _list_warnings(session: Session) -> Iterator[Record]:
    overview = signals.get_overview(session)
    warned = (it for it in (*overview.current, *overview.ended) if it.warning is not None)
    for it in islice(warned, MOST):
        url = public_url("signals.one", slug=it.row.slug)
        language, _words = it.text(DEFAULT_LANGUAGE)
        shown = signals.to_json(it, url=url, language=language)
        yield {
            "id": f"signal:{it.row.slug}",
            "kind": ItemKind.WARNING,
            "title": shown["title"],
            "language": language,
            "level": shown["level"],
            "state": shown["state"],
            "country": shown["country"],
            "region": shown["region"],
            "warning": shown["warning"],
            "url": url,
        }


def _list_case_studies(session: Session) -> Iterator[Record]:
    public = CaseStudy.state.in_((StudyState.PUBLISHED, StudyState.WITHDRAWN)) & CaseStudy.slug.is_not(None)
    for row in session.scalars(select(CaseStudy).where(public).order_by(CaseStudy.id.desc()).limit(MOST)):
        yield {
            "id": f"case-study:{row.slug}",
            "kind": ItemKind.CASE_STUDY,
            "title": row.title,
            "text": row.summary,
            "language": row.language,
            "country": row.country,
            "state": str(row.state),
            "edition": row.edition,
            "url": public_url("case_studies.one", slug=row.slug),
        }
