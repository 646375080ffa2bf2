"""Panel on the provision page with its arguments: fills the slot `provision.aside`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import Flask
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from consult.arguments import queries
from consult.arguments.model import Argument
from consult.arguments.queries import StatementQuote
from consult.arguments.slots import ArgumentOutcomes
from consult.core import slots
from consult.core.slots import SlotContents
from consult.documents.model import Provision
from consult.submissions.pages.slots import ProvisionAside

_MOST = 5


@dataclass(frozen=True)
class ProvisionArguments:
    """Arguments on one provision, each with a statement; and what packages above say of them."""

    rows: Sequence[tuple[Argument, StatementQuote | None]] = ()
    slot: SlotContents = field(default_factory=SlotContents)


def list_on_provision(
    session: Session, consultation_id: int, provision_id: int
) -> Sequence[tuple[Argument, StatementQuote | None]]:
    """The arguments with most voices on one provision, each with a statement, in one statement of SQL.

    A lone voice is told only where a person named it.
    """
    return queries.execute_sample(session, _select_on_provision(), consultation=consultation_id, provision=provision_id)


@lru_cache(maxsize=1)
def _select_on_provision() -> Any:
    wid = select(Provision.wid).where(Provision.id == bindparam("provision")).scalar_subquery()
    return queries.select_with_sample(
        select(Argument.id)
        .where(
            Argument.consultation_id == bindparam("consultation"),
            Argument.place == wid,
            Argument.merged_into_id.is_(None),
            Argument.statements > 0,
            (Argument.voices > 1) | Argument.name.is_not(None),
        )
        .order_by(*queries.LETTERS_FIRST)
        .limit(_MOST),
    )


def _fill_provision_page(session: Session, given: ProvisionAside) -> ProvisionArguments:
    if not given.published:
        return ProvisionArguments()
    rows = list_on_provision(session, given.consultation.id, given.place.id)
    shown = [ArgumentOutcomes([argument.id for argument, _quote in rows])] if rows else []
    return ProvisionArguments(rows, slots.collect(session, *shown))


def init_app(app: Flask) -> None:
    slots.fill(app, ProvisionAside, _fill_provision_page, "arguments/provision_aside.html")
