"""Indicators: create one, propose a data file, check its reading and accept it. Corrections are new files."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core import sandbox
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.i18n import _
from consult.core.tables.delimited import TableRefused
from consult.core.text import clean_text, one_line
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.plans import rights
from consult.plans.indicators import tables
from consult.plans.indicators.cells import DecimalMark
from consult.plans.indicators.columns import ColumnRole
from consult.plans.indicators.headlines import set_headline
from consult.plans.indicators.metadata import MAX_METADATA, BadMetadata, read_metadata
from consult.plans.indicators.model import (
    ActionIndicator,
    IndicatorImport,
    Observation,
    PlanIndicator,
    WantedTurn,
)
from consult.plans.indicators.series import match_groups
from consult.plans.indicators.tables import ReadingChoices, TableReading
from consult.plans.model import ActionPlan, PlanAction
from consult.plans.rights import PlanDeed

_BATCH = 2_000


@dataclass(frozen=True)
class IndicatorTerms:
    """The definition of an indicator: titles and units by language, desired direction, baseline and target."""

    code: str
    titles: Mapping[str, str]
    units: Mapping[str, str]
    better: WantedTurn
    source: str = ""
    licence: str = ""
    baseline: Decimal | None = None
    baseline_period: str = ""
    target: Decimal | None = None
    target_period: str = ""
    method: str = ""
    actions: Sequence[str] = ()  # the numbers of the actions that it measures


def make_indicator(
    session: Session, plan: ActionPlan, *, by: Account, terms: IndicatorTerms, at: datetime | None = None
) -> PlanIndicator:
    """Add an indicator to a plan. Raises Forbidden, Refusal."""
    rights.check_may(session, by, plan, PlanDeed.EDIT)
    last = session.scalar(select(func.max(PlanIndicator.position)).where(PlanIndicator.plan_id == plan.id)) or 0
    row = PlanIndicator(
        plan_id=plan.id, position=last + 1, headline=[], created_at=at or now(), **_clean(session, plan, terms)
    )
    session.add(row)
    session.flush()
    _link(session, row, terms.actions)
    return row


def change_indicator(
    session: Session, plan: ActionPlan, row: PlanIndicator, *, by: Account, terms: IndicatorTerms
) -> None:
    """Change an indicator's definition and its actions. Raises Forbidden, Refusal."""
    rights.check_may(session, by, plan, PlanDeed.EDIT)
    for name, value in _clean(session, plan, terms, but=row).items():
        setattr(row, name, value)
    session.flush()
    _link(session, row, terms.actions)


def get_indicator(session: Session, plan: ActionPlan, code: str) -> PlanIndicator:
    """Return an indicator of a plan by its code. Raises NotFound."""
    row = session.scalar(select(PlanIndicator).where(PlanIndicator.plan_id == plan.id, PlanIndicator.code == code))
    if row is None:
        raise NotFound(_("We cannot find this indicator in the plan."))
    return row


def propose_import(
    session: Session,
    plan: ActionPlan,
    row: PlanIndicator,
    *,
    by: Account,
    name: str,
    data: bytes,
    metadata: bytes | None = None,
    at: datetime | None = None,
) -> IndicatorImport:
    """Store a file until its reading is accepted. Raises Forbidden, and Refusal if it is not a table."""
    rights.check_may(session, by, plan, PlanDeed.EDIT)
    read = read_file(data, metadata, ReadingChoices())
    if not read.rows:
        raise Refusal(_("We could not read anything in this file. Check its format."), field="file")
    made = IndicatorImport(
        indicator_id=row.id,
        name=one_line(name)[:200] or "series.csv",
        sha256=sha256(data).digest(),
        content=zlib.compress(data, 6),
        metadata_file=metadata,
        kind=read.kind,
        choices={},
        account_id=by.id,
        at=at or now(),
        kept_at=None,
        rows=len(read.values),
        left_out=count_left_out(read),
    )
    session.add(made)
    session.flush()
    return made


def read_file(data: bytes, metadata: bytes | None, choices: ReadingChoices) -> TableReading:
    """Read a file with optional metadata. Raises Refusal with instructions.

    An SDMX-ML message is first converted to a table in a child process.
    """
    try:
        hints = read_metadata(metadata[: MAX_METADATA + 1]) if metadata else None
        if not is_xml(data):
            return tables.read_table(data, hints, choices)
        return replace(tables.read_table(_make_table(data), hints, choices), is_converted=True)
    except BadMetadata as error:
        raise Refusal(
            _("The second file does not contain CSV on the Web metadata. Remove it."), field="metadata"
        ) from error
    except TableRefused as error:
        raise Refusal(_refusals()[str(error)], field="file") from error


def is_xml(data: bytes) -> bool:
    """Return whether a file is XML rather than a table, in UTF-8 or UTF-16."""
    return data[:200].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<")


