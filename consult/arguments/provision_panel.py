"""Arguments on a provision: on its page and next to its form (`provision.aside`), in the draft (`draft.argument`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import Flask
from sqlalchemy import ARRAY, Text, bindparam, column, func, select, true
from sqlalchemy.orm import Session

from consult.arguments import queries
from consult.arguments.model import Argument
from consult.arguments.queries import StatementQuote
from consult.arguments.slots import ArgumentOutcomes
from consult.core import slots
from consult.core.slots import SlotContents
from consult.documents.model import Provision
from consult.submissions.pages.slots import LeadingArguments, ProvisionAside

_MOST = 5


@dataclass(frozen=True)
class ProvisionArguments:
    """Arguments on one provision, each with an excerpt, and the contributions of upper packages."""

    rows: Sequence[tuple[Argument, StatementQuote | None]] = ()
    slot: SlotContents = field(default_factory=SlotContents)


def list_on_provision(
    session: Session, consultation_id: int, provision_id: int
) -> Sequence[tuple[Argument, StatementQuote | None]]:
    """Return at most five checked arguments on one provision, those with most submissions first.

    Each has an excerpt, or None. Uses one query.
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
            Argument.checked,
        )
        .order_by(*queries.LARGEST_FIRST)
        .limit(_MOST),
    )


def _fill_provision_page(session: Session, given: ProvisionAside) -> ProvisionArguments:
    if not given.published:
        return ProvisionArguments()
    rows = list_on_provision(session, given.consultation.id, given.place.id)
    shown = [ArgumentOutcomes([argument.id for argument, _quote in rows])] if rows else []
    return ProvisionArguments(rows, slots.collect(session, *shown))


@dataclass(frozen=True)
class LeadingArgument:
    """The argument with most submissions on a part of the draft, and a quote."""

    argument: Argument
    quote: StatementQuote


def list_leading(session: Session, consultation_id: int, places: Mapping[str, int]) -> dict[int, LeadingArgument]:
    """Return leading arguments by the values of `places`, which is keyed by permanent ID. Uses one query.

    Parts without a checked argument or without a public quote are left out.
    """
    if not places:
        return {}
    rows = queries.execute_sample(session, _select_leading(), consultation=consultation_id, places=list(places))
    found: dict[int, LeadingArgument] = {}
    for argument, quote in rows:
        held = found.get(number := places[argument.place])
        if quote and (held is None or argument.submissions > held.argument.submissions):
            found[number] = LeadingArgument(argument, quote)
    return found


@lru_cache(maxsize=1)
def _select_leading() -> Any:
    these = (
        func.unnest(bindparam("places", type_=ARRAY(Text)))
        .table_valued(column("wid", Text))
        .render_derived(name="wanted")
    )
    first = (
        select(Argument.id)
        .where(
            Argument.consultation_id == bindparam("consultation"),
            Argument.place == these.c.wid,
            Argument.merged_into_id.is_(None),
            Argument.statements > 0,
            Argument.checked,
        )
        .order_by(*queries.LARGEST_FIRST)
        .limit(1)
        .lateral("first")
    )
    return queries.select_with_sample(select(first.c.id).select_from(these).join(first, true()))


def _fill_draft(session: Session, given: LeadingArguments) -> dict[int, LeadingArgument]:
    wids = {part.wid: place.id for place in given.places for part in place.parts}
    return list_leading(session, given.consultation.id, wids)


def init_app(app: Flask) -> None:
    slots.fill(app, ProvisionAside, _fill_provision_page, "arguments/provision_aside.html")
    slots.fill(app, LeadingArguments, _fill_draft, "arguments/leading.html")
