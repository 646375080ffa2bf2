"""Conflicts of interest that can be seen: fifty are planted, one after the other, and none passes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.accounts.organisations import service as organisations
from consult.bodies import members, merge
from consult.bodies.model import BodyMember, BodyRole
from consult.case_studies.appraisal import appraisers, requests
from consult.case_studies.appraisal import service as appraisal
from consult.case_studies.appraisal.certainty import GradeDomain
from consult.case_studies.appraisal.service import InterestedAppraiser
from consult.case_studies.content import StudySource
from consult.case_studies.model import CaseStudy, SourceDesign
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.errors import Conflict, Forbidden, Refusal
from consult.core.web.access import Role
from consult.decisions.model import FormerTie
from consult.submissions.model import NameRule
from tests import factories, filing
from tests.bodies.working import make_body, work
from tests.case_studies.written import appraiser, judge, person, publish, published, written

_numbers = itertools.count(1)
Plant = Callable[[Session], tuple[CaseStudy, Account]]


def organisation(session: Session, name: str, *members_of: Account, **values: Any) -> Organisation:
    it = factories.organisation(session, name=name, **values)
    for one in members_of:
        organisations.add_member(session, organisation_id=it.id, account_id=one.id)
    return it


def member(session: Session, name: str, **values: Any) -> Account:
    who = person(session)
    organisation(session, name, who, **values)
    return who


def at_domain(session: Session, domain: str) -> Account:
    return factories.account(session, email=f"p{next(_numbers)}@{domain}")


# Each plants one conflict: with an author, or with who ran it or paid for it, as `part` says.


def _same_person(session: Session) -> tuple[CaseStudy, Account]:
    who = person(session)
    return published(session, who), who


def _same_organisation(session: Session) -> tuple[CaseStudy, Account]:
    author, who = person(session), person(session)
    organisation(session, f"Shared {next(_numbers)}", author, who)
    return published(session, author), who


def _in_the_name_of_their_organisation(session: Session) -> tuple[CaseStudy, Account]:
    author, who = person(session), person(session)
    it = organisation(session, f"Sent for {next(_numbers)}", author, who)
    return published(session, author, organisation_id=it.id), who


def _second_account_at_the_domain(domain: str, other: str) -> Plant:
    return lambda session: (published(session, at_domain(session, domain)), at_domain(session, other))


def _authors_organisation_at_the_domain(field: str) -> Plant:
    def plant(session: Session) -> tuple[CaseStudy, Account]:
        number = next(_numbers)
        site = f"org{number}.example"
        author = member(
            session, f"Site {number}", **{field: site if field == "proven_domain" else f"https://www.{site}"}
        )
        return published(session, author), at_domain(session, site)

    return plant


def _co_author(name: str, shown: str) -> Plant:
    return lambda session: (published(session, authors=[name]), person(session, display_name=shown))


def _wrote_with_the_author_before(session: Session) -> tuple[CaseStudy, Account]:
    author, who = person(session), person(session)
    published(session, author, authors=[who.display_name])
    return published(session, author), who


def _author_wrote_with_them_before(session: Session) -> tuple[CaseStudy, Account]:
    author, who = person(session), person(session)
    published(session, who, authors=[author.display_name])
    return published(session, author), who


def _same_co_author_before(session: Session) -> tuple[CaseStudy, Account]:
    who = person(session)
    published(session, who, authors=["Third Person"])
    return published(session, authors=["Third Person"]), who


def _named_by_a_source(session: Session) -> tuple[CaseStudy, Account]:
    sources = [StudySource(SourceDesign.SURVEY, "Amara Njeri, Night survey, 2024", 40)]
    return published(session, sources=sources), person(session, display_name="Amara Njeri")


def _named(part: str, said: str, name: str) -> Plant:
    """Their organisation is named as who ran it or paid for it."""
    return lambda session: (published(session, **{part: said}), member(session, name))


def _of_named_organisation(part: str, field: str) -> Plant:
    """Their address is at the domain of an organisation that is here and is named."""

    def plant(session: Session) -> tuple[CaseStudy, Account]:
        number = next(_numbers)
        site = f"named{number}.example"
        it = factories.organisation(
            session, name=f"Night Service {number}", **{field: site if field == "proven_domain" else f"https://{site}"}
        )
        return published(session, **{part: f"The city with {it.name}"}), at_domain(session, site)

    return plant


def _own_name(part: str) -> Plant:
    return lambda session: (
        published(session, **{part: "Rosa Quispe and others"}),
        person(session, display_name="Rosa Quispe"),
    )


def _body(part: str, by: str) -> Plant:
    """They work for a body that is named, by its name or its acronym."""

    def plant(session: Session) -> tuple[CaseStudy, Account]:
        number = next(_numbers)
        body = make_body(session, f"Council on Health {number}", code=f"CH{number}")
        who = person(session, Role.POLICYMAKER)
        members.add(session, body, account=who, role=BodyRole.LEAD, by=None)
        return published(session, **{part: body.name if by == "name" else f"Paid from {body.code}"}), who

    return plant


def _body_that_asked(session: Session) -> tuple[CaseStudy, Account]:
    body, who = make_body(session), person(session, Role.POLICYMAKER)
    members.add(session, body, account=who, role=BodyRole.READER, by=None)
    row = written(session)
    row.body_id = body.id
    return publish(session, row), who


def _declared(part: str, said: Any, line: str) -> Plant:
    """They have declared it."""

    def plant(session: Session) -> tuple[CaseStudy, Account]:
        study, who = published(session, **{part: said}), person(session)
        appraiser(session, line, account=who)
        return study, who

    return plant


def _declared_author(session: Session) -> tuple[CaseStudy, Account]:
    author, who = person(session, display_name="Kofi Mensah"), person(session)
    appraiser(session, "Married to Kofi Mensah", account=who)
    return published(session, author), who


def _declared_domain(session: Session) -> tuple[CaseStudy, Account]:
    who = person(session)
    appraiser(session, "Board of outreach-night.example", account=who)
    return published(session, at_domain(session, "outreach-night.example")), who


# Interests planted later by strangers


def _source(said: str, shown: str) -> Plant:
    sources = [StudySource(SourceDesign.SURVEY, said, 40)]
    return lambda session: (published(session, sources=sources), person(session, display_name=shown))


def _at_address(author: str, other: str) -> Plant:
    return lambda session: (
        published(session, factories.account(session, email=author)),
        factories.account(session, email=other),
    )


def own(session: Session, it: Organisation, who: Account) -> None:
    mine = (Membership.organisation_id == it.id, Membership.account_id == who.id)
    session.execute(update(Membership).where(*mine).values(owner=True))


def _left_last_month(session: Session) -> tuple[CaseStudy, Account]:
    author, who = person(session), person(session)
    it = organisation(session, f"Left {next(_numbers)}", author, who)
    own(session, it, author)
    organisations.remove_member(session, by=author, organisation_id=it.id, account_id=who.id)
    study = published(session, author)
    session.execute(update(FormerTie).values(ended_at=now() - timedelta(days=30)))
    return study, who


def _author_left_last_month(session: Session) -> tuple[CaseStudy, Account]:
    author, who = person(session), person(session)
    it = organisation(session, f"Left {next(_numbers)}", author, who)
    own(session, it, who)
    organisations.remove_member(session, by=who, organisation_id=it.id, account_id=author.id)
    return published(session, author), who


def _left_the_body(session: Session) -> tuple[CaseStudy, Account]:
    body, who = make_body(session, f"Council on Health {next(_numbers)}"), person(session, Role.POLICYMAKER)
    work(session, body)
    members.add(session, body, account=who, role=BodyRole.READER, by=None)
    session.execute(delete(BodyMember).where(BodyMember.account_id == who.id))
    return published(session, paid_by=body.name), who


def _renamed(session: Session) -> tuple[CaseStudy, Account]:
    who = person(session)
    it = organisation(session, f"Casa Alivio {next(_numbers)}", who)
    study = published(session, run_by=it.name)
    it.name = f"Night Health {next(_numbers)}"
    session.flush()
    return study, who


def _renamed_before(session: Session) -> tuple[CaseStudy, Account]:
    """The study names an organisation by its former name; they have an address at its domain."""
    number = next(_numbers)
    it = factories.organisation(session, name=f"Casa Alivio {number}", website=f"https://alivio{number}.example")
    old, it.name = it.name, f"Night Health {number}"
    session.flush()
    return published(session, run_by=old), at_domain(session, f"alivio{number}.example")


def _merged_body(session: Session) -> tuple[CaseStudy, Account]:
    number = next(_numbers)
    gone, stays = make_body(session, f"Drug Office {number}"), make_body(session, f"Health Agency {number}")
    who, name = person(session, Role.POLICYMAKER), gone.name
    members.add(session, stays, account=who, role=BodyRole.LEAD, by=None)
    merge.merge(session, body=gone, into=stays, by=factories.account(session, Role.ADMIN))
    return published(session, paid_by=f"Paid by the {name}"), who


def _body_in_another_language(session: Session) -> tuple[CaseStudy, Account]:
    body, who = make_body(session, f"Ministry of Nights {next(_numbers)}"), person(session, Role.POLICYMAKER)
    body.names = {"fr": f"Ministère des nuits {body.id}"}
    members.add(session, body, account=who, role=BodyRole.LEAD, by=None)
    return published(session, paid_by=f"Ministère des nuits {body.id}"), who


def _colleague_in_a_body(session: Session) -> tuple[CaseStudy, Account]:
    body, author, who = make_body(session), person(session, Role.POLICYMAKER), person(session, Role.POLICYMAKER)
    for one in (author, who):
        members.add(session, body, account=one, role=BodyRole.READER if one is who else BodyRole.LEAD, by=None)
    return published(session, author), who


def _domain_of_a_body(session: Session) -> tuple[CaseStudy, Account]:
    number = next(_numbers)
    body = make_body(session, f"Fund for Nights {number}")
    body.domain, body.domain_proved_at = f"fund{number}.example", now()
    return published(session, paid_by=body.name), at_domain(session, f"post.fund{number}.example")


def _made_appraiser_by(part: str) -> Plant:
    """The body that ran it or paid for it gave them the role."""

    def plant(session: Session) -> tuple[CaseStudy, Account]:
        body = make_body(session, f"Agency for Nights {next(_numbers)}")
        return published(session, **{part: body.name}), appraiser(session, body=body)

    return plant


def _made_appraiser_by_the_body_of_the_author(session: Session) -> tuple[CaseStudy, Account]:
    body, author = make_body(session), person(session, Role.POLICYMAKER)
    members.add(session, body, account=author, role=BodyRole.LEAD, by=None)
    return published(session, author), appraiser(session, body=body)


def _asked_others(session: Session) -> tuple[CaseStudy, Account]:
    study, who = published(session), person(session, Role.MODERATOR)
    requests.ask(session, study, by=who, account_ids=[appraiser(session).id])
    return study, who


def _sent_what_is_cited(organisation_only: bool) -> Plant:
    """They sent, under their name, the submission that a source cites; or are of the organisation that did."""

    def plant(session: Session) -> tuple[CaseStudy, Account]:
        who = person(session, display_name=f"Zainab Otieno{next(_numbers)}")
        sent = filing.file(session, factories.consultation(session), "It worked.", published=True)
        if organisation_only:
            it = organisation(session, f"Voices {next(_numbers)}", who)
            sent.organisation_id, sent.organisation_name, sent.name_rule = it.id, "V.", NameRule.ORGANISATION
        else:
            sent.account_id, sent.person_name, sent.name_rule = who.id, "Z. O.", NameRule.OWN
        session.flush()
        sources = [StudySource(SourceDesign.TESTIMONY, f"Submission {sent.reference}", 3)]
        return published(session, sources=sources), who

    return plant


def _address_in(part: str) -> Plant:
    """The address of their employer's pages stands in the words."""

    def plant(session: Session) -> tuple[CaseStudy, Account]:
        site = f"night{next(_numbers)}.example"
        return published(session, **{part: f"See https://www.{site}/about"}), at_domain(session, site)

    return plant


