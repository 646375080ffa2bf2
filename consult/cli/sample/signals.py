"""Sample signals: eight, from a first report to a retraction, in chronological order."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.bodies import service as bodies
from consult.cli.imports.substances import PACKAGED
from consult.cli.sample.photographs import PHOTOGRAPHS
from consult.consultations.model import Consultation
from consult.digests.delivery import service as delivery
from consult.signals import service, warnings
from consult.signals.model import ReportChannel, Signal, SignalLevel, SignalReport, WarningKind
from consult.signals.reports import files as report_files
from consult.signals.reports import service as reports
from consult.signals.reports.files import UploadedFile
from consult.signals.reports.service import FiledReport
from consult.signals.reports.values import NewReport
from consult.signals.substances import matches, records
from consult.signals.substances.record_table import read_records
from consult.signals.triage import seats
from consult.signals.watchers import service as watchers
from consult.signals.watchers.service import WatchFilter
from consult.submissions import return_codes
from consult.taxonomy.model import Scheme, Term

_FILE = Path(__file__).parent / "data" / "signals.toml"
_ALONE = 999
"""Replaces the number of a signal for reports that belong to none."""
_OUTSIDE = {"ago", "days", "organisation", "by", "declined", "withdrawn", "photograph"}
SampleEvent = tuple[datetime, Callable[[], object]]


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def signal_events(
    session: Session,
    people: Mapping[str, Account],
    organisations: Mapping[str, Organisation],
    consultations: Mapping[str, Consultation],
    now: datetime,
) -> list[SampleEvent]:
    """Return the events of signals and waiting reports with their times, all before `now`."""
    return _SignalTimeline(session, people, organisations, consultations, now).plan()


@dataclass
class _SignalTimeline:
    """The events of signals, by hours before now."""

    session: Session
    people: Mapping[str, Account]
    organisations: Mapping[str, Organisation]
    consultations: Mapping[str, Consultation]
    now: datetime
    filed: dict[tuple[int, int], SignalReport] = field(default_factory=dict)
    signals: dict[int, Signal] = field(default_factory=dict)
    steps: list[SampleEvent] = field(default_factory=list)

    def _enter_records(self) -> None:
        """Enter the substance records that come with Consult."""
        table = read_records(PACKAGED.read_bytes(), matches.load_index(self.session))
        for term_id, values in sorted(table.records.items()):
            term = self.session.get_one(Term, term_id)
            reason = "First entry, from public documents."
            records.save_record(self.session, term, values, by=self.people["amina"], reason=reason, at=self._at(1_400))

    def plan(self) -> list[SampleEvent]:
        self._on(1_400, self._enter_records)
        for number, key in enumerate(("amina", "tomas")):
            at = self.now - timedelta(days=60)
            seats.give(self.session, account_id=self.people[key].id, on_call=number == 0, at=at)
        for row in _read()["watcher"]:
            account = self.people[row["account"]]
            wish = WatchFilter(SignalLevel(row["least"]), row.get("countries", ()), language=account.language)
            watchers.watch(self.session, account=account, wish=wish)
        for number, told in enumerate(_read()["signal"]):
            for nth, filed in enumerate(told["report"]):
                self._on(filed["ago"], partial(self._file, (number, nth), filed))
            for step in told["step"]:
                self._on(step["ago"], partial(self._act, number, told, step))
        for nth, filed in enumerate(_read()["report"]):
            self._on(filed["ago"], partial(self._file, (_ALONE, nth), filed))
            if "declined" in filed or "withdrawn" in filed:
                self._on(filed["ago"] - 1, partial(self._end, nth, filed))
        return self.steps

    def _on(self, ago: float, happen: Callable[[], object]) -> None:
        self.steps.append((self._at(ago), happen))

    def _at(self, ago: float) -> datetime:
        return self.now - timedelta(hours=ago)

    def _file(self, key: tuple[int, int], filed: Mapping[str, Any]) -> FiledReport:
        given: dict[str, Any] = {name: value for name, value in filed.items() if name not in _OUTSIDE}
        given["happened_on"] = (self.now - timedelta(days=filed["days"])).date()
        speaker = self.organisations.get(filed.get("organisation", ""))
        sent = reports.file(
            self.session,
            NewReport(**given),
            key=f"sample-report-{key[0]:03}-{key[1]:03}",
            at=self._at(filed["ago"]),
            channel=ReportChannel.ORGANISATION if speaker else ReportChannel.WEB,
            organisation_id=speaker.id if speaker else None,
        )
        if name := filed.get("photograph"):
            taken = UploadedFile("photograph.jpg", PHOTOGRAPHS[name]())
            report_files.add(self.session, sent.report, [taken])
        self.filed[key] = sent.report
        return sent

    def _end(self, nth: int, filed: Mapping[str, Any]) -> None:
        report, at = self.filed[(_ALONE, nth)], self._at(filed["ago"] - 1)
        if "declined" in filed:
            by = self.people[filed["by"]]
            service.decline_report(self.session, report, by=by, reason=filed["declined"], at=at)
        else:
            words = return_codes.derive_code(report.reference, report.salt or b"")
            reports.withdraw(self.session, reports.find_own(self.session, words), at=at)

    def _act(self, number: int, told: Mapping[str, Any], step: Mapping[str, Any]) -> None:
        by, at, do = self.people[step.get("by", told["by"])], self._at(step["ago"]), step["do"]
        if do == "open":
            self.signals[number] = service.open_signal(
                self.session,
                self.filed[(number, 0)],
                by=by,
                at=at,
                title=told["title"],
                reason=told["reason"],
                level=SignalLevel(step["level"]),
                substance_id=self._find_substance(told.get("substance", "")),
            )
            return
        signal, reason = self.signals[number], step.get("reason", "")
        if do in ("draft", *WarningKind):
            self._warn(signal, step, by, at)
        elif do == "consultation":
            asked = self.consultations[step["consultation"]]
            service.note_consultation(self.session, signal, asked.id, by=by, at=at)
        elif do == "answer":
            body = bodies.get(self.session, self._slug_of_body(signal))
            service.answer(self.session, signal, body=body, by=by, words=reason, at=at)
        else:
            acts: dict[str, Callable[[], object]] = {
                "link": lambda: service.link_report(
                    self.session, self.filed[(number, step["report"])], signal, by=by, at=at
                ),
                "level": lambda: service.set_level(
                    self.session, signal, SignalLevel(step["level"]), by=by, reason=reason, at=at
                ),
                "place": lambda: service.show_place(self.session, signal, by=by, reason=reason, at=at),
                "take": lambda: service.take_signal(self.session, signal, by=by, at=at),
                "close": lambda: service.close(self.session, signal, by=by, reason=reason, at=at),
            }
            acts[do]()

    def _warn(self, signal: Signal, step: Mapping[str, Any], by: Account, at: datetime) -> None:
        kind = WarningKind.WARNING if step["do"] == "draft" else WarningKind(step["do"])
        draft = warnings.write(
            self.session,
            signal,
            by=by,
            kind=kind,
            texts=step["texts"],
            language=step["language"],
            at=at - timedelta(minutes=20),
        )
        second = next(self.people[key] for key in ("amina", "tomas") if self.people[key].id != by.id)
        if step["do"] != "draft":
            agrees = by if step.get("alone") else second
            warnings.publish(self.session, signal, by=agrees, written_at=draft.written_at, at=at)

    def _slug_of_body(self, signal: Signal) -> str:
        asked = next(row for row in self.consultations.values() if row.id == signal.consultation_id)
        owner = next(account for account in self.people.values() if account.id == asked.owner_id)
        delivery.set_early_warning(self.session, consultation=asked, by=owner, wished=True)
        return next(body.slug for body in bodies.list_bodies(self.session) if body.id == asked.body_id)

    def _find_substance(self, name: str) -> int | None:
        rows = select(Term).join(Scheme, Scheme.id == Term.scheme_id).where(Scheme.notation == "substances")
        found = (row.id for row in self.session.scalars(rows) if name and row.label("en").casefold() == name)
        return next(found, None)
