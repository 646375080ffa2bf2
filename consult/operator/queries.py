"""Queries on the operator's texts: current values and earlier versions."""

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
from consult.core.web.face import VERSION_LENGTH, SiteFace
from consult.operator.fields import TEXT_KEYS
from consult.operator.model import SiteLogo, SiteText


@dataclass(frozen=True)
class FormerText:
    """A text with the dates of its validity. `until` is None for the current one."""

    row: SiteText
    until: datetime | None


def read_face(connection: Connection) -> SiteFace:
    """Return all current values, in one statement."""
    texts = (
        select(SiteText.key, SiteText.language, SiteText.text)
        .ext(distinct_on(SiteText.key, SiteText.language))
        .order_by(SiteText.key, SiteText.language, SiteText.id.desc())
        .subquery()
    )
    last = select(SiteLogo.sha256).order_by(SiteLogo.id.desc()).limit(1).subquery()
    logo = select(value("logo"), value("-"), last.c.sha256)
    rows = connection.execute(union_all(select(texts.c.key, texts.c.language, texts.c.text), logo)).all()
    texts_by_key: dict[tuple[str, str], str] = {(key, language): text for key, language, text in rows if text}
    version = sha256(repr(sorted(texts_by_key.items())).encode()).hexdigest()[:VERSION_LENGTH] if texts_by_key else ""
    return SiteFace(version, texts_by_key, texts_by_key.pop(("logo", "-"), "")[:VERSION_LENGTH])


def list_values(session: Session) -> Mapping[tuple[str, str], str]:
    """Return all current values by key and language."""
    last = (
        select(SiteText)
        .ext(distinct_on(SiteText.key, SiteText.language))
        .order_by(SiteText.key, SiteText.language, SiteText.id.desc())
    )
    return {(row.key, row.language): row.text for row in session.scalars(last) if row.text}


def get_logo(session: Session) -> SiteLogo | None:
    """Return the logo, or None."""
    row = session.scalar(select(SiteLogo).order_by(SiteLogo.id.desc()).limit(1))
    return row if row is not None and row.png is not None else None


def list_versions(session: Session, key: str) -> Sequence[FormerText]:
    """Return every version of a text in all languages, newest first. Raises NotFound for other keys."""
    if key not in TEXT_KEYS:
        raise NotFound(_("We cannot find this text."))
    rows = session.scalars(select(SiteText).where(SiteText.key == key).order_by(SiteText.id.desc())).all()
    later: dict[str, datetime] = {}
    versions = []
    for row in rows:
        versions.append(FormerText(row, later.get(row.language)))
        later[row.language] = row.since
    return versions


def get_version(session: Session, key: str, number: int) -> FormerText:
    """Return one version of a text. Raises NotFound."""
    version = next((each for each in list_versions(session, key) if each.row.id == number), None)
    if version is None:
        raise NotFound(_("We cannot find this text."))
    return version
