"""Status of your submission: what the public sees, what the author sees, and what the author can do."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pikepdf
import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.web.access import Role
from consult.decisions.model import Reason
from consult.ledger import service as ledger
from consult.moderation import service as moderation
from consult.moderation.model import DecisionOutcome
from consult.submissions import queries
from consult.submissions import service as submissions
from consult.submissions.model import State, Submission
from consult.trace import receipt_pdf
from tests import factories, filing
from tests.accounts.letters import letters
from tests.counting import statements
from tests.forms import pressed
from tests.moderation.cases import filed

SignIn = Callable[[Account], FlaskClient]


def decide(
    session: Session, row: Submission, outcome: DecisionOutcome, reason: Reason | None = None, note: str = ""
) -> None:
    moderation.decide(
        session, moderator=factories.account(session, Role.MODERATOR), submission_id=row.id, revision=row.revision,
        outcome=outcome, reason=reason, note=note,
    )  # fmt: skip


def private(row: Submission, *rest: str) -> str:
    return "/".join(["", "r", row.reference, submissions.author_secret(row), *rest])


def standing(session: Session, row: Submission) -> str:
    session.refresh(row)
    return str(row.state)


def states(page: str) -> list[str]:
    """The titles of the timeline, in order."""
    line = page[page.index('<ol class="timeline">') : page.index("</ol>", page.index('<ol class="timeline">'))]
    return [re.sub(r"<span.*?</span>", "", title) for title in re.findall(r"<b>(.*?)</b>", line)]


def test_anybody_sees_the_way_of_a_submission_but_not_its_words(client: FlaskClient, session: Session) -> None:
    row = filed(session, body="Secret until published.")
    page = client.get(f"/r/{row.reference}")
    assert states(page.text) == ["Received", "Waiting for a moderator"]
    assert re.search(r"\d\d:00 CES?T", page.text), "by the clocks of the consultation"
    assert "UTC" not in page.text
    for hidden in ("Secret until", "Rosa", 'withdraw">', submissions.author_secret(row)):
        assert hidden not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"


def test_what_is_published_is_linked(client: FlaskClient, session: Session) -> None:
    row = filed(session)
    decide(session, row, DecisionOutcome.PUBLISH)
    page = client.get(f"/r/{row.reference}").text
    assert states(page)[:2] == ["Received", "Published"]
    address = re.search(r'href="(/c/[^"]+/comments/[^"]+)"', page)
    assert address
    assert client.get(address[1]).status_code == 200


def test_the_reason_is_public_and_the_note_is_for_the_author(client: FlaskClient, session: Session) -> None:
    row = filed(session)
    decide(session, row, DecisionOutcome.WITHHOLD, Reason.THIRD_PERSON, "You name your neighbour.")
    public, own = client.get(f"/r/{row.reference}").text, client.get(private(row)).text
    assert "Identifies another person" in public
    assert "neighbour" not in public
    assert "You name your neighbour." in own
    assert "may not have agreed to this" in own


@pytest.mark.parametrize("typed", ["{}", "{} ", "{lower}", "{spaced}"])
def test_a_reference_is_found_as_people_type_it(client: FlaskClient, session: Session, typed: str) -> None:
    row = filed(session)
    asked = typed.format(
        row.reference, lower=row.reference.lower(), spaced=row.reference.replace("-", " ")
    )  # fmt: skip
    answer = client.get("/r", query_string={"reference": asked}, follow_redirects=True)
    assert row.reference in answer.text
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "reference", ["DP27-0000-00", "x", "x" * 3000, "%00", "DP27-%F0%9F%98%80", "..", "%2e%2e%2fhealth"]
)
def test_a_reference_that_is_none_is_not_found(client: FlaskClient, reference: str) -> None:
    assert client.get(f"/r/{reference}").status_code == 404


@pytest.mark.parametrize("typed", ["", " ", "\u202e", "x" * 61])
def test_an_empty_look_up_asks_again(client: FlaskClient, typed: str) -> None:
    answer = client.get("/r", query_string={"reference": typed})
    assert answer.status_code == 200
    assert "There is a problem" in answer.text
    assert "There is a problem" not in client.get("/r").text


def test_the_private_link_shows_the_words_and_how_to_come_back(client: FlaskClient, session: Session) -> None:
    row = filed(session, body="My own words.")
    page = client.get(private(row))
    assert "My own words." in page.text
    assert "How to return to this page" in page.text
    assert private(row) in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("wrong", ["x", "", "a" * 32, "%00", "é"])
def test_a_wrong_private_link_opens_nothing(client: FlaskClient, session: Session, wrong: str) -> None:
    row, other = filed(session), filed(session)
    assert client.get(f"/r/{row.reference}/{wrong}").status_code in {404, 308}
    assert client.get(f"/r/{row.reference}/{submissions.author_secret(other)}").status_code == 404
    assert client.post(f"/r/{row.reference}/{wrong or 'x'}/withdraw").status_code == 404
    session.expire_all()
    assert row.state is State.PENDING


def test_its_author_signed_in_sees_the_same_without_the_link(sign_in: SignIn, session: Session) -> None:
    author, other = factories.account(session), factories.account(session)
    row = filed(session, body="My own words.", account_id=author.id)
    reference = row.reference
    own = sign_in(author).get(f"/r/{reference}").text
    assert "My own words." in own
    assert "Sign in and open" in own
    assert "My own words." not in sign_in(other).get(f"/r/{reference}").text


def test_the_author_withdraws_after_a_second_question(client: FlaskClient, session: Session) -> None:
    row = filed(session)
    decide(session, row, DecisionOutcome.PUBLISH)
    consultation, address = row.consultation_id, private(row, "withdraw")
    assert "This cannot be undone" in client.get(address).text
    assert standing(session, row) == "published"
    for _again in range(2):
        assert client.post(address).status_code == 303
    assert standing(session, row) == "withdrawn"
    assert states(client.get(f"/r/{row.reference}").text) == ["Received", "Published", "Withdrawn by its author"]
    assert "is already withdrawn" in client.get(address).text
    queries.audit(session, consultation)


def test_an_erased_submission_has_a_way_but_no_author_any_more(client: FlaskClient, session: Session) -> None:
    row = filed(session, body="Gone.")
    address = private(row)
    submissions.erase(session, row)
    page = client.get(f"/r/{row.reference}").text
    assert states(page) == ["Received", "Erased"]
    assert "Open your private link" not in page  # it opens nothing any more
    assert client.get(address).status_code == 404


def test_what_was_returned_is_changed_and_sent_in_again_by_the_link_of_the_first_receipt(
    client: FlaskClient, session: Session
) -> None:
    row = filed(session, body="Call me on 555.", email="rosa@example.org")
    receipt = letters(session)[-1].path
    decide(session, row, DecisionOutcome.RETURN, Reason.PERSONAL_DETAILS, "Leave out the number.")
    page = client.get(receipt).text
    assert "Leave out the number." in page
    action = re.search(r'action="(/c/[^"]+/respond/amend/[^"]+)"', page)
    assert action
    assert client.post(action[1]).status_code == 303
    slug = action[1].split("/")[2]
    check = client.get(f"/c/{slug}/respond/comment/1.1").text
    assert "Call me on 555." in check
    data = pressed(check, body="Write to me.", stance="drop")
    client.post(f"/c/{slug}/respond/comment/1.1", data=data)
    assert 'name="email"' not in client.get(f"/c/{slug}/respond/about").text, "letters go where the receipt went"
    check = f"/c/{slug}/respond/check"
    page = client.get(check).text
    assert "Shown only on the next page" not in page
    sent = client.post(check, data=pressed(page, having="mark"))
    assert sent.status_code == 303
    shown, changed = client.get(sent.location).text, ledger.list_history(session, subject_id=row.id)[-1]
    assert "We are sending a copy of this receipt by e-mail" not in shown, "there is one receipt"
    assert changed.commitment
    assert changed.commitment.hex() in shown
    assert f'datetime="{changed.at.isoformat()}"' in shown.partition("<dt>Changed</dt>")[2][:90]
    after = client.get(receipt)
    assert after.status_code == 200, "the link in the receipt must go on working"
    assert states(after.text) == [
        "Received", "Returned to its author", "Changed and sent again by the author", "Waiting for a moderator",
    ]  # fmt: skip
    assert "Write to me." in after.text
    assert "Leave out the number." not in after.text
    queries.audit(session, row.consultation_id)


@pytest.mark.parametrize("outcome", [None, DecisionOutcome.PUBLISH])
def test_until_closing_the_author_can_change_what_was_sent_and_everybody_sees_that_it_was_changed(
    client: FlaskClient, session: Session, outcome: Any
) -> None:
    row = filed(session)
    if outcome:
        decide(session, row, outcome)
    slug = session.get_one(Consultation, row.consultation_id).slug
    change = f"/c/{slug}/respond/amend/{row.reference}/{submissions.author_secret(row)}"
    assert change in client.get(private(row)).text
    assert client.post(change).status_code == 303
    client.post(f"/c/{slug}/respond/comment/2.1", data={"stance": "support", "body": "Added later."})
    page = client.get(f"/c/{slug}/respond/check").text
    assert client.post(f"/c/{slug}/respond/check", data=pressed(page, having="mark")).status_code == 303
    assert "Changed and sent again by the author" in client.get(f"/r/{row.reference}").text
    assert "Your text before" not in client.get(f"/r/{row.reference}").text, "only for the author"
    assert "Your text before" in client.get(private(row)).text
    session.expire_all()
    assert row.state is State.PENDING
    queries.audit(session, row.consultation_id)


@pytest.mark.parametrize("outcome", [None, DecisionOutcome.PUBLISH, DecisionOutcome.WITHHOLD])
def test_after_closing_only_what_was_returned_can_be_changed(
    client: FlaskClient, session: Session, outcome: Any
) -> None:
    row = filed(session)
    if outcome:
        decide(session, row, outcome, Reason.HATE)
    consultation = session.get_one(Consultation, row.consultation_id)
    consultation.opens_at, consultation.closes_at = now() - timedelta(days=9), now() - timedelta(hours=1)
    slug = re.search(r'href="/c/([^"/]+)"', client.get(f"/r/{row.reference}").text)
    assert slug
    assert "respond/amend" not in client.get(private(row)).text
    forged = f"/c/{slug[1]}/respond/amend/{row.reference}/{submissions.author_secret(row)}"
    assert client.post(forged).status_code == 409


def test_pages_cost_few_statements(client: FlaskClient, sign_in: SignIn, session: Session) -> None:
    author = factories.account(session)
    row = filed(session, account_id=author.id, comments=9)
    decide(session, row, DecisionOutcome.PUBLISH)
    ledger.number_entries(session)
    reference, link, browser = row.reference, private(row), sign_in(author)
    for visit, path, most in [(client, f"/r/{reference}", 4), (client, link, 11), (browser, f"/r/{reference}", 11)]:
        with statements() as seen:
            assert visit.get(path).status_code == 200
        assert len(seen) <= most, seen


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_receipt_on_paper_has_time_and_fingerprint_and_opens_nothing(
    client: FlaskClient, session: Session, lang: str
) -> None:
    row = filed(session, body="Keep this.")
    promise = ledger.list_history(session, subject_id=row.id)[0].commitment
    answer = client.get(private(row, f"receipt.pdf?lang={lang}"))
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/pdf", "no-store")
    with pikepdf.open(io.BytesIO(answer.data)) as paper:
        assert str(paper.Root.Lang)[:2] == lang
        assert len(paper.pages) == 1
        assert row.reference in str(paper.docinfo["/Title"])
    sheet = pypdfium2.PdfDocument(answer.data)
    words = sheet[0].get_textpage().get_text_bounded()
    sheet.close()
    assert promise is not None
    if lang == "en":  # of a page that runs to the left, the reader of this test gives the runs in another order
        assert promise.hex() in "".join(words.split())
        assert f"{row.received_at:%H:%M} UTC" in words
    assert submissions.author_secret(row) not in words
    assert client.get(f"/r/{row.reference}/guess/receipt.pdf").status_code == 404


@pytest.mark.parametrize("name", ["王小明", "Rosa 🙏", "أمل 🇨🇴", "\U00012000"])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_receipt_is_printed_for_a_name_of_any_script(
    client: FlaskClient, session: Session, name: str, lang: str
) -> None:
    row = filed(session, body="Keep this.", person_name=name)
    answer = client.get(private(row, f"receipt.pdf?lang={lang}"))
    assert answer.status_code == 200
    words = pypdfium2.PdfDocument(answer.data)[0].get_textpage().get_text_bounded()
    assert ("�" in words) == (name == "\U00012000")


def test_a_receipt_that_cannot_be_made_is_refused_with_a_sentence(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = filed(session, body="Keep this.")
    monkeypatch.setattr(receipt_pdf, "_blocks", lambda *_given: [{"is": "title"}])
    answer = client.get(private(row, "receipt.pdf"))
    assert answer.status_code == 503
    assert "We cannot make the PDF at the moment." in answer.text


def test_the_receipt_on_paper_of_what_was_changed_says_since_when_its_fingerprint_stands(
    client: FlaskClient, session: Session
) -> None:
    row = filed(session, body="Keep this.")
    later = row.received_at + timedelta(minutes=61)
    it = session.get_one(Consultation, row.consultation_id)
    submissions.amend(session, row, comments=[filing.comment(session, it, "Keep that.")], at=later)
    session.commit()
    sheet = pypdfium2.PdfDocument(client.get(private(row, "receipt.pdf")).data)
    words = " ".join(sheet[0].get_textpage().get_text_bounded().split())
    sheet.close()
    assert f"{row.received_at:%H:%M} UTC" in words
    assert re.search(f"In the public record since [^:]*{later:%H:%M} UTC", words)


def test_a_mistyped_reference_is_asked_for_again_with_what_was_typed(client: FlaskClient) -> None:
    answer = client.get("/r?reference=zzzz")
    assert answer.status_code == 404
    assert 'value="zzzz"' in answer.text
    assert "We cannot find a submission with this reference" in answer.text


def test_a_submission_came_in_on_the_same_day_on_every_page(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session, timezone="Asia/Tashkent", opens_at=now() - timedelta(days=9))
    late = (now() - timedelta(days=3)).replace(hour=20, minute=30)  # there it is the next day
    mine = filing.file(session, row, "Late in the evening.", published=True, at=late)
    session.commit()
    there, here = ((late + timedelta(days=n)).strftime("%-d %B %Y") for n in (1, 0))
    inside = (f"comments/{mine.reference}", "comments", "p/1.1")
    for address in (f"/r/{mine.reference}", *(f"/c/{row.slug}/{page}" for page in inside)):
        page = client.get(address).text
        assert there in page, address
        assert here not in page, address