def _spelled_by_their_domain(part: str) -> Plant:
    """Return a function that names a service with the words of a reader's e-mail domain."""

    def plant(session: Session) -> tuple[CaseStudy, Account]:
        return published(session, **{part: "The city, with the Night Service"}), at_domain(
            session, "night-service.example"
        )

    return plant


_PARTS, _SITES = ("run_by", "paid_by"), ("proven_domain", "website")
_SPELLINGS = (
    ("Casa Alivio", "Casa Alivio"),
    ("CASA ALÍVIO e.V.", "Casa Alivio"),
    ("The port city, with Casa Alivio", "Casa Alivio"),
    ("Саsa Аlivio", "Casa Alivio"),  # Cyrillic letters that look alike
    ("Casa  Alivio (Lima)", "casa alivio"),
    ("Casa Alivio", "Casa Alivio (sample)"),
)
PLANTED: dict[str, Plant] = {
    "author": _same_person,
    "organisation of the author": _same_organisation,
    "sent in the name of their organisation": _in_the_name_of_their_organisation,
    "second account, same domain": _second_account_at_the_domain("night.example", "night.example"),
    "second account, subdomain": _second_account_at_the_domain("night.example", "mail.night.example"),
    "second account, author at subdomain": _second_account_at_the_domain("mail.night.example", "night.example"),
    "second account, capitals": _second_account_at_the_domain("Night.example", "NIGHT.example"),
    "proven domain of the author's organisation": _authors_organisation_at_the_domain("proven_domain"),
    "website of the author's organisation": _authors_organisation_at_the_domain("website"),
    "co-author": _co_author("Amara Njeri", "Amara Njeri"),
    "co-author without accents": _co_author("José Pérez", "Jose Perez"),
    "co-author in capitals": _co_author("AMARA NJERI", "Amara Njeri"),
    "wrote with the author before": _wrote_with_the_author_before,
    "the author wrote with them before": _author_wrote_with_them_before,
    "the same co-author before": _same_co_author_before,
    "named by a source": _named_by_a_source,
    "body that asked": _body_that_asked,
    "declared: the author": _declared_author,
    "declared: the domain": _declared_domain,
    "declared: a co-author": _declared("authors", ["Amara Njeri"], "Amara Njeri is my sister"),
    **{f"{part}: spelled {n}": _named(part, *spelled) for part in _PARTS for n, spelled in enumerate(_SPELLINGS)},
    **{f"{part}: {field}": _of_named_organisation(part, field) for part in _PARTS for field in _SITES},
    **{f"{part}: own name": _own_name(part) for part in _PARTS},
    **{f"{part}: body by {by}": _body(part, by) for part in _PARTS for by in ("name", "code")},
    **{f"{part}: declared {n}": _declared(part, *said) for part in _PARTS for n, said in enumerate((
        ("Casa Alivio", "Treasurer of Casa Alivio"), ("The city with Casa Alivio", "Casa Alivio"),
        ("The city, Casa Alivio and others", "I advise Casa Alivio on rent"), ("Fonds d’aide", "fonds d'aide"),
    ))},
}  # fmt: skip


