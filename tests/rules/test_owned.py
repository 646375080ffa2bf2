"""Routes with objects of one account, tried by the owner, by another account and by nobody.

The cases are the routes themselves. A route that takes an object and is not for everybody is tried here, or it is said
below why all who may enter share what it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from consult.accounts.organisations import service as organisations
from consult.accounts.passkeys.model import Passkey
from consult.accounts.sessions.model import AccountSession
from consult.accounts.single_sign_on.model import SignOnIdentity, SignOnProvider
from consult.accounts.tokens.model import AccessToken
from consult.api.webhooks import service as webhooks
from consult.arguments import queries
from consult.arguments.objections import service as objections
from consult.bodies import invitations
from consult.bodies.model import BodyRole
from consult.calls import service as calls
from consult.calls.model import CommentCall
from consult.consultations.drafts import service as drafts
from consult.consultations.imports import service as imports
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.model import Question
from consult.consultations.setup.forms import STEP_FORMS
from consult.core.clock import now
from consult.core.web.access import Allow, Role
from consult.countries import service as countries
from consult.countries.model import FactKind, Precision
from consult.countries.service import FactTerms
from consult.documents import queries as documents
from consult.moderation.policy import hold_rules
from consult.moderation.recourse.model import HoldRule, HoldRuleKind
from consult.plans.indicators import service as indicators
from consult.plans.model import ActionPlan, PlanAction
from consult.recommendations import service as recommendations
from consult.recommendations.matrices.reader import RecommendationRow
from consult.recommendations.model import CountryRecommendation, RecommendationSource
from consult.recommendations.service import SetTerms
from consult.submissions.coalitions import service as coalitions
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.evidence import service as evidence
from consult.submissions.model import Comment, Evidence, EvidenceKind, PlacedBy, Placement, Stance
from consult.taxonomy import service as taxonomy
from consult.taxonomy import skos
from tests import factories, filing, signing
from tests.arguments.speaking import PRISONS, claim, holding
from tests.bodies.working import lead_body
from tests.case_studies.written import written
from tests.plans.planned import planned
from tests.responses.answering import argued

SignIn = Callable[[Any], FlaskClient]
CALLS = "/org/<int(max=9223372036854775807):organisation_id>/calls/"
BETTER = "Each State shall report twice a year."
TEXT = "# Plan\n\n## 1 Aims\n\n1.1 Each State shall report every year to the public.\n"
SHARED = {  # why; what ends with a stroke is the beginning of several
    "/review/": "moderators share one queue; what one of them may not decide is refused by name",
    "/desk/digests/": "every policymaker reads every edition",
    "/desk/subscriptions/<slug>": "one's own, by the account",
    "/desk/subscriptions/<slug>/end": "one's own, by the account",
    "/people/": "administrators give roles to everybody",
    "/desk/bodies/<slug>/merge": "administrators merge any two",
    "/desk/site/": "administrators speak for the whole site",
    "/operator/inbound/": "administrators share one quarantine",
    "/actions/<int(max=9223372036854775807):number>/report": "whoever signed in may; in whose name, the service says",
    "/actions/<int(max=9223372036854775807):number>/watch": "one's own, by the account",
    "/appeals/": "who may is said by the service: tests/decisions/test_recourse.py tries it by others",
    "/action-reports/": "who may is said by the service: tests/plans/test_report_files.py tries it by others",
    "/account/address/confirm/": "opened by the secret of a letter",
    "/c/<slug>/campaigns/declare": "for whoever has sent the text",
    "/c/<slug>/facilitate": "for those whom the owner allows",
    "/c/<slug>/respond/hand-over": "one's own draft, by the account",
    "/my/drafts/": "tests/submissions/test_coalition_notes.py tries who may read a draft before it is signed",
    "/evidence/case-studies/<slug>/used": "whoever is signed in may tell; a moderator reads it",
    "/evidence/case-studies/<slug>/decline": "one's own, by the account",
    "/evidence/case-studies/<slug>/appraise": "for those whom a body has asked: tests/case_studies/test_conflicts.py",
    "/practice/<slug>/erase": "tests/practice tries it by somebody else",
    "/organisations/": "for members: test_sample_pages.py in tests/signals tries others",
    "/signals/": "what is done in the name of a body or an organisation: tests/signals tries it by others",
}
READ_BY_ALL = {  # what is published is worked on by its owner, and read by others at the desk
    "arguments.work", "arguments.unplaced",
    "responses.answer", "responses.desk",
}  # fmt: skip


def of_somebody(application: Flask) -> Iterator[tuple[str, Rule]]:
    """Every method of every route that takes an object and lets in only some: its owner, or so it should be."""
    shared = tuple(beginning for beginning in SHARED if beginning.endswith("/"))
    for rule in application.url_map.iter_rules():
        allow = getattr(application.view_functions[rule.endpoint], "allow", Allow.ANYONE)
        if rule.arguments and allow not in {Allow.ANYONE, Allow.DEMO, Allow.PROGRAM} and rule.rule not in SHARED:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                if not rule.rule.startswith(shared) and (method == "POST" or rule.endpoint not in READ_BY_ALL):
                    yield method, rule


class World:
    """Somebody with one of everything that can be theirs."""

    def __init__(self, session: Session) -> None:
        self.session, self.owner = session, factories.account(session, Role.POLICYMAKER)
        self.row, argument = argued(session, owner=self.owner, questions=1)
        self.body, other = (lead_body(session, self.owner) for _ in range(2))  # it leads both that ask
        self.row.body_id, self.body.country = self.body.id, "CR"
        asks = {"part": PartInConsultation.ASKS, "agreed_at": now()}
        session.add(ConsultationBody(consultation_id=self.row.id, body_id=other.id, **asks))
        organisation, member = factories.organisation(session), factories.account(session)
        organisations.add_member(session, organisation_id=organisation.id, account_id=self.owner.id, owner=True)
        organisations.add_member(session, organisation_id=organisation.id, account_id=member.id)
        sent = filing.file(session, self.row, "Said by an organisation.", published=True)
        sent.organisation_id = organisation.id
        evidence.attach(
            session, sent, [EvidenceItem(scheme="isbn", reference="9789211483524", kind=EvidenceKind.STUDY)]
        )
        piece = session.scalars(select(Evidence)).one()
        piece.shown = True
        joined = coalitions.invite(session, submission=filing.file(session, self.row, "Join."), name=organisation.name)
        taxonomy.load_pack(session, skos.read_pack(taxonomy.PACKS / "drug-policy.ttl"))
        statement = queries.list_quotes(session, argument.id, most=1).items[0].id
        objected = objections.file(session, filing.file(session, self.row, PRISONS[1], published=True),
                                   claim_id=claim(session, PRISONS[1]).id)  # fmt: skip
        self.numbers = {
            "/desk/arguments/of/<slug>/objections/": objected.id,
            "/desk/arguments/": argument.id, "/org/": organisation.id, "/c/<slug>/respond/as/": organisation.id,
            "/c/<slug>/evidence/": piece.id, "/desk/consultations/": self.row.id,
            "/account/sessions/": self.session_elsewhere(), "/account/security/passkeys/": self.passkey(),
            "/account/tokens/": self.access_token(), "/account/webhooks/": self.webhook(),
            "/account/sign-on/": self.identity(), "/desk/bodies/<slug>/memberships/": self.membership(),
            "/desk/bodies/": self.invited(), "/desk/countries/facts/": self.fact(),
            "/desk/recommendations/": self.recommendation(),
            "/evidence/case-studies/": written(session, self.owner).id,
        }  # fmt: skip
        self.numbers = {CALLS: self.call(organisation.id).id} | self.numbers
        self.plan, self.file = self.make_plan()
        self.known: dict[str, Any] = {
            "code": "I-1",
            "slug": self.row.slug, "step": next(iter(STEP_FORMS)), "organisation_id": organisation.id,
            "question_id": session.scalars(select(Question.id)).one(), "account_id": member.id,
            "rule_id": self.hold().id, "comment_id": self.waiting(), "signature": joined.id,
            "reference": sent.reference, "import_id": self.slow_file(),
            "other": holding(session, self.row, PRISONS[0]).id,
        }  # fmt: skip
        self.amendment = self.proposed()
        self.prepared: int | None = None  # a provision of the next version
        self.forms: dict[str, dict[str, Any]] = {  # where what was sent is read before it is asked whose it is
            "accounts.change_member": {"account": member.id, "change": "signs"},
            "consultations.agree": {"body": other.id, "do": "agree"},
            "bodies.change_member": {"account": self.owner.id, "role": "lead"},
            "arguments.merge": {"into": holding(session, self.row, PRISONS[0]).id},
            "arguments.name": {"name": "Exchange"},
            "arguments.sort": {"claim": statement, "to": "new", "words": "Apart"},
            "arguments.unplaced": {"claim": statement, "to": "new", "words": "Apart"},
            "speaking.sign": {"organisation": organisation.id},
        }

    def make_plan(self) -> tuple[ActionPlan, int]:
        """A public plan of its body, and a file for its indicator that is not kept."""
        plan = planned(self.session, self.body, by=self.owner)
        row = indicators.get_indicator(self.session, plan, "I-1")
        series = b"Year,Value\n2020,1\n2021,2\n"
        made = indicators.propose_import(self.session, plan, row, by=self.owner, name="a.csv", data=series)
        return plan, made.id

    def membership(self) -> int:
        return countries.add_membership(self.session, self.body, by=self.owner, source="Charter", country="CR").id

    def fact(self) -> int:
        """A law of the country of its body."""
        law = FactTerms(FactKind.LAW, now().date(), Precision.DAY, "Gazette", title="Law 1")
        return countries.keep_fact(self.session, "CR", by=self.owner, terms=law).id

    def recommendation(self) -> int:
        """A recommendation to the country of its body, given to the body and answered by an action."""
        rows = [RecommendationRow(1, "1", "Open clinics")]
        terms = SetTerms(RecommendationSource.UPR, "A/1", now().date(), "en")
        of_set, _kept = recommendations.keep(self.session, "CR", rows, by=self.owner, terms=terms, data=b"")
        row = self.session.scalars(select(CountryRecommendation).where(CountryRecommendation.set_id == of_set.id)).one()
        recommendations.give(self.session, row, "CR", [self.body.id], by=self.owner)
        return row.id

    def linked(self, number: int) -> int:
        """An action that is linked to the recommendation, again if it was unlinked."""
        row, of_set = recommendations.get(self.session, number)
        action = self.session.scalars(select(PlanAction).where(PlanAction.plan_id == self.plan.id)).first()
        assert action
        recommendations.link(self.session, row, of_set.country, action, by=self.owner)
        self.session.commit()
        return action.id

    def session_elsewhere(self) -> int:
        """Of its owner, on another device."""
        signing.session_token(self.session, self.owner)
        return self.session.scalars(select(AccountSession.id).where(AccountSession.account_id == self.owner.id)).one()

    def access_token(self) -> int:
        row = AccessToken(
            account_id=self.owner.id, name="A program", hash=b"token", scopes=[], made_at=now(), expires_at=now()
        )
        self.session.add(row)
        self.session.flush()
        return row.id

    def webhook(self) -> int:
        row, _secret = webhooks.add(
            self.session, self.owner, address="https://a.example", topics=["own"], organisation_id=None
        )
        return row.id

    def passkey(self) -> int:
        row = Passkey(account_id=self.owner.id, credential=b"1", public_key=b"", sign_count=0, name="Key",
                      transports=[], added_at=now(), used_at=None)  # fmt: skip
        self.session.add(row)
        self.session.flush()
        return row.id

    def identity(self) -> int:
        """At a provider of single sign-on."""
        provider = SignOnProvider(slug="ministry", name="Ministry", issuer="https://id.example", client_id="consult",
                                  domains=[], claim="", roles={}, own_factor=False, added_at=now())  # fmt: skip
        self.session.add(provider)
        self.session.flush()
        row = SignOnIdentity(provider_id=provider.id, subject="one", account_id=self.owner.id, linked_at=now())
        self.session.add(row)
        self.session.flush()
        return row.id

    def call(self, organisation_id: int) -> CommentCall:
        return calls.create(self.session, by=self.owner, organisation_id=organisation_id, consultation=self.row,
                            slug="call", language="en")  # fmt: skip

    def hold(self) -> HoldRule:
        return hold_rules.add(
            self.session, number=self.row.id, by=self.owner, name="Post", kind=HoldRuleKind.WORDS, text="spam"
        )  # fmt: skip

    def slow_file(self) -> int:
        row = imports.keep(self.session, consultation_id=self.row.id, page="draft", data=b"# Plan", name="plan.md")
        return row.id

    def waiting(self) -> int:
        """A comment that waits for its place."""
        comment = self.session.scalars(select(Comment.id).limit(1)).one()
        self.session.add(Placement(
            comment_id=comment, version_id=self.row.version_id, provision_id=None, anchor=None, confidence=0.1,
            placer=PlacedBy.PERSON, waits=True, actor=None, at=now(),
        ))  # fmt: skip
        return comment

    def invited(self) -> int:
        """An invitation to the body that waits for an answer."""
        invitations.invite(self.session, self.body, email="new@example.org", role=BodyRole.READER, by=self.owner)
        return invitations.list_waiting(self.session, self.body)[0][1].id

    def proposed(self) -> int:
        """A comment with new wording for its paragraph."""
        new = replace(filing.comment(self.session, self.row, BETTER), stance=Stance.WORDING, amendment=len(BETTER))
        sent = filing.file(self.session, self.row, new, published=True)
        return self.session.scalars(select(Comment.id).where(Comment.submission_id == sent.id)).one()

    def next_version(self) -> int:
        """One is prepared, whatever became of the last; gives a provision of it."""
        drafts.prepare_next(self.session, number=self.row.id, by=self.owner, text=TEXT)
        version = documents.get_latest(self.session, self.row.document_id)
        assert version
        return documents.list_provisions(self.session, version.id)[-1].id

    def ask(self, browser: FlaskClient, method: str, rule: Rule) -> TestResponse:
        number = next((n for start, n in self.numbers.items() if rule.rule.startswith(start)), None)
        first = documents.list_provisions(self.session, self.row.version_id or 0)[1].wid
        if self.prepared is None or "provision_id" in rule.arguments or "/next" in rule.rule:
            self.prepared = self.next_version()  # it takes longer than most pages
        more: dict[str, Any] = {"number": number, "provision_id": self.prepared, "wid": first}
        if rule.rule.startswith("/desk/bodies/"):
            more["slug"] = self.body.slug
        if rule.endpoint == "amendments.take":
            more["comment_id"] = self.amendment
        if rule.rule.startswith("/desk/countries/"):
            more["code"] = "CR"
        if rule.rule.startswith("/desk/recommendations/"):
            more |= {"slug": self.body.slug, "action_id": self.linked(number or 0)}
        if rule.rule.startswith("/desk/plans/"):
            more |= {"slug": self.plan.slug, "number": self.file if "/imports/" in rule.rule else "1.1"}
        known = {name: (self.known | more)[name] for name in rule.arguments}  # a KeyError: say above what it stands for
        path = browser.application.url_map.bind("localhost").build(rule.endpoint, known)
        return browser.open(path, method=method, data=self.forms.get(rule.endpoint, {}))


def in_order(case: tuple[str, Rule]) -> tuple[bool, bool, str]:
    """Reading first; last the publication, after which no comment waits."""
    method, rule = case
    return method == "POST", rule.rule.endswith("/next/publish"), rule.rule


def test_what_is_somebodys_own_opens_for_nobody_else(app: Flask, session: Session, sign_in: SignIn) -> None:
    it, cases = World(session), sorted(of_somebody(app), key=in_order)
    assert len(cases) > 60
    other, visitor = sign_in(factories.account(session, Role.POLICYMAKER)), app.test_client()

    def wrong(browser: FlaskClient, right: Callable[[TestResponse], bool]) -> list[tuple[str, str, int]]:
        answers = [(method, rule.rule, it.ask(browser, method, rule)) for method, rule in cases]
        return [(method, path, answer.status_code) for method, path, answer in answers if not right(answer)]

    assert wrong(other, lambda answer: answer.status_code in {403, 404}) == []
    assert wrong(visitor, lambda answer: answer.headers.get("Location", "").startswith("/sign-in")) == []
    assert wrong(sign_in(it.owner), lambda answer: answer.status_code not in {403, 404}) == []
