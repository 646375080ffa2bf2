"""Arguments beside a paragraph, on a page of a package that knows nothing of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask import Flask
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from consult.arguments import queries
from consult.arguments.model import Argument
from consult.arguments.queries import Quote
from consult.core.db import db
from consult.documents.model import Provision

_MOST = 5


def on_provision(session: Session, consultation_id: int, provision_id: int) -> Sequence[tuple[Argument, Quote | None]]:
    """The arguments with most voices on one provision, each with a statement, in one statement of SQL.

    A lone voice is told only where a person named it.
    """
    return queries.sampled(session, _on_provision(), consultation=consultation_id, provision=provision_id)


@lru_cache(maxsize=1)
def _on_provision() -> Any:
    wid = select(Provision.wid).where(Provision.id == bindparam("provision")).scalar_subquery()
    return queries.with_sample(
        select(Argument.id)
        .where(Argument.consultation_id == bindparam("consultation"), Argument.place == wid,
               Argument.merged_into_id.is_(None), Argument.statements > 0,
               (Argument.voices > 1) | Argument.name.is_not(None))
        .order_by(Argument.voices.desc(), Argument.name.is_(None), Argument.id)
        .limit(_MOST),
    )  # fmt: skip


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(arguments_on=lambda *numbers: on_provision(db.session(), *numbers))
