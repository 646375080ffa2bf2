"""Reads of what an operator says: all that holds now, and what held before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, select, union_all
from sqlalchemy import literal as value
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.web.face import SiteFace
from consult.operator.fields import TEXT_KEYS
from consult.operator.model import SiteLogo, SiteText


@dataclass(frozen=True)
class FormerText:
    """A text with the days from and until which it held; until None: it holds."""

    row: SiteText
    until: datetime | None


def read_face(connection: Connection) -> SiteFace:
    """All that holds now, in one statement."""
    texts = (
        select(SiteText.key, SiteText.language, SiteText.text)
        .ext(distinct_on(SiteText.key, SiteText.language))
        .order_by(SiteText.key, SiteText.language, SiteText.id.desc())
        .subquery()
    )
    last = select(SiteLogo.sha256).order_by(SiteLogo.id.desc()).limit(1).subquery()
    logo = select(value("logo"), value("-"), last.c.sha256)
    rows = connection.execute(union_all(select(texts.c.key, texts.c.language, texts.c.text), logo)).all()
    found: dict[tuple[str, str], str] = {(key, language): text for key, language, text in rows if text}
    version = sha256(repr(sorted(found.items())).encode()).hexdigest()[:12] if found else ""
    return SiteFace(version, found, found.pop(("logo", "-"), "")[:12])


def list_values(session: Session) -> Mapping[tuple[str, str], str]:
    """All that holds now, by key and language."""
    last = (
        select(SiteText)
        .ext(distinct_on(SiteText.key, SiteText.language))
        .order_by(SiteText.key, SiteText.language, SiteText.id.desc())
    )
    return {(row.key, row.language): row.text for row in session.scalars(last) if row.text}


def get_logo(session: Session) -> SiteLogo | None:
    """The logo; None where there is none."""
    row = session.scalar(select(SiteLogo).order_by(SiteLogo.id.desc()).limit(1))
    return row if row is not None and row.png is not None else None


def list_versions(session: Session, key: str) -> Sequence[FormerText]:
    """Every text of one kind, in all languages, the last first. Raises NotFound for a kind that has none to show."""
    if key not in TEXT_KEYS:
        raise NotFound(_("There is no such text."))
    rows = session.scalars(select(SiteText).where(SiteText.key == key).order_by(SiteText.id.desc())).all()
    later: dict[str, datetime] = {}
    found = []
    for row in rows:
        found.append(FormerText(row, later.get(row.language)))
        later[row.language] = row.since
    return found


def get_version(session: Session, key: str, number: int) -> FormerText:
    """One of them. Raises NotFound."""
    found = next((each for each in list_versions(session, key) if each.row.id == number), None)
    if found is None:
        raise NotFound(_("There is no such text."))
    return found
