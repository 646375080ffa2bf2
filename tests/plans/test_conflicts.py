"""Conflicts of interest over reports on actions: fifty are planted, one after the other, and none passes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.bodies.model import BodyMember, BodyRole, PublicBody
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.core.clock import now
from consult.core.web.access import Role
from consult.decisions import service as decisions
from consult.decisions.conflicts import names_in
from consult.decisions.kinds import InterestedDecider, explain_conflicts
from consult.decisions.model import Outcome
from consult.plans import service
from consult.plans.model import ActionPlan, ActionReport, PlanAction, ReportState
from consult.plans.reports import service as reports
from consult.plans.reports.interests import REPORTS
from consult.plans.reports.process import PROCESS
from tests import factories
from tests.bodies.working import asked_by, make_body, work
from tests.counting import statements
from tests.plans.planned import given, planned, publish, terms

_numbers = itertools.count(1)
Plant = Callable[[Session], tuple[ActionReport, Account]]


def person(session: Session, role: Role = Role.CONTRIBUTOR, **values: Any) -> Account:
    """Somebody at a domain of their own."""
    values.setdefault("email", f"p@person{next(_numbers)}.example")
    return factories.account(session, role, **values)


def join(session: Session, who: Account, organisation: Organisation) -> None:
    session.add(Membership(organisation_id=organisation.id, account_id=who.id, since=now()))
    session.flush()


def reported(
    session: Session, *, action: PlanAction | None = None, author: Account | None = None, interests: str = "", **of: Any
) -> ActionReport:
    """A report that waits, of an organisation with the values `of`, on an action of a new plan."""
    action, author = action or make_action(session), author or person(session)
    row = factories.organisation(session, **{"proven_domain": f"group{next(_numbers)}.example", **of})
    join(session, author, row)
    join(session, person(session), row)
    said = given("late", interests=interests)
    return reports.report_for_organisation(session, action, by=author, organisation_id=row.id, given=said)


def make_action(session: Session, owner: str = "Ministry of Deeds") -> PlanAction:
    """An action of a new plan of a new body."""
    body = make_body(session)
    lead = work(session, body)
    return service.add_action(session, planned(session, body, by=lead), by=lead, terms=terms("9", owner=owner))


def find_action(session: Session, report: ActionReport) -> PlanAction:
    return session.get_one(PlanAction, report.action_id)


def employ(session: Session, body: PublicBody, who: Account, role: BodyRole = BodyRole.READER) -> None:
    session.add(BodyMember(body_id=body.id, account_id=who.id, role=role, since=now()))
    session.flush()


# Each plants one conflict with a report: with who wrote it, or with what it is about.


def _author(role: Role) -> Plant:
    def plant(session: Session) -> tuple[ActionReport, Account]:
        who = person(session)
        row = reported(session, author=who)
        who.role = role
        return row, who

    return plant


def _member(role: Role, owner: bool) -> Plant:
    def plant(session: Session) -> tuple[ActionReport, Account]:
        row, who = reported(session), person(session, role)
        session.add(Membership(organisation_id=row.organisation_id, account_id=who.id, owner=owner, since=now()))
        return row, who

    return plant


def _mail(authors: str, other: str) -> Plant:
    return lambda session: (
        reported(session, author=person(session, email=f"a@{authors}")),
        person(session, Role.MODERATOR, email=f"b@{other}"),
    )


def _organisation_at(other: str, role: Role = Role.MODERATOR, **values: Any) -> Plant:
    """Their address is at the domain of the organisation."""
    return lambda session: (reported(session, **values), person(session, role, email=f"b@{other}"))


def _member_of_another(mine: dict[str, Any], **theirs: Any) -> Plant:
    """They are a member of another organisation that seems to be the same."""

    def plant(session: Session) -> tuple[ActionReport, Account]:
        row, who = reported(session, **theirs), person(session, Role.MODERATOR)
        join(session, who, factories.organisation(session, **mine))
        return row, who

    return plant


def _same_other_organisation(session: Session) -> tuple[ActionReport, Account]:
    author, who, row = person(session), person(session, Role.MODERATOR), factories.organisation(session)
    join(session, author, row)
    join(session, who, row)
    return reported(session, author=author), who


def _other_organisation_of_author(session: Session) -> tuple[ActionReport, Account]:
    author = person(session)
    join(session, author, factories.organisation(session, website="https://other.example"))
    return reported(session, author=author), person(session, Role.MODERATOR, email="b@other.example")


def _same_name(authors: str, shown: str) -> Plant:
    return lambda session: (
        reported(session, author=person(session, display_name=authors)),
        person(session, Role.MODERATOR, display_name=shown),
    )


def _colleague(session: Session) -> tuple[ActionReport, Account]:
    body, author, who = make_body(session), person(session), person(session, Role.MODERATOR)
    employ(session, body, author, BodyRole.LEAD)
    employ(session, body, who)
    return reported(session, author=author), who


def _works(body_role: BodyRole, role: Role) -> Plant:
    """They are of the body that has the plan."""

    def plant(session: Session) -> tuple[ActionReport, Account]:
        row, who = reported(session), person(session, role)
        employ(session, session.get_one(PublicBody, find_action(session, row).body_id), who, body_role)
        return row, who

    return plant


def _does(owner: str, body_role: BodyRole, role: Role = Role.ADMIN) -> Plant:
    """They are of a body that does the action, as the plan words it."""

    def plant(session: Session) -> tuple[ActionReport, Account]:
        number = next(_numbers)
        body, who = make_body(session, f"Council on Health {number}", code=f"C{number}"), person(session, role)
        employ(session, body, who, body_role)
        return reported(session, action=make_action(session, owner.format(name=body.name, code=body.code))), who

    return plant


def _at_proven_domain(part: str) -> Plant:
    """Their address is at the domain that a body has shown to be its own."""

    def plant(session: Session) -> tuple[ActionReport, Account]:
        body = make_body(session)
        action = make_action(session, body.name)
        row = body if part == "owner" else session.get_one(PublicBody, action.body_id)
        row.domain, row.domain_proved_at = "ministry.example", now()
        return reported(session, action=action), person(session, Role.MODERATOR, email="b@mail.ministry.example")

    return plant


def _named_as_doer(session: Session) -> tuple[ActionReport, Account]:
    who = person(session, Role.MODERATOR, display_name="Rosa Quispe")
    return reported(session, action=make_action(session, "Rosa Quispe and others")), who


def _organisation_does_it(session: Session) -> tuple[ActionReport, Account]:
    who = person(session, Role.MODERATOR)
    join(session, who, factories.organisation(session, name="Casa Verde"))
    return reported(session, action=make_action(session, "The city with CASA VERDE")), who


def _asked(part: str) -> Plant:
    """They have asked in the consultation in which the action was promised, or whose draft was adopted."""

    def plant(session: Session) -> tuple[ActionReport, Account]:
        who, body = person(session, Role.ADMIN), make_body(session)
        asked = asked_by(session, body, **({"owner": who} if part in ("in charge", "of the draft") else {}))
        if part == "of the draft":
            action = make_action(session)
            session.get_one(ActionPlan, action.plan_id).consultation_id = asked.id
            return reported(session, action=action), who
        if part == "body":
            employ(session, body, who)
        elif part != "in charge":
            other = make_body(session)
            employ(session, other, who)
            beside = {"consultation_id": asked.id, "body_id": other.id, "part": PartInConsultation(part)}
            session.add(ConsultationBody(**beside, agreed_at=now(), agreed_by_id=who.id))
        by = work(session, body)
        action = service.promise_action(
            session, by=by, terms=terms(), consultation_id=asked.id, body_id=None, language="en"
        )
        return reported(session, action=action), who

    return plant


def _reported_for_the_government(session: Session) -> tuple[ActionReport, Account]:
    row, who = reported(session), person(session, Role.ADMIN)
    reports.report_for_government(session, find_action(session, row), by=who, given=given("under_way"))
    return row, who


def _organisation_reported_too(session: Session) -> tuple[ActionReport, Account]:
    first, who = reported(session), person(session, Role.MODERATOR)
    join(session, who, session.get_one(Organisation, first.organisation_id))
    return reported(session, action=find_action(session, first)), who


def _interests(said: str, **values: Any) -> Plant:
    """The report declares a tie to their organisation."""

    def plant(session: Session) -> tuple[ActionReport, Account]:
        who = person(session, Role.MODERATOR)
        join(session, who, factories.organisation(session, **values))
        return reported(session, interests=said), who

    return plant


_JUDGES = (Role.MODERATOR, Role.ADMIN)
_NIGHT, _SITE = {"proven_domain": "night.example"}, {"proven_domain": None, "website": "https://www.night.example"}
_CASA = {"name": "Casa Alivio"}
PLANTED: dict[str, Plant] = {
    **{f"author, {role}": _author(role) for role in _JUDGES},
    **{f"member, owner {owner}, {role}": _member(role, owner) for role in _JUDGES for owner in (True, False)},
    **{f"mail of the author {n}": _mail(*pair) for n, pair in enumerate((
        ("night.example", "night.example"), ("night.example", "mail.night.example"),
        ("mail.night.example", "night.example"), ("Night.example", "NIGHT.example"),
    ))},
    "proven domain": _organisation_at("night.example", **_NIGHT),
    "proven domain, administrator": _organisation_at("night.example", Role.ADMIN, **_NIGHT),
    "proven domain, subdomain": _organisation_at("mail.night.example", **_NIGHT),
    "website": _organisation_at("night.example", **_SITE),
    "website, subdomain": _organisation_at("mail.night.example", **_SITE),
    "another of the same proven domain": _member_of_another(_NIGHT, **_NIGHT),
    "another of the same website": _member_of_another(_SITE, **_NIGHT),
    "another, without accents": _member_of_another({"name": "CASA ALÍVIO"}, **_CASA),
    "another, longer": _member_of_another({"name": "Casa Alivio e.V."}, **_CASA),
    "another, shorter": _member_of_another(_CASA, name="Casa Alivio (Lima)"),
    "another, letters alike": _member_of_another({"name": "Саsa Аlivio"}, **_CASA),  # Cyrillic
    "another organisation of both": _same_other_organisation,
    "domain of another organisation of the author": _other_organisation_of_author,
    **{f"name of the author {n}": _same_name(*pair) for n, pair in enumerate((
        ("Amara Njeri", "Amara Njeri"), ("José Pérez", "Jose Perez"), ("AMARA NJERI", "Amara Njeri"),
    ))},
    "body of both": _colleague,
    **{f"{at} of the body, {role}": _works(at, role) for at in BodyRole for role in _JUDGES},
    **{f"{at} of who does it": _does("{name}", at) for at in (BodyRole.LEAD, BodyRole.READER)},
    "named beside others": _does("The city and the {name}", BodyRole.DRAFTER),
    "named by its code": _does("{code} and the city", BodyRole.LEAD, Role.MODERATOR),
    **{f"proven domain of the {part}": _at_proven_domain(part) for part in ("body", "owner")},
    "named as who does it": _named_as_doer,
    "their organisation does it": _organisation_does_it,
    **{f"asked: {part}": _asked(part) for part in ("in charge", "of the draft", "body", "asks", "hears")},
    "reported for the government": _reported_for_the_government,
    "their organisation reported too": _organisation_reported_too,
    "declared: their organisation": _interests("Casa Verde pays us for it", name="Casa Verde"),
    "declared: its domain": _interests("We are paid by verde.example", proven_domain="verde.example"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "owner", "known"),
    [
        ("WHO", "The city, with the WHO", True),
        ("EU", "MS; EU; Europol", True),
        ("EU", "MS; COM; EU", True),
        ("G7", "Health ministers (G7)", True),
        ("WHO", "Those who run the house", False),
        ("US", "Groups that work with us", False),
        ("US", "PLUS, USA and bus", False),
        ("WHO", "THOSE WHO RUN IT", False),
        ("Who", "The Who", False),
    ],
)
def test_a_short_acronym_is_a_name_in_capital_letters_only(code: str, owner: str, known: bool) -> None:
    assert names_in(code, owner) is known


def test_fifty_conflicts_are_planted() -> None:
    assert len(PLANTED) == 50


@pytest.mark.parametrize("planted", PLANTED)
def test_no_planted_conflict_passes(session: Session, planted: str) -> None:
    row, who = PLANTED[planted](session)
    session.flush()
    for outcome, reason in ((Outcome.PUBLISH, None), (Outcome.WITHHOLD, "off_topic")):
        with pytest.raises(InterestedDecider):
            decisions.decide(session, PROCESS, item_id=row.id, by=who, outcome=outcome, reason=reason)
    assert row.state is ReportState.WAITING


@pytest.mark.parametrize(
    ("authors", "other"),
    [("a@gmail.com", "b@gmail.com"), ("a@example.org", "b@example.org"), ("a@night.example", "b@knight.example")],
)  # fmt: skip
def test_who_shares_nothing_decides(session: Session, authors: str, other: str) -> None:
    author = person(session, email=authors, display_name="Ana")
    who = person(session, Role.MODERATOR, email=other, display_name="Ana")
    join(session, who, factories.organisation(session, name="Casa Verde", website="https://casa-verde.example"))
    unproved = make_body(session)
    unproved.domain = other.partition("@")[2]  # as a lead typed it: nobody has shown it
    row = reported(session, author=author, action=make_action(session, unproved.name), name="Casa Azul")
    publish(session, row, who)
    assert row.state is ReportState.PUBLISHED


def test_conflicts_are_looked_for_in_the_same_number_of_statements_however_many_reports_wait(session: Session) -> None:
    who = person(session, Role.MODERATOR)

    def asked(count: int) -> int:
        those = [reported(session).id for _n in range(count)]
        session.flush()
        session.expire_all()
        with statements() as seen:
            assert explain_conflicts(session, REPORTS, those, who) == {}
        return len(seen)

    assert asked(1) == asked(5) <= 20


def test_pages_at_one_host_say_nothing_of_who_somebody_is(session: Session) -> None:
    row = reported(session, proven_domain=None, website="https://one-group.wordpress.com")
    moderator = person(session, Role.MODERATOR)
    join(session, moderator, factories.organisation(session, website="https://two-group.wordpress.com"))
    assert explain_conflicts(session, REPORTS, [row.id], moderator) == {}
