"""The sample plan: 24 actions, five years of series, and conflicting reports by both sides."""

from __future__ import annotations

import tomllib
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.bodies.model import PublicBody
from consult.cli.sample.tables import write_table
from consult.files import service as files
from consult.plans import service, watches
from consult.plans.indicators import service as indicators
from consult.plans.indicators.model import WantedTurn
from consult.plans.indicators.service import IndicatorTerms
from consult.plans.model import ActionPlan, ActionReport, PlanAction, Progress, ReportState, TimetableKind
from consult.plans.movement import service as movements
from consult.plans.reports import service as reports
from consult.plans.reports.service import GivenReport
from consult.plans.service import ActionTerms, PlanTerms
from consult.plans.timetables import due
from consult.plans.topics import service as topics

_FILE = Path(__file__).parent / "data" / "plans.toml"
_LICENCE = "Fictional values, free to use"


@dataclass
class _SamplePlan:
    """The sample plan with its current time, the body's author and the moderator."""

    session: Session
    now: datetime
    lead: Account
    moderator: Account
    organisations: Mapping[str, Organisation]
    data: Mapping[str, Any]

    def day(self, years: int, month: int, day: int) -> date:
        return shift_day(self.now, years, month, day)

    def make(self, at: datetime) -> None:
        told = self.data["plan"]
        body = self.session.scalars(select(PublicBody).where(PublicBody.name == told["body"])).one()
        first, last = (self.now.year + told[name] for name in ("from", "to"))
        terms = PlanTerms(told["title"], told["summary"], "en", first, last, told["review_every"])
        plan = service.make_plan(self.session, by=self.lead, body=body, terms=terms, at=at)
        for objective in self.data["objective"]:
            for row in objective["action"]:
                self._add_action(plan, objective["title"], row, at)
        for row in self.data["indicator"]:
            self._add_indicator(plan, row, at)
        service.publish_plan(self.session, plan, by=self.lead, at=at)
        suggested = {
            row.action.id: [topic.term.id for topic in row.suggested]
            for row in topics.list_actions(self.session, plan)
            if row.action.number in told["topics_confirmed"]
        }
        topics.confirm(self.session, plan, by=self.lead, chosen=suggested, at=at)

    def _add_action(self, plan: ActionPlan, objective: str, row: Mapping[str, Any], at: datetime) -> None:
        action = service.add_action(
            self.session,
            plan,
            by=self.lead,
            terms=ActionTerms(
                title=row["title"],
                owner_name=row["owner"],
                due_on=self.day(*row["due"]) if "due" in row else None,
                timetable=TimetableKind(row["timetable"]) if "timetable" in row else None,
                timetable_words=row.get("timetable_words", ""),
                every_months=row.get("every_months"),
                begins_on=self.day(-4, 1, 1),
                number=row["number"],
                objective=objective,
                measured_by=row["measured_by"],
                assessed_by=row["assessed_by"],
            ),
            at=at,
        )
        steps = [
            (title, self.day(*due), self.day(*due) if done else None) for title, *due, done in row.get("milestones", ())
        ]
        if steps:
            service.set_milestones(self.session, action, by=self.lead, wanted=steps)

    def _add_indicator(self, plan: ActionPlan, row: Mapping[str, Any], at: datetime) -> None:
        years = [self.now.year - 5 + n for n in range(5)]
        made = indicators.make_indicator(
            self.session,
            plan,
            by=self.lead,
            terms=IndicatorTerms(
                code=row["code"],
                titles={"en": row["title"], **row.get("titles", {})},
                units={"en": row["unit"], **row["units"]},
                better=WantedTurn(row["better"]),
                source=row["source"],
                licence=_LICENCE,
                baseline=Decimal(str(row["values"][0])),
                baseline_period=str(years[0]),
                target=Decimal(str(row["target"])),
                target_period=str(self.now.year),
                method=row.get("method", ""),
                actions=row["actions"],
            ),
            at=at,
        )
        self._import(plan, made.code, _write_series(row, years, row["values"]), at)

    def correct(self, row: Mapping[str, Any], at: datetime) -> None:
        """Replace the first file of an indicator with a second one. The first stays available."""
        years = [self.now.year - 5 + n for n in range(5)]
        plan = self.session.scalars(select(ActionPlan).where(ActionPlan.title == self.data["plan"]["title"])).one()
        text = _write_series({**row, "groups": row["corrected_groups"]}, years, row["corrected"])
        self._import(plan, row["code"], text, at, row["correction"])

    def _import(self, plan: ActionPlan, code: str, text: str, at: datetime, note: str = "") -> None:
        row = indicators.get_indicator(self.session, plan, code)
        name = f"{code.lower()}-{at:%Y-%m}.csv"
        made = indicators.propose_import(self.session, plan, row, by=self.lead, name=name, data=text.encode(), at=at)
        indicators.keep_import(self.session, plan, row, made, by=self.lead, note=note, at=at)

    def find(self, number: str) -> PlanAction:
        return self.session.scalars(
            select(PlanAction)
            .join(ActionPlan)
            .where(PlanAction.number == number, ActionPlan.title == self.data["plan"]["title"])
        ).one()

    def report(self, number: str, said: list[Any], table: Mapping[str, Any] | None, at: datetime) -> None:
        _days, progress, words, *links = said
        given = GivenReport(Progress(progress), words, links, "en", files=self._receive(table))
        reports.report_for_government(self.session, self.find(number), by=self.lead, given=given, at=at)

    def _receive(self, table: Mapping[str, Any] | None) -> list[int]:
        """Store the file of a report and return its ID. It waits for its checks."""
        if table is None:
            return []
        data, name = write_table(table)
        return [files.receive(self.session, data=data, name=name, nameless=True).id]

    def speak(self, number: str, said: list[Any], at: datetime) -> None:
        key, _days, progress, words, *links = said
        self._speak(key, number, GivenReport(Progress(progress), words, links, "en"), at)

    def read(self, at: datetime) -> None:
        """Publish the report that waits longest, as a moderator."""
        first = select(ActionReport).where(ActionReport.state == ReportState.WAITING).order_by(ActionReport.id)
        reports.publish(self.session, self.session.scalars(first.limit(1)).one(), by=self.moderator, at=at)

    def wait(self, said: Mapping[str, Any], at: datetime) -> None:
        given = GivenReport(
            Progress(said["progress"]),
            said["words"],
            (),
            said["language"],
            said.get("interests", ""),
            self._receive(said.get("table")),
        )
        self._speak(said["organisation"], said["action"], given, at)

    def _speak(self, key: str, number: str, given: GivenReport, at: datetime) -> int:
        row, action = self.organisations[key], self.find(number)
        if row.proven_domain is None:
            row.proven_domain, row.proven_at = str(row.website).removeprefix("https://"), at
            self.session.flush()
        by = self.session.scalars(
            select(Account)
            .join(Membership)
            .where(Membership.organisation_id == row.id)
            .order_by(Membership.id)
            .limit(1)
        ).one()
        watches.begin(self.session, action, by=by, at=at)
        made = reports.report_for_organisation(self.session, action, by=by, organisation_id=row.id, given=given, at=at)
        return made.id

    def tell_movement(self, at: datetime) -> None:
        """Make the yearly summary for the year that `choose_year` picks, like `consult plan movement`."""
        plan = self.session.scalars(select(ActionPlan).where(ActionPlan.title == self.data["plan"]["title"])).one()
        movements.make_movement(self.session, plan, movements.choose_year(plan, at), at=at)


