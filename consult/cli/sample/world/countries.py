"""Sample facts about countries: real ones, each with its source, and memberships of regional bodies."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from consult.bodies import service as bodies
from consult.bodies.model import BodyKind, PublicBody
from consult.bodies.service import BodyDescription
from consult.countries import service
from consult.countries.model import FactKind, Precision
from consult.countries.service import FactTerms

_FILE = Path(__file__).parents[1] / "data" / "countries.toml"


def add_countries(session: Session, at: datetime) -> None:
    """Create regional bodies without staff, their memberships, and the facts."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    named: dict[str, PublicBody] = {}
    for row in data["body"]:
        described = BodyDescription(kind=BodyKind.REGIONAL, **row)
        named[row["code"]] = bodies.make(session, by=None, described=described, at=at)
    for code, rows in data["memberships"].items():
        for member, since, until in rows:
            service.add_membership(
                session,
                named[code],
                by=None,
                source=data["sources"]["cicad" if member in named else code.lower()],
                country=None if member in named else member,
                member=named.get(member),
                since=_day(since),
                until=_day(until),
                at=at,
            )
    for notation, rows in data["treaties"].items():
        _add_treaty(session, notation, rows, data["sources"]["un"] % data["numbers"][notation], at)
    for row in data["law"]:
        terms = {name: row[name] for name in ("title", "language", "day", "words", "source")}
        fact = FactTerms(kind=FactKind(row["kind"]), precision=Precision.DAY, **terms)
        service.keep_fact(session, row["country"], by=None, terms=fact, at=at)


def _add_treaty(session: Session, notation: str, rows: dict[str, Any], source: str, at: datetime) -> None:
    treaty = service.get_treaty(session, notation)
    for country, facts in rows.items():
        for kind, day, *words in facts:
            terms = FactTerms(
                FactKind(kind),
                date.fromisoformat(day),
                Precision.DAY,
                source,
                term_id=treaty.id,
                words=words[0] if words else "",
            )
            service.keep_fact(session, country, by=None, terms=terms, at=at)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