PLANTED |= {
    "mailbox with a plus": _at_address("amara.n@gmail.com", "amara.n+appraiser@gmail.com"),
    "mailbox with dots": _at_address("amarawn@gmail.com", "amara.w.n@googlemail.com"),
    "mailbox with a plus elsewhere": _at_address("kofi@proton.me", "kofi+two@proton.me"),
    "domain beside it": _second_account_at_the_domain("mail.night.example", "post.night.example"),
    "domain beside it, below a country": _second_account_at_the_domain("a.night.org.pe", "b.night.org.pe"),
    "membership that ended last month": _left_last_month,
    "the author's membership ended": _author_left_last_month,
    "left the body that paid": _left_the_body,
    "organisation renamed": _renamed,
    "organisation renamed, address at its domain": _renamed_before,
    "body merged into theirs": _merged_body,
    "body named in another language": _body_in_another_language,
    "body of the author": _colleague_in_a_body,
    "domain of the body that paid": _domain_of_a_body,
    "made an appraiser by who ran it": _made_appraiser_by("run_by"),
    "made an appraiser by who paid": _made_appraiser_by("paid_by"),
    "made an appraiser by the body of the author": _made_appraiser_by_the_body_of_the_author,
    "asked others to appraise it": _asked_others,
    "sent what is cited": _sent_what_is_cited(False),
    "of the organisation that sent what is cited": _sent_what_is_cited(True),
    **{f"{part}: address of their pages": _address_in(part) for part in _PARTS},
    **{f"{part}: words of their domain": _spelled_by_their_domain(part) for part in _PARTS},
    **{f"source: {said}": _source(f"{said}, Night survey", "Amara Wanjiku Njeri") for said in (
        "Njeri, Amara", "Njeri AW and Otieno B", "A. W. Njeri", "Otieno B, Njeri A", "NJERI Amara Wanjiku",
        "Amara Njeri",
    )},
}  # fmt: skip


