"""Samples: reading of tables, keeping them once, what they propose, and retracting a batch."""

from __future__ import annotations

import gzip
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.drugchecking import FILE
from consult.accounts.organisations import service as organisations
from consult.core.clock import now
from consult.core.errors import Conflict, NotFound, Refusal
from consult.core.tables.delimited import TableRefused
from consult.ledger.model import Kind, LedgerEntry
from consult.signals import assessment
from consult.signals import service as signals
from consult.signals.model import ReportStanding, SignalLevel, SignalLink, SignalReport
from consult.signals.sample_model import DrugSample, SampleBatch, SampleFinding
from consult.signals.samples import service
from consult.signals.samples.table import NewSample, SampleProblem, list_names, read_table
from consult.taxonomy import service as taxonomy
from consult.taxonomy import skos
from consult.taxonomy.model import Term
from tests import factories
from tests.signals.working import seated

TABLE = b"""Sample ID;Date;Town;Sold as;Fentanyl strip;FTIR result;Mass
A1;2026-11-03;Atacames;MDMA;False;['MDMA', 'Caffeine'];
A2;2026-11-03;Atacames;heroin;True;No Library Match;
A3;31.10.2026;;cocaine;N/A;Cocaine HCl;
A3;31.10.2026;;cocaine;N/A;Levamisole;
A4;soon;;cocaine;;;
"""


def sample(back: int, *found: str, **values: str) -> NewSample:
    return NewSample((now() - timedelta(days=back)).date(), "EC", "EC-E", values.get("sold_as", "MDMA"), found,
                     number=values.get("number", ""), site=values.get("site", ""))  # fmt: skip


def usual() -> list[NewSample]:
    """20 samples tested in the 84 days before the last 28."""
    return [sample(30 + n, "MDMA", number=f"U{n}") for n in range(20)]


@pytest.fixture
def member(session: Session) -> tuple[int, object]:
    """An organisation's id and one of its members."""
    account, row = factories.account(session), factories.organisation(session)
    organisations.add_member(session, organisation_id=row.id, account_id=account.id)
    return row.id, account


def kept(session: Session, member: tuple[int, object], samples: list[NewSample]) -> SampleBatch | None:
    number, account = member
    return service.keep(session, number, samples, by=account, file_name="a.csv", data=b"x")  # type: ignore[arg-type]


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_table_is_read_with_several_findings_negatives_and_rows_left_out() -> None:
    table = read_table(TABLE, "EC-E")
    assert [(it.number, it.day, it.found) for it in table.samples] == [
        ("A1", date(2026, 11, 3), ("MDMA", "Caffeine")),
        ("A2", date(2026, 11, 3), ()),
        ("A3", date(2026, 10, 31), ("Cocaine HCl", "Levamisole")),
    ]
    assert table.samples[0].strips == "Fentanyl strip: False"
    assert table.left_out == [(6, SampleProblem.DAY)]
    with pytest.raises(TableRefused, match="columns"):
        read_table(b"a,b\n1,2\n", "EC-E")


@pytest.mark.parametrize("cell", ["['a', ", "[" * 5000, "]", "[1, 2]", "\x00", "['a';'b']"])
def test_a_spoilt_cell_is_read_without_an_exception(cell: str) -> None:
    assert isinstance(list_names(cell), list)


def test_the_same_samples_are_kept_once_and_a_change_is_shown(session: Session, member: tuple[int, object]) -> None:
    rows = [sample(1, "MDMA", "caffeine", number="1"), sample(1), sample(1)]
    batch = kept(session, member, rows)
    assert batch is not None
    assert (batch.rows, count(session, DrugSample), count(session, SampleFinding)) == (3, 3, 2)
    assert kept(session, member, rows) is None
    changed = [replace(rows[0], found=("MDA",)), *rows[1:], sample(2, number="2")]
    shown = service.preview(session, member[0], changed, at=now())
    assert (len(shown.new), shown.known, [it.number for it in shown.changed]) == (1, 2, ["1"])
    again = kept(session, member, changed)
    assert again is not None
    assert again.rows == 1
    entries = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == Kind.SAMPLES_KEPT)
    assert session.scalar(entries) == 2


def test_something_new_and_dangerous_enters_the_queue_once_and_leaves_it_with_its_batch(
    session: Session, member: tuple[int, object]
) -> None:
    seated(session)
    assert kept(session, member, usual()) is not None
    assert kept(session, member, [sample(9, "Bromazolam", number="B1")]) is not None
    assert count(session, SignalReport) == 0, "one finding is no alert"
    batch = kept(session, member, [sample(2, "Bromazolam", number="B2"), sample(2, "Caffeine", number="C")])
    assert batch is not None
    report = session.scalars(select(SignalReport)).one()
    assert (report.substance_said, report.product, report.organisation_id) == ("Bromazolam", "MDMA", member[0])
    kept(session, member, [sample(1, "Bromazolam", number="B3")])
    assert count(session, SignalReport) == 1, "it was proposed before"
    service.retract(session, batch.id, by=member[1], reason="Wrong file.")  # type: ignore[arg-type]
    assert session.get_one(SignalLink, report.id).standing is ReportStanding.WITHDRAWN
    assert count(session, DrugSample) == 22
    with pytest.raises(Conflict):
        service.retract(session, batch.id, by=member[1], reason="Again.")  # type: ignore[arg-type]


def test_a_service_that_has_just_opened_proposes_nothing(session: Session, member: tuple[int, object]) -> None:
    kept(session, member, [sample(n, "Bromazolam", number=f"B{n}") for n in range(5)])
    assert count(session, SignalReport) == 0


def test_the_level_of_a_signal_counts_samples(session: Session, member: tuple[int, object]) -> None:
    me = seated(session)
    taxonomy.load_pack(session, skos.read_pack(taxonomy.PACKS / "drug-policy.ttl"))
    kept(session, member, usual())
    kept(session, member, [sample(n, "Bromazolam", number=f"B{n}") for n in (2, 9)])
    report = session.scalars(select(SignalReport)).one()
    term = session.scalars(select(Term.id).where(Term.notation == "bromazolam")).one()
    row = signals.open_signal(
        session,
        report,
        by=me,
        title="Bromazolam in MDMA",
        level=SignalLevel.WATCH,
        reason="Samples.",
        substance_id=term,
    )
    proposed = assessment.propose_level(session, row, at=now())
    assert proposed is not None
    assert (proposed.level, proposed.reasons) == ("alert", ("samples",))


def test_only_members_keep_and_retract(session: Session, member: tuple[int, object]) -> None:
    batch = kept(session, member, [sample(1)])
    assert batch is not None
    other = factories.account(session)
    with pytest.raises(NotFound):
        service.keep(session, member[0], [sample(2)], by=other, file_name="", data=b"")
    with pytest.raises(NotFound):
        service.retract(session, batch.id, by=other, reason="Mine.")
    with pytest.raises(Refusal):
        service.retract(session, batch.id, by=member[1], reason=" ")  # type: ignore[arg-type]


@pytest.mark.skipif(not FILE.exists(), reason="the shared drug-checking rows are absent")
def test_the_shared_rows_are_read_with_their_days_towns_and_findings() -> None:
    table = read_table(gzip.decompress(Path(FILE).read_bytes()), "CA-BC")
    assert (len(table.samples), table.left_out) == (7958, [])
    assert Counter(it.town for it in table.samples)["Vancouver"] == 6231
    assert (min(it.day for it in table.samples), max(it.day for it in table.samples)) == (
        date(2018, 6, 20),
        date(2019, 12, 31),
    )