def _make_table(data: bytes) -> bytes:
    """Convert an SDMX-ML message to a table. Raises TableRefused, and Refusal if the parser exceeds its limits."""
    if len(data) > tables.MAX_BYTES:
        raise TableRefused("large")
    made = sandbox.run("consult.files.sdmx_ml:read_message", data)
    if made in (b"entities", b"broken-xml", b"no-data"):
        raise TableRefused(made.decode())
    return made


def _refusals() -> dict[str, str]:
    return {
        "large": _("This file is too large. The limits are 10 MB and 200,000 rows."),
        "empty": _("We could not read anything in this file. Check its format."),
        "damaged": _("This file cannot be read as a table. Save it as CSV, then choose it."),
        "entities": _("This XML file contains its own declarations (DOCTYPE). Export it without them, or as SDMX-CSV."),
        "broken-xml": _("This XML file is damaged. Export it again, or as SDMX-CSV."),
        "no-data": _("This XML file contains no SDMX observations with periods. Export the data, or save them as CSV."),
        "columns": _(
            "The column of periods or the column of values is missing. Name the columns, for example “Year” "
            "and “Value”."
        ),
    }


def get_import(session: Session, row: PlanIndicator, number: int) -> IndicatorImport:
    """Return a file of an indicator, accepted or not. Raises NotFound."""
    made = session.get(IndicatorImport, number)
    if made is None or made.indicator_id != row.id:
        raise NotFound(_("We cannot find this file."))
    return made


def read_import(made: IndicatorImport, choices: ReadingChoices | None = None) -> TableReading:
    """Read a stored file with these choices, or with its stored ones."""
    chosen = choices or load_choices(made.choices)
    return read_file(zlib.decompress(made.content), made.metadata_file, chosen)


def choose(session: Session, made: IndicatorImport, choices: ReadingChoices) -> TableReading:
    """Read a stored file with new choices and store them. Raises Conflict once it is accepted, and Refusal."""
    if made.kept_at is not None:
        raise Conflict(
            _("This file is already saved, so its settings cannot change. Import it again to read it differently.")
        )
    read = read_import(made, choices)
    made.choices = dump_choices(choices)
    made.rows, made.left_out = len(read.values), count_left_out(read)
    session.flush()
    return read


def keep_import(
    session: Session,
    plan: ActionPlan,
    row: PlanIndicator,
    made: IndicatorImport,
    *,
    by: Account,
    note: str = "",
    at: datetime | None = None,
) -> None:
    """Accept a file: its values become the indicator's. Earlier files remain visible.

    Safe to repeat. Raises Forbidden, and Refusal if nothing can be read or the decimal mark is in doubt.
    """
    rights.check_may(session, by, plan, PlanDeed.EDIT)
    session.refresh(made, with_for_update=True)
    if made.kept_at is not None:
        return
    read, moment = read_import(made), at or now()
    if read.doubtful_mark:
        raise Refusal(_("First choose how to read the numbers."), field="mark")
    if not read.values:
        raise Refusal(_("We could not read anything in this file. Check its format."))
    former = find_current(session, row.id)
    if former is not None and not clean_text(note):
        raise Refusal(_("Say what this file corrects or adds. The earlier file stays visible."), field="note")
    _write(session, made, read)
    made.kept_at, made.note = moment, clean_text(note)
    made.rows, made.left_out = len(read.values), count_left_out(read)
    set_headline(row, made, read)
    if former is not None:
        former.replaced_by_id = made.id
    detail: dict[str, Any] = {"plan": plan.id, "code": row.code, "rows": made.rows, "sha256": made.sha256.hex()}
    detail |= {"replaces": former.id} if former else {}
    actor = pseudonym("account", by.id)
    ledger.record(session, Kind.INDICATOR_IMPORTED, subject_id=row.id, actor=actor, at=moment, detail=detail)
    session.flush()


def _write(session: Session, made: IndicatorImport, read: TableReading) -> None:
    for first in range(0, len(read.values), _BATCH):
        batch = read.values[first : first + _BATCH]
        session.execute(
            insert(Observation),
            [
                {
                    "import_id": made.id,
                    "line": value.line,
                    "column": value.column,
                    "period": value.period,
                    "starts_on": value.starts_on,
                    "breakdown": dict(value.breakdown),
                    "value": value.value,
                    "flag": value.flag,
                }
                for value in batch
            ],
        )


def count_left_out(read: TableReading) -> int:
    """Count the rows that could not be read completely."""
    return len({problem.line for problem in read.problems})


def find_current(session: Session, indicator_id: int) -> IndicatorImport | None:
    """Return the file in force, or None."""
    return session.scalar(
        select(IndicatorImport)
        .where(
            IndicatorImport.indicator_id == indicator_id,
            IndicatorImport.kept_at.is_not(None),
            IndicatorImport.replaced_by_id.is_(None),
        )
        .order_by(IndicatorImport.id.desc())
        .limit(1)
    )