def test_fifty_conflicts_are_planted_and_those_that_strangers_thought_of() -> None:
    assert len(PLANTED) == 80


@pytest.mark.parametrize("planted", PLANTED)
def test_no_planted_conflict_passes(session: Session, planted: str) -> None:
    study, who = PLANTED[planted](session)
    if appraisers.find_appraiser(session, who) is None:
        appraiser(session, account=who)
    with pytest.raises(InterestedAppraiser):
        judge(session, study, who)


def test_who_shares_nothing_appraises(session: Session) -> None:
    study = published(session, run_by="The city with Casa Alivio", authors=["Ana Ruiz"])
    who = appraiser(session, "Employed by the Institute of Health", "Writes with Ana Mendoza Ruiz")
    member_of = organisation(session, "Casa Verde", who, website="https://casa-verde.example")
    assert judge(session, study, who).organisation_id == member_of.id


@pytest.mark.parametrize(("paid_by", "refused"), [("The fund of people who sleep", False), ("WHO and others", True)])
def test_the_acronym_of_a_merged_body_is_no_part_of_another_word(session: Session, paid_by: str, refused: bool) -> None:
    gone, stays = make_body(session, "World Health Office"), make_body(session, "Health Agency of Nights")
    gone.code = "WHO"
    who = person(session, Role.POLICYMAKER)
    members.add(session, stays, account=who, role=BodyRole.LEAD, by=None)
    session.flush()
    merge.merge(session, body=gone, into=stays, by=factories.account(session, Role.ADMIN))
    study = published(session, paid_by=paid_by)
    appraiser(session, account=who)
    if refused:
        with pytest.raises(InterestedAppraiser):
            judge(session, study, who)
    else:
        assert judge(session, study, who).conflicts == []


