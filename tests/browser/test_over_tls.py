"""Every form behind a secret link, sent over TLS through nginx by a browser that sends no Referer from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request, request_started
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from consult.accounts import deletion, service
from consult.accounts.email_address import service as email_change
from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.crypto import blind_index, unseal
from consult.core.web.access import Role
from consult.core.web.csrf import RESENT_FIELD
from consult.decisions.model import Reason
from consult.mail import suppression
from consult.moderation import service as moderation
from consult.moderation.model import DecisionOutcome
from consult.responses.evaluation import service as evaluation
from consult.signals.watchers import service as watchers
from consult.signals.watchers.service import WatchFilter
from consult.submissions import service as submissions
from consult.submissions.coalitions import service as coalitions
from consult.submissions.model import Submission
from tests import factories, filing, nginx
from tests.accounts.letters import letters
from tests.arguments.speaking import NEEDLES, PRISONS, said
from tests.browser import checks
from tests.browser.conftest import DESK, SMALL, Visitor, _cookie
from tests.browser.hands import Chromium, Firefox, Hand
from tests.core.web.test_csrf import WITHOUT_TOKEN
from tests.files.samples import pdf
from tests.responses import test_evaluation as evaluating
from tests.rules.test_routes import table

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not nginx.NGINX, reason=nginx.NONE)]
PASSWORD = "correct horse battery"
SEND = "main form[method=post] button"


class Case:
    """Somebody at a browser, and rows to walk on."""

    def __init__(self, hand: Hand, application: Flask, session: Session) -> None:
        self.hand, self.application, self.session = hand, application, session

    def letter(self, to: str) -> str:
        """Return the link to such a page from the newest e-mail that has one."""
        self.session.rollback()
        return [letter.path for letter in letters(self.session) if letter.path.startswith(to)][-1]

    def account(self, *, password: str = PASSWORD, signed_in: bool = True, **values: Any) -> Account:
        account = factories.account(self.session, **values)
        if password:
            service.set_password(self.session, account, password=password)
        else:
            account.password_hash = None
        self.session.commit()
        if signed_in:
            self.hand.carry(self.application.config["SESSION_COOKIE_NAME"], _cookie(self.application, account))
        return account

    def private(self, outcome: DecisionOutcome | None = None, **by: Any) -> tuple[Submission, str]:
        """A submission, with what a moderator decided, and its secret address."""
        row = filing.file(self.session, factories.consultation(self.session), "Sixty per cent is low.", **by)
        if outcome:
            moderation.decide(
                self.session, moderator=factories.account(self.session, Role.MODERATOR), submission_id=row.id,
                revision=row.revision, outcome=outcome, reason=Reason.THIRD_PERSON, note="Who is it?",
            )  # fmt: skip
        self.session.commit()
        return row, f"/r/{row.reference}/{submissions.author_secret(row)}"

    def go(self, path: str, button: str = SEND, **typed: str) -> str:
        """Opens the page, fills it in, presses the button; gives what the answer says."""
        self.hand.open(path)
        for name, words in typed.items():
            self.hand.fill(name, words)
        self.hand.press(button)
        return self.hand.text()


def join(case: Case) -> str:
    secret = service.invite(case.session, email="first@example.org", role=Role.ADMIN)
    case.session.commit()
    return case.go(f"/join/{secret}", name="First", password=PASSWORD)


def reset(case: Case) -> str:
    case.account(email="lost@example.org", signed_in=False)
    case.go("/reset", email="lost@example.org")
    case.go(case.letter("/reset/"), password="another horse battery")
    return case.go("/sign-in", email="lost@example.org", password="another horse battery")


def sign_in_link(case: Case) -> str:
    case.account(email="link@example.org", signed_in=False)
    case.go("/sign-in/link", email="link@example.org")
    return case.go(case.letter("/sign-in/link/"))


def follow(case: Case) -> str:
    slug = factories.consultation(case.session).slug
    case.session.commit()
    case.go(f"/c/{slug}/follow", email="follower@example.org")
    return case.go(case.letter("/follow/"))


def amend(case: Case) -> str:
    return case.go(case.private(DecisionOutcome.RETURN)[1], "button[formaction*='/respond/amend/']")


def answer(case: Case) -> str:
    return case.go(case.private(DecisionOutcome.RETURN)[1], "form[action$='/answer'] button", reply="It is nobody.")


def withdraw(case: Case) -> str:
    return case.go(f"{case.private()[1]}/withdraw")


def erase(case: Case) -> str:
    return case.go(f"{case.private()[1]}/erase")


def ask_to_join(case: Case) -> str:
    return case.go(f"{case.private()[1]}/join", organisation_name=_known(case))


def _known(case: Case) -> str:
    name = factories.organisation(case.session).name
    case.session.commit()
    return str(name)


def do_without(case: Case) -> str:
    row, path = case.private()
    coalitions.invite(case.session, submission=row, name=_known(case))
    case.session.commit()
    return case.go(f"{path}/join", "form[action*='/join/'] button[value=leave]")


def mandate(case: Case, tmp_path: Path) -> str:
    minutes = tmp_path / "minutes.pdf"
    minutes.write_bytes(pdf("Minutes"))
    case.hand.open(f"{case.private(organisation='River Network')[1]}/join")
    case.hand.choose("file", minutes)
    case.hand.fill("description", "Decided by the assembly.")
    case.hand.press("form[enctype] button.button")
    return case.hand.text()


def appeal(case: Case) -> str:
    return case.go(f"{case.private(DecisionOutcome.WITHHOLD)[1]}/appeal", words="I name nobody.")


def evaluate(case: Case) -> str:
    _row, mine = evaluating.opened(case.session)
    evaluation.give(case.session, mine, answers=evaluating.ALL)
    case.session.commit()
    return case.go(f"/r/{mine.reference}/{submissions.author_secret(mine)}/evaluation")


def say_not_my_point(case: Case) -> str:
    row = factories.consultation(case.session)
    mine = filing.file(case.session, row, NEEDLES[0], published=True)
    said(case.session, row, *NEEDLES[1:], *PRISONS)
    return case.go(f"/r/{mine.reference}/{submissions.author_secret(mine)}", "form[action$='/not-my-point'] button")


def be_told(case: Case) -> str:
    watchers.request_confirmation(case.session, email="told@new.example", wish=WatchFilter(countries=["EC"]))
    case.session.commit()
    return case.go(case.letter("/signals/watcher/"))


def approve_address(case: Case) -> str:
    case.account(password="")
    case.go("/account/address", email="approved@new.example")
    return case.go(case.letter("/account/address/approve/"))


def confirm_address(case: Case) -> str:
    account = case.account()
    email_change.request_change(case.session, account, email="moved@new.example", current=PASSWORD)
    case.session.commit()
    return case.go(case.letter("/account/address/confirm/"))


def undo_address(case: Case) -> str:
    confirm_address(case)
    return case.go(case.letter("/account/address/undo/"))


def address_arrives(case: Case) -> str:
    address = unseal(case.account().email_sealed)
    for days in (2, 0):
        when = now() - timedelta(days=days)
        suppression.note_failure(case.session, blind_index(address), "5.1.1", at=when)
    case.session.commit()
    case.go("/account", "form[action$='/address/arrives'] button")
    return case.go(case.letter("/account/address/arrives/"))


def delete_by_link(case: Case) -> str:
    deletion.send_link(case.session, case.account(password="", signed_in=False))
    case.session.commit()
    return case.go(case.letter("/account/delete/"))


def delete(case: Case) -> str:
    case.account()
    return case.go("/account/delete", current=PASSWORD)


def sign_out(case: Case) -> str:
    case.account()
    case.hand.open("/account/delete")  # the menu's form, on a page that sends no Referer
    case.hand.press("form[action='/sign-out'] button")
    return case.hand.text()


WALKS: dict[str, tuple[Callable[..., str], str]] = {
    "/join/<token>": (join, "Your workspace"),
    "/reset/<token>": (reset, "My submissions"),
    "/sign-in/link/<token>": (sign_in_link, "My submissions"),
    "/follow/<token>": (follow, "You follow this consultation"),
    "/c/<slug>/respond/amend/<reference>/<secret>": (amend, "Sixty per cent is low."),
    "/r/<reference>/<secret>/answer": (answer, "Message sent."),
    "/r/<reference>/<secret>/withdraw": (withdraw, "Submission withdrawn."),
    "/r/<reference>/<secret>/erase": (erase, "Submission erased."),
    "/r/<reference>/<secret>/join": (ask_to_join, "Invitation to co-sign sent."),
    "/r/<reference>/<secret>/join/<int:number>": (do_without, "The organisation does not co-sign your submission."),
    "/r/<reference>/<secret>/mandate": (mandate, "Mandate file saved"),
    "/r/<reference>/<secret>/appeal": (appeal, "Appeal sent."),
    "/r/<reference>/<secret>/evaluation": (evaluate, "Your responses are saved"),
    "/r/<reference>/<secret>/not-my-point": (say_not_my_point, "The team will check this."),
    "/signals/watcher/<token>": (be_told, "E-mail address confirmed."),
    "/account/address/approve/<token>": (
        approve_address,
        "We are sending an e-mail to the e-mail address you entered.",
    ),
    "/account/address/confirm/<token>": (confirm_address, "E-mail address changed."),
    "/account/address/undo/<token>": (undo_address, "Your account uses its old e-mail address"),
    "/account/address/arrives/<token>": (address_arrives, "We will resume sending you e-mail."),
    "/account/delete/<token>": (delete_by_link, "Your account is deleted."),
    "/account/delete": (delete, "Your account is deleted."),
    "/sign-out": (sign_out, "You have signed out."),
}
"""How each form behind a secret link is reached and sent, and what the page that answers says."""


@pytest.fixture(params=["chromium", "firefox"])
def hand(request: pytest.FixtureRequest, address: str) -> Iterator[Hand]:
    if request.param == "firefox":
        fox = request.getfixturevalue("firefox")
        fox.driver.delete_all_cookies()
        yield fox
        return
    chromium: Browser = request.getfixturevalue("chromium")
    context = chromium.new_context(base_url=address, locale="en")
    yield Chromium(context, address)
    context.close()


@pytest.fixture(scope="session")
def firefox(address: str) -> Iterator[Firefox]:
    fox = Firefox(address)
    yield fox
    fox.close()


@pytest.fixture
def sent(application: Flask) -> Iterator[list[tuple[str, dict[str, str | None]]]]:
    """The forms that arrive: the rule, and what the browser says of where it was."""
    found: list[tuple[str, dict[str, str | None]]] = []

    def note(_application: Flask, **_more: Any) -> None:
        if request.method == "POST" and request.url_rule:
            told = {name: request.headers.get(name) for name in ("Referer", "Origin", "Sec-Fetch-Site")}
            found.append((request.url_rule.rule.replace("(max=9223372036854775807)", ""), told))

    with request_started.connected_to(note, application):
        yield found


def test_every_form_behind_a_secret_link_is_walked() -> None:
    secret = {rule for rule, method, _who in table() if method == "POST" and ("<token>" in rule or "<secret>" in rule)}
    assert secret - WITHOUT_TOKEN <= WALKS.keys()


@pytest.mark.parametrize("rule", WALKS)
def test_a_form_behind_a_secret_link_is_sent_over_tls(
    application: Flask, session: Session, hand: Hand, sent: list[Any], rule: str, tmp_path: Path
) -> None:
    walk, said = WALKS[rule]
    shown = walk(Case(hand, application, session), *([tmp_path] if walk is mandate else []))
    assert said in shown
    where = [told for arrived, told in sent if arrived == rule]
    assert where == [{"Referer": None, "Origin": "null", "Sec-Fetch-Site": "same-origin"}]


def test_a_browser_that_never_sends_a_referer_can_sign_in_and_comment(
    application: Flask, session: Session, address: str, sent: list[Any]
) -> None:
    fox = Firefox(address, **{"network.http.sendRefererHeader": 0})
    try:
        case = Case(fox, application, session)
        case.account(email="silent@example.org", signed_in=False)
        assert "My submissions" in case.go("/sign-in", email="silent@example.org", password=PASSWORD)
        slug = factories.consultation(session).slug
        session.commit()
        fox.open(f"/c/{slug}/respond/comment/2.1")
        fox.tick("stance", "drop")
        fox.fill("body", "Sixty per cent is low.")
        fox.press("form.composer button.button")
        fox.open(f"/c/{slug}/respond/check")
        assert "Sixty per cent is low." in fox.text()
    finally:
        fox.close()
    assert {told["Referer"] for _rule, told in sent} == {None}


@pytest.mark.parametrize(("lang", "width"), [("en", DESK), ("ar", SMALL)])
def test_a_form_that_was_open_too_long_is_sent_again_with_one_press(
    visit: Visitor, session: Session, lang: str, width: int
) -> None:
    slug = factories.consultation(session).slug
    session.commit()
    place = f"/c/{slug}/respond/comment/2.1"
    visited = visit(f"{place}?lang={lang}", lang=lang, width=width)
    page = visited.page
    page.locator('input[name="stance"][value="drop"]').check()
    page.locator("textarea#body").fill("Sixty per cent\nis low.")
    page.context.clear_cookies()
    page.locator("form.composer button.button").first.click()
    page.wait_for_selector(f'input[name="{RESENT_FIELD}"]', state="attached")
    assert "Sixty per cent\nis low." in page.locator("main blockquote").all_inner_texts()
    assert checks.accessibility(page) + checks.sideways(page) + checks.markup(page.content()) == []
    assert [said for said in visited.lasting if "400" not in said] == []
    page.locator("main form button").click()
    page.wait_for_url("**/draft/**")
    visited.go(place)
    assert page.locator("textarea#body").input_value() == "Sixty per cent\nis low."


def test_who_was_signed_out_while_writing_signs_in_beside_it_and_sends_the_words(
    application: Flask, session: Session, visit: Visitor
) -> None:
    account = factories.account(session, Role.POLICYMAKER, email="ines@beside.example")
    service.set_password(session, account, password=PASSWORD)
    session.commit()
    visited = visit("/account/name", cookie=_cookie(application, account))
    page = visited.page
    page.fill("main [name=name]", "Ines Two Names")
    page.context.clear_cookies()
    page.click(SEND)
    with page.context.expect_page() as opened:
        page.click("main a[target=_blank]")
    beside = opened.value
    beside.fill("[name=email]", "ines@beside.example")
    beside.fill("[name=password]", PASSWORD)
    beside.click(SEND)
    beside.wait_for_url("**/desk")
    assert checks.accessibility(page) + checks.markup(page.content()) == []
    page.click(SEND)
    page.get_by_text("You are now signed in").wait_for()
    page.click(SEND)
    page.wait_for_url("**/account")
    assert "Ines Two Names" in page.inner_text("main")


def test_a_form_of_another_site_is_refused(visit: Visitor, address: str) -> None:
    page = visit("/join").page
    page.goto("about:blank")
    page.set_content(f'<form method="post" action="{address}/join"><button>Win a prize</button></form>')
    page.click("button")
    page.get_by_text("Another website sent this form").wait_for()


def test_what_is_kept_is_taken_along_over_tls(application: Flask, session: Session, visit: Visitor) -> None:
    account = factories.account(session)
    _row, path = Case(None, application, session).private()  # type: ignore[arg-type]
    page = visit("/account/delete", cookie=_cookie(application, account)).page
    for at, link in (("/account/delete", "a[href='/account/data']"), (path, "main a[href$='/data']")):
        page.goto(at)
        with page.expect_download() as kept:
            page.click(link)
        assert kept.value.path().read_bytes()[:2] == b"PK"