def shift_day(today: date, years: int, month: int, day: int) -> date:
    """Shift a date of the file, which was written for December, to be as far from `today` as it was then.

    In March, what was due in September is due in December. The last day of a month stays the last.
    """
    year, before = divmod((today.year + years) * 12 + month + today.month - 13, 12)
    return date(year, before + 1, monthrange(year, before + 1)[1] if day > 27 else day)


def _write_series(row: Mapping[str, Any], years: list[int], values: list[Any]) -> str:
    """Return the CSV file of an indicator, as a statistical office would send it."""
    column, groups, flags = row.get("column", "Group"), row.get("groups", {}), row.get("flags", [""] * 5)
    lines = [f"Year,{column},Observation status,Units,Value"]
    for name, its in [("", values), *groups.items()]:
        lines += [
            f"{year},{name},{flag},{row['unit']},{value}" for year, flag, value in zip(years, flags, its, strict=True)
        ]
    return "\n".join(lines) + "\n"


def plan_events(
    session: Session,
    organisations: Mapping[str, Organisation],
    now: datetime,
    lead: Account,
    moderator: Account,
) -> Iterator[tuple[datetime, Callable[[], object]]]:
    """Yield the events of the plan with their times: publication, reports and what the scheduler notices at the end."""
    data = tomllib.loads(_FILE.read_text("utf-8"))
    told = _SamplePlan(session, now, lead, moderator, organisations, data)
    made = now - timedelta(days=data["plan"]["days"])
    yield made, partial(told.make, made)
    for objective in data["objective"]:
        for row in objective["action"]:
            for said in [row["government"]] if "government" in row else ():
                at = max(now - timedelta(days=said[0]), made + timedelta(hours=1))
                yield at, partial(told.report, row["number"], said, row.get("table"), at)
            for said in row.get("organisations", ()):
                at = now - timedelta(days=said[1])
                yield at, partial(told.speak, row["number"], said, at)
                yield at + timedelta(hours=1), partial(told.read, at + timedelta(hours=1))
    for row in data["indicator"]:
        if "corrected" in row:
            at = made + timedelta(days=40)
            yield at, partial(told.correct, row, at)
    for said in data["waiting"]:
        at = now - timedelta(days=said["days"])
        yield at, partial(told.wait, said, at)
    yield now, partial(due.record_overdue, session, at=now)
    yield now, partial(told.tell_movement, now)