@pytest.mark.parametrize(
    ("author", "other"),
    [
        ("ana@health.gov.ke", "ben@justice.gov.ke"),  # a registry is nobody's own
        ("ana@one.org.pe", "ben@two.org.pe"),
        ("ana@gmail.com", "ana.b@gmail.com"),
    ],
)
def test_people_of_different_owners_below_one_registry_appraise_each_other(
    session: Session, author: str, other: str
) -> None:
    study, who = _at_address(author, other)(session)
    assert judge(session, study, appraiser(session, account=who)).conflicts == []


def test_who_left_long_ago_appraises_and_pages_at_one_host_say_nothing(session: Session) -> None:
    study, who = _left_last_month(session)
    session.execute(update(FormerTie).values(ended_at=now() - timedelta(days=366)))
    author = session.get_one(Account, study.account_id)
    organisation(session, "One on a host", author, website="https://www.facebook.com/one")
    organisation(session, "Two on a host", who, website="https://facebook.com/two")
    assert judge(session, study, appraiser(session, account=who)).conflicts == []


def test_people_at_a_public_mail_provider_share_no_domain(session: Session) -> None:
    study = published(session, at_domain(session, "gmail.com"))
    assert judge(session, study, appraiser(session, account=at_domain(session, "gmail.com"))).conflicts == []


def test_who_has_not_declared_interests_cannot_appraise_and_none_must_be_typed(session: Session) -> None:
    study, who = published(session), person(session)
    with pytest.raises(Forbidden, match="Only reviewers invited by a body"):
        judge(session, study, who)
    body = make_body(session)
    lead = factories.account(session, Role.ADMIN)
    appraisers.give_role(session, body, email=unseal(who.email_sealed), by=lead)
    with pytest.raises(Conflict, match="Declare"):
        judge(session, study, who)
    with pytest.raises(Refusal):
        appraisers.declare_interests(session, who, typed="  \n ")
    with pytest.raises(Refusal):
        appraisers.declare_interests(session, who, typed="none\nCasa Alivio")
    assert appraisers.declare_interests(session, who, typed="None.").interests == ["none"]
    judge(session, study, who)


def test_an_appraisal_that_does_not_count_counts_no_more_once_the_role_has_ended(session: Session) -> None:
    body = make_body(session, "Agency that paid")
    study, who = published(session, paid_by=body.name), appraiser(session)
    row = judge(session, study, who)
    appraisers.end_role(session, who)
    appraisers.give_role(session, body, email=unseal(who.email_sealed), by=work(session, body))
    for _role in ("held", "ended"):
        appraisal.check_again(session, study)
        assert row.conflicts == ["paid:invited"]
        appraisers.end_role(session, who)


def test_a_conflict_that_comes_up_later_takes_the_appraisal_out_of_the_sum(session: Session) -> None:
    author, who = person(session), person(session)
    study = published(session, author)
    row = judge(session, study, appraiser(session, account=who))
    judge(session, study, appraiser(session), GradeDomain.BIAS)
    assert (study.appraised, study.certainty) == (2, 1)
    organisation(session, "Joined later", author, who)
    assert appraisal.check_again(session, study) == 1
    assert row.conflicts == ["author:name", "author:organisation"]
    assert (study.appraised, study.certainty) == (1, 1)


def test_one_organisation_has_one_voice(session: Session) -> None:
    study, one, other = published(session), person(session), person(session)
    organisation(session, "Institute", one, other)
    judge(session, study, appraiser(session, account=one))
    with pytest.raises(Forbidden, match="Each organisation can give one review"):
        judge(session, study, appraiser(session, account=other))


def test_only_a_lead_of_the_body_asks_appraisers(session: Session) -> None:
    body, stranger, who = make_body(session), person(session, Role.POLICYMAKER), person(session)
    with pytest.raises(Forbidden):
        appraisers.give_role(session, body, email=unseal(who.email_sealed), by=stranger)
    appraiser(session, account=who, body=body)
    appraisers.end_role(session, who)
    assert appraisers.find_appraiser(session, who) is None