def list_lost_periods(session: Session, former: IndicatorImport, read: TableReading) -> list[str]:
    """Return the periods of an accepted file that another reading lacks, in order. One statement."""
    periods = {value.period for value in read.values} | {value.starts_on for value in read.values if value.starts_on}
    kept = session.execute(
        select(Observation.period, Observation.starts_on)
        .where(Observation.import_id == former.id)
        .distinct()
        .order_by(Observation.starts_on, Observation.period)
    )
    return [period for period, starts_on in kept if not {period, starts_on} & periods]


@dataclass(frozen=True)
class ChangedValue:
    """A value that differs between a new file and the earlier one."""

    period: str
    group: str
    before: Decimal
    now: Decimal


def list_changed_values(session: Session, former: IndicatorImport, read: TableReading) -> list[ChangedValue]:
    """Return the values of an accepted file that differ in another reading, in order of time. One statement."""
    numbers: dict[tuple[date | str, frozenset[tuple[str, str]]], Decimal] = {}
    for observation in read.values:
        if observation.value is not None:
            numbers.setdefault(
                (observation.starts_on or observation.period, match_groups(observation.breakdown)), observation.value
            )
    kept = session.scalars(
        select(Observation)
        .where(Observation.import_id == former.id, Observation.value.is_not(None))
        .order_by(Observation.starts_on, Observation.line, Observation.column)
    )
    values: dict[tuple[date | str, frozenset[tuple[str, str]]], ChangedValue | None] = {}
    for was in kept:
        key = (was.starts_on or was.period, match_groups(was.breakdown))
        given, group, change = numbers.get(key), ", ".join(was.breakdown.values()), None
        if was.value is not None and given is not None and given != was.value:
            change = ChangedValue(was.period, group, was.value, given)
        values.setdefault(key, change)
    return [value for value in values.values() if value is not None]


def list_imports(session: Session, indicator_id: int) -> Sequence[IndicatorImport]:
    """Return the accepted files, newest first."""
    kept = IndicatorImport.kept_at.is_not(None)
    return session.scalars(
        select(IndicatorImport)
        .where(IndicatorImport.indicator_id == indicator_id, kept)
        .order_by(IndicatorImport.id.desc())
    ).all()


def list_observations(session: Session, made: IndicatorImport) -> Sequence[Observation]:
    """Return the values of an accepted file, in its order."""
    return session.scalars(
        select(Observation).where(Observation.import_id == made.id).order_by(Observation.line, Observation.column)
    ).all()


def list_measured(session: Session, indicator_id: int) -> Sequence[PlanAction]:
    """Return the actions that an indicator measures."""
    wanted = select(PlanAction).join(ActionIndicator, ActionIndicator.action_id == PlanAction.id)
    return session.scalars(
        wanted.where(ActionIndicator.indicator_id == indicator_id).order_by(PlanAction.position)
    ).all()


def load_choices(kept: Mapping[str, Any]) -> ReadingChoices:
    """Return a person's choices from their stored form."""
    roles = {int(n): ColumnRole(role) for n, role in kept.get("roles", {}).items()}
    return ReadingChoices(roles, DecimalMark(kept["mark"]) if kept.get("mark") else None, kept.get("headline"))


def dump_choices(choices: ReadingChoices) -> dict[str, Any]:
    """Return choices in their stored form."""
    roles = {str(n): str(role) for n, role in choices.roles.items()}
    mark = {"mark": str(choices.mark)} if choices.mark else {}
    return {"roles": roles, **mark, **({"headline": dict(choices.headline)} if choices.headline else {})}


def _link(session: Session, row: PlanIndicator, numbers: Sequence[str]) -> None:
    session.execute(delete(ActionIndicator).where(ActionIndicator.indicator_id == row.id))
    if numbers:
        wanted = PlanAction.plan_id == row.plan_id, PlanAction.number.in_(list(numbers))
        for action_id in session.scalars(select(PlanAction.id).where(*wanted)):
            session.add(ActionIndicator(action_id=action_id, indicator_id=row.id))
    session.flush()


def _clean_words(by_language: Mapping[str, str]) -> dict[str, str]:
    return {language: wording for language, typed in by_language.items() if (wording := one_line(typed))}


def _clean(
    session: Session, plan: ActionPlan, terms: IndicatorTerms, but: PlanIndicator | None = None
) -> dict[str, Any]:
    code, titles, units = one_line(terms.code), _clean_words(terms.titles), _clean_words(terms.units)
    if not code or "/" in code:
        raise Refusal(_("Enter a short code for the indicator, such as I-1, without a slash."), field="code")
    others = select(PlanIndicator.id).where(PlanIndicator.plan_id == plan.id, PlanIndicator.code == code)
    if session.scalar(others.where(PlanIndicator.id != (but.id if but else 0))) is not None:
        raise Refusal(_("Another indicator in this plan already uses this code. Enter a different one."), field="code")
    if not titles:
        raise Refusal(_("Say what the indicator measures."), field="title")
    if not units:
        raise Refusal(_("Enter the unit, such as “per cent” or “people”."), field="unit")
    kept = replace(terms, code=code, units=units, titles=titles, method=clean_text(terms.method))
    return {name: value for name, value in vars(kept).items() if name != "actions"}
