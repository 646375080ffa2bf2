"""Words hidden by a moderator are at no public address, whatever its format."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.analysis import service as analysis
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.web.access import Role
from consult.decisions.model import Reason
from consult.digests import service as digests
from consult.digests.model import Cadence
from consult.moderation import service
from consult.moderation import waiting_list as queue
from consult.moderation.bulk import service as bulk
from consult.moderation.model import DecisionOutcome
from consult.moderation.redaction import Redaction
from consult.moderation.service import ModerationVerdict
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import Stance, State, Submission
from consult.submissions.values import NewComment
from tests import factories
from tests.filing import numbered
from tests.forms import pressed
from tests.moderation.cases import filed, half_a_minute_later

SignIn = Callable[[Account], FlaskClient]
SECRET = "zanzibarine"
WORDS = f"Sixty is too low. Ask Doctor {SECRET} of the harbour clinic, who has counted the people who wait. Raise it."
_LINK = re.compile(r'(?:href|src|action)="(/[^"#]*)')
_ELSEWHERE = re.compile(r"^/(static|sign-in|register|kit|health|leave)")


@pytest.fixture
def consultation(session: Session) -> Consultation:
    return factories.consultation(session, questions=1)


def published(session: Session, consultation: Consultation, words: str, *, hide: str = "") -> Submission:
    moderator = factories.account(session, Role.MODERATOR)
    row = filed(session, consultation=consultation, body=words, stance=Stance.EVIDENCE)
    covers = []
    if hide:
        said = comments_queries.list_comments(session, row.id)[0]
        start = said.body.index(hide)
        covers = [Redaction(said.id, start, start + len(hide), Reason.THIRD_PERSON)]
    service.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.PUBLISH,
        covers=covers,
    )  # fmt: skip
    return row


def text_of(data: bytes) -> str:
    """Return the readable text of a response; of a workbook or document, from all its parts."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return "".join(parts.read(name).decode(errors="replace") for name in parts.namelist())
    return data.decode(errors="replace")


def followed(client: FlaskClient, *starts: str, most: int = 400) -> dict[str, str]:
    """Every address that links lead to, with what it answers."""
    waiting, found = list(starts), dict[str, str]()
    while waiting and len(found) < most:
        path = waiting.pop(0)
        if path in found or _ELSEWHERE.match(path):
            continue
        answer = client.get(path)
        found[path] = text_of(answer.data) if answer.status_code == 200 else ""
        waiting += [unescape(link) for link in _LINK.findall(found[path])]
        waiting += re.findall(r'https?://localhost(/[^"\s<>]*)', found[path]) if "json" in answer.mimetype else []
    return found


def test_hidden_words_are_on_no_page_that_links_lead_to(
    client: FlaskClient, sign_in: SignIn, session: Session, consultation: Consultation
) -> None:
    row = published(session, consultation, WORDS, hide=f"Doctor {SECRET}")
    published(session, consultation, "Another one, whole.")
    until, slug, reference = numbered(session), consultation.slug, row.reference
    analysis.FOLLOWER.follow(session, consultation_id=consultation.id, until=until)
    digests.compile_digest(session, consultation_id=consultation.id, cadence=Cadence.DAILY, slot_at=now())
    number, owner = (
        comments_queries.list_comments(session, row.id)[0].id,
        session.get_one(Account, consultation.owner_id),
    )
    starts = (
        "/", f"/c/{slug}", f"/c/{slug}/p/1.1", f"/c/{slug}/comments", f"/c/{slug}/comments/{reference}",
        f"/c/{slug}/comments?stance=evidence", f"/c/{slug}/annotations.jsonld", f"/r/{reference}",
        f"/c/{slug}/annotations/{number}.jsonld", f"/search?q={SECRET}", "/search?q=harbour", "/log", "/log.csv",
    )  # fmt: skip
    for browser in (client, sign_in(owner)):
        pages = followed(browser, *starts)
        assert [path for path, said in pages.items() if SECRET in said and SECRET not in path] == []
        assert sum("harbour clinic" in said for said in pages.values()) >= 4
        assert len(pages) > 30
    assert reference not in client.get(f"/search?q={SECRET}").text


@pytest.mark.parametrize("path", ["/c/{slug}/p/1.1", "/c/{slug}/comments", "/c/{slug}/comments?stance=evidence",
                                  "/c/{slug}/comments/{reference}"])  # fmt: skip
def test_where_words_are_hidden_the_public_reads_that_and_why(
    client: FlaskClient, session: Session, consultation: Consultation, path: str
) -> None:
    row = published(session, consultation, WORDS, hide=f"Doctor {SECRET}")
    page = client.get(path.format(slug=consultation.slug, reference=row.reference)).text
    assert "[hidden: Identifies another person]" in page
    assert SECRET not in page


@pytest.mark.parametrize("way", ["page", "several"])
def test_what_was_hidden_stays_hidden_when_its_author_changes_another_comment(
    client: FlaskClient, sign_in: SignIn, session: Session, consultation: Consultation, way: str
) -> None:
    """However it is published again; on its own page the moderator sees what is hidden and can show it again."""
    row = published(session, consultation, WORDS, hide=f"Doctor {SECRET}")
    said = comments_queries.list_comments(session, row.id)[0]
    kept = NewComment(said.provision_id, said.stance, said.body)
    submissions.amend(session, row, comments=[kept, NewComment(None, Stance.SUPPORT, "Something more.")])
    queue.requeue(session, [row.id])
    session.commit()
    moderator = factories.account(session, Role.MODERATOR)
    browser = sign_in(moderator)
    if way == "page":
        page = browser.get(f"/review/{row.id}").text
        assert "Publish with these words hidden" in page
        browser.post(f"/review/{row.id}", data=pressed(page, ("outcome", "publish")))
    else:
        bulk.propose(
            session,
            moderator=moderator,
            items=[(row.id, row.revision)],
            verdict=ModerationVerdict(DecisionOutcome.PUBLISH),
        )
    half_a_minute_later(session)
    assert row.state is State.PUBLISHED
    page = client.get(f"/c/{consultation.slug}/comments/{row.reference}").text
    assert "Something more." in page
    assert "[hidden: Identifies another person]" in page
    assert SECRET not in page


def test_a_moderator_can_show_again_what_was_hidden_before(
    client: FlaskClient, sign_in: SignIn, session: Session, consultation: Consultation
) -> None:
    row = published(session, consultation, WORDS, hide=f"Doctor {SECRET}")
    said = comments_queries.list_comments(session, row.id)[0]
    kept, more = (
        NewComment(said.provision_id, said.stance, said.body),
        NewComment(None, Stance.SUPPORT, "One more word."),
    )
    submissions.amend(session, row, comments=[kept, more])
    session.commit()
    browser, at = sign_in(factories.account(session, Role.MODERATOR)), f"/review/{row.id}"
    shown = browser.post(at, data=pressed(browser.get(at).text, ("do", "show:0")))
    browser.post(at, data=pressed(shown.text, ("outcome", "publish")))
    half_a_minute_later(session)
    assert SECRET in client.get(f"/c/{consultation.slug}/comments/{row.reference}").text
