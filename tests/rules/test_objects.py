"""Private objects stay private: other people try every route with a submission's link or an unpublished draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, Rule

from consult.accounts.organisations import service as organisations
from consult.core.web.access import Role
from consult.submissions import service
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.draft import WHOLE_DRAFT, DraftComment
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.model import Draft, Stance
from tests import factories, filing

SignIn = Callable[[Any], FlaskClient]
WORDS = "Nobody but its author reads this."
_OF_DRAFTS = ("/c/<slug>/respond", "/c/<slug>/draft/<chapter>", "/my")
OTHERS = [None, Role.CONTRIBUTOR, Role.MODERATOR, Role.POLICYMAKER, Role.ADMIN]


def somebody(application: Flask, session: Session, sign_in: SignIn, role: Role | None) -> FlaskClient:
    return sign_in(factories.account(session, role)) if role else application.test_client()


def is_numbered(rule: Rule) -> bool:
    """Return True if its `number` is that of a row, not of a place in the text."""
    return isinstance(rule._converters.get("number"), IntegerConverter)


def filled(application: Flask, rule: Rule, **values: Any) -> str:
    known = {name: values.get(name, 1) for name in rule.arguments}
    return str(application.url_map.bind("localhost").build(rule.endpoint, known))


@pytest.mark.parametrize("role", OTHERS, ids=lambda role: role or "visitor")
def test_the_secret_of_one_submission_opens_no_other(
    app: Flask, session: Session, sign_in: SignIn, role: Role | None
) -> None:
    it = factories.consultation(session)
    row, other = filing.file(session, it, WORDS), filing.file(session, it, "Another's.")
    browser, wrong = somebody(app, session, sign_in, role), []
    rules = [rule for rule in app.url_map.iter_rules() if {"reference", "secret"} <= rule.arguments]
    assert len(rules) >= 8
    for rule in rules:
        for secret in (service.author_secret(other), "guess"):
            path = filled(app, rule, slug=it.slug, reference=row.reference, secret=secret)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                answer = browser.open(path, method=method)
                if answer.status_code != 404 or WORDS in answer.text:
                    wrong.append((method, rule.rule, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", OTHERS, ids=lambda role: role or "visitor")
@pytest.mark.parametrize("shared", [False, True], ids=["own", "of an organisation"])
def test_a_draft_is_shown_on_no_page_to_anybody_else(
    app: Flask, session: Session, sign_in: SignIn, role: Role | None, shared: bool
) -> None:
    it, author = factories.consultation(session, questions=1), factories.account(session)
    organisation = factories.organisation(session) if shared else None
    owner = DraftOwner(author.id, None, organisation.id if organisation else None)
    drafts.save_comment(
        session,
        consultation_id=it.id,
        owner=owner,
        provision_id=WHOLE_DRAFT,
        comment=DraftComment(WORDS, Stance.CONCERN),
        seen="",
    )
    chapter = comments_queries.get_provision_tree(session, it.version_id or 0).chapters[0].head.eid
    mine = session.scalars(select(Draft.id)).one()
    paths = [
        filled(app, rule, slug=it.slug, number=mine if is_numbered(rule) else "whole", chapter=chapter, key="1")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(_OF_DRAFTS) and "GET" in (rule.methods or ())
    ]
    assert len(paths) >= 8

    def showing(browser: FlaskClient) -> list[str]:
        if organisation:
            with browser.session_transaction() as cookie:
                cookie["for"] = {it.slug: organisation.id}  # as a browser would say that once was a member's
        return [path for path in paths if WORDS in browser.get(path).text]

    assert showing(somebody(app, session, sign_in, role)) == []
    if organisation:
        organisations.add_member(session, organisation_id=organisation.id, account_id=author.id)
    assert f"/c/{it.slug}/respond" in showing(sign_in(author))


@pytest.mark.parametrize("role", OTHERS, ids=lambda role: role or "visitor")
@pytest.mark.parametrize("shared", [False, True], ids=["own", "of an organisation"])
def test_a_draft_is_changed_and_taken_by_nobody_else(
    app: Flask, session: Session, sign_in: SignIn, role: Role | None, shared: bool
) -> None:
    it, author = factories.consultation(session), factories.account(session)
    organisation = factories.organisation(session) if shared else None
    owner = DraftOwner(author.id, None, organisation.id if organisation else None)
    number = comments_queries.get_provision_tree(session, it.version_id or 0).chapters[0].all[1]
    item = EvidenceItem(scheme="isbn", reference="9789211483524", key="abcd1234")
    drafts.save_comment(session, consultation_id=it.id, owner=owner, provision_id=number.id,
                comment=DraftComment(WORDS, Stance.CONCERN), seen="")  # fmt: skip
    drafts.change_evidence(session, consultation_id=it.id, owner=owner, change=lambda there: (*there, item))
    before = drafts.get_draft(session, consultation_id=it.id, owner=owner).writing
    browser = somebody(app, session, sign_in, role)
    if organisation:
        with browser.session_transaction() as cookie:
            cookie["for"] = {it.slug: organisation.id}
    sent = {"body": "Mine now.", "stance": "support", "do": "remove", "scheme": "isbn", "kind": "study", "to": "whole",
            "reference": "9789211483524", "description": "Mine.", "speaks": "none", "language": "en"}  # fmt: skip
    rules = [rule for rule in app.url_map.iter_rules()
             if rule.rule.startswith("/c/<slug>/respond") and "POST" in (rule.methods or ())]  # fmt: skip
    assert len(rules) >= 15
    for rule in rules:
        path = filled(app, rule, slug=it.slug, number=1 if rule.endpoint == "speaking.write_as" else number.number,
                      key=item.key, reference="x", secret="x")  # fmt: skip
        assert WORDS not in browser.post(path, data=sent).text, rule.rule
    session.expire_all()
    assert drafts.get_draft(session, consultation_id=it.id, owner=owner).writing == before


def test_the_author_may_open_each_page_of_a_submission_and_an_empty_form_breaks_none(
    app: Flask, session: Session
) -> None:
    it = factories.consultation(session)
    for rule in [rule for rule in app.url_map.iter_rules() if {"reference", "secret"} <= rule.arguments]:
        row = filing.file(session, it, WORDS)
        secret = service.author_secret(row)
        path = filled(app, rule, slug=it.slug, reference=row.reference, secret=secret, key="letter")
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = app.test_client().open(path, method=method)
            assert answer.status_code < 500, (method, rule.rule)
            # Nobody has joined, nobody is asked how it was before the end, and no statement is named.
            nothing = "joined" in rule.endpoint or rule.endpoint in ("evaluation.give", "trace.object_to_argument")
            assert answer.status_code != 404 or nothing, (method, rule.rule)
