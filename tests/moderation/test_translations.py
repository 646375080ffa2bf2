"""Translations made by people, beside the original: marked, linked, and never of words that are hidden."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.errors import NotFound, Refusal
from consult.core.web.access import Role
from consult.decisions.model import Reason
from consult.documents.model import Provision
from consult.ledger.model import Kind, LedgerEntry
from consult.moderation import service
from consult.moderation.model import DecisionOutcome
from consult.moderation.redaction import Redaction
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.comments import translations
from consult.submissions.model import Comment, Submission, Translation
from consult.submissions.values import NewComment
from tests import factories
from tests.counting import statements
from tests.forms import pressed
from tests.moderation.cases import filed
from tests.search.test_search import indexed

SignIn = Callable[[Account], FlaskClient]
SPANISH = "El sesenta por ciento es poco. Escriban a rosa@example.org."
ENGLISH = "Sixty per cent is little."


@pytest.fixture
def moderator(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR)


def spanish(session: Session, moderator: Account, *covers: tuple[int, int], published: bool = True) -> Submission:
    row = filed(session, body=SPANISH, language="es")
    if published:
        decide(session, moderator, row, *covers)
    return row


def decide(session: Session, moderator: Account, row: Submission, *covers: tuple[int, int]) -> None:
    said = comment(session, row)
    service.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.PUBLISH,
        covers=[Redaction(said.id, *span, Reason.PERSONAL_DETAILS) for span in covers],
    )  # fmt: skip


def comment(session: Session, row: Submission) -> Comment:
    return comments_queries.list_comments(session, row.id)[0]


def translate(session: Session, row: Submission, by: Account, body: str = ENGLISH, **values: str) -> Translation:
    said = comment(session, row)
    given = {"language": "en", "credit": "Language service", "mark": translations.get_source(session, said.id).mark}
    return translations.translate(session, comment_id=said.id, body=body, by=by.id, **{**given, **values})


def address(session: Session, row: Submission) -> str:
    return f"/c/{session.get_one(Consultation, row.consultation_id).slug}/comments/{row.reference}"


def test_the_public_reads_original_and_translation_and_who_made_it(
    client: FlaskClient, session: Session, moderator: Account
) -> None:
    row = spanish(session, moderator)
    translate(session, row, moderator)
    page = client.get(address(session, row)).text
    assert SPANISH.split(".")[0] in page
    assert ENGLISH in page
    assert "Translation by" in page
    assert "Language service" in page
    assert 'lang="en"' in page.split("Translation by")[1]
    assert moderator.display_name not in page


def test_a_translation_made_later_changes_the_page_that_browsers_hold(
    client: FlaskClient, session: Session, moderator: Account
) -> None:
    row = spanish(session, moderator)
    url = address(session, row)
    tag = client.get(url).headers["ETag"]
    translate(session, row, moderator)
    answer = client.get(url, headers={"If-None-Match": tag})
    assert (answer.status_code, ENGLISH in answer.text) == (200, True)


def test_what_is_hidden_later_is_not_read_in_the_translation(
    client: FlaskClient, session: Session, moderator: Account
) -> None:
    row = spanish(session, moderator)
    translate(session, row, moderator, "Sixty per cent is little. Write to rosa@example.org.")
    service.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.WITHHOLD,
        reason=Reason.PERSONAL_DETAILS,
    )  # fmt: skip
    start = SPANISH.index("rosa")
    decide(session, moderator, row, (start, start + len("rosa@example.org")))
    page = client.get(address(session, row)).text
    assert "rosa@example.org" not in page
    assert "Translation by" not in page
    translate(session, row, moderator, "Sixty per cent is little. Write to █████.")
    assert "Write to █████." in client.get(address(session, row)).text


def test_words_changed_by_their_author_lose_their_translation(session: Session, moderator: Account) -> None:
    row = spanish(session, moderator)
    translate(session, row, moderator)
    place = comment(session, row).provision_id
    submissions.amend(session, row, comments=[NewComment(place, None, "Otras palabras.")])
    assert session.scalars(select(Translation)).all() == []


def test_an_erased_submission_leaves_no_translation(session: Session, moderator: Account) -> None:
    row = spanish(session, moderator)
    number = comment(session, row).id
    translate(session, row, moderator)
    submissions.erase(session, row)
    assert session.scalars(select(Translation)).all() == []
    with pytest.raises(NotFound):
        translations.get_source(session, number)


def test_a_translation_of_other_words_is_refused(session: Session, moderator: Account) -> None:
    row = spanish(session, moderator)
    mark = translations.get_source(session, comment(session, row).id).mark
    start = SPANISH.index("rosa")
    service.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.WITHHOLD,
        reason=Reason.PERSONAL_DETAILS,
    )  # fmt: skip
    decide(session, moderator, row, (start, start + 4))
    with pytest.raises(translations.TranslationOutdated):
        translate(session, row, moderator, mark=mark)


@pytest.mark.parametrize("wrong", [{"language": "es"}, {"language": "xx"}, {"body": " "}, {"credit": " "}])
def test_what_is_no_translation_is_refused(session: Session, moderator: Account, wrong: dict[str, str]) -> None:
    row = spanish(session, moderator)
    with pytest.raises(Refusal):
        translate(session, row, moderator, **wrong)


def test_who_translated_when_is_in_the_ledger_under_a_pseudonym(session: Session, moderator: Account) -> None:
    row = spanish(session, moderator)
    translate(session, row, moderator)
    translations.remove(session, comment_id=comment(session, row).id, language="en", by=moderator.id)
    mine = select(LedgerEntry).where(
        LedgerEntry.kind == Kind.TRANSLATED, LedgerEntry.subject_id == comment(session, row).id
    )
    entries = session.scalars(mine.order_by(LedgerEntry.id)).all()
    assert [entry.detail for entry in entries] == [{"language": "en"}, {"language": "en", "removed": True}]
    assert all(entry.actor and moderator.display_name not in entry.actor for entry in entries)


def test_before_publishing_only_moderators_read_it(
    client: FlaskClient, sign_in: SignIn, session: Session, moderator: Account
) -> None:
    row = spanish(session, moderator, published=False)
    translate(session, row, moderator)
    assert client.get(address(session, row)).status_code == 404
    assert ENGLISH in sign_in(moderator).get(f"/review/{row.id}").text


def test_a_moderator_translates_side_by_side_and_takes_away(
    sign_in: SignIn, session: Session, moderator: Account
) -> None:
    row = spanish(session, moderator)
    number, submission = comment(session, row).id, row.id
    browser, url = sign_in(moderator), f"/review/comments/{number}/translation"
    assert url in browser.get(f"/review/{submission}").text
    page = browser.get(url).text
    assert 'lang="es"' in page
    empty = browser.post(url, data=pressed(page, body="", credit="X", language="en"))
    assert (empty.status_code, "Enter the translation." in empty.text) == (422, True)
    typed = {"body": ENGLISH, "credit": "Language service", "language": "en"}
    saved = browser.post(url, data=pressed(page, **typed))
    assert saved.location == f"/review/{submission}"
    page = browser.get(url).text
    assert ENGLISH in page
    browser.post(url, data=pressed(page, ("remove", "en")))
    assert session.scalars(select(Translation)).all() == []


def lists_of(session: Session, row: Submission) -> list[str]:
    """The pages on which a comment stands among others."""
    place = session.get_one(Provision, comment(session, row).provision_id)
    slug = session.get_one(Consultation, row.consultation_id).slug
    return [
        f"/c/{slug}/p/{place.number}", f"/c/{slug}/comments", f"/c/{slug}/comments?on={place.number}",
        f"/c/{slug}/search?q=sesenta",
    ]  # fmt: skip


def test_lists_show_the_translation_into_the_readers_language_and_link_to_the_others(
    client: FlaskClient, session: Session, moderator: Account
) -> None:
    row = spanish(session, moderator)
    translate(session, row, moderator)
    translate(session, row, moderator, "Soixante pour cent, c'est peu.", language="fr")
    indexed(session)
    one = f"{address(session, row)}#c{comment(session, row).id}"
    for path in lists_of(session, row):
        page = client.get(path).text
        assert "sesenta" in page, path
        assert ENGLISH in page, path
        assert "Translation by Language service" in page, path
        assert "Soixante" not in page, path
        others = page.split("Translated by people into:")[1].split("</a>")[0]
        assert '<bdi lang="fr">' in others, path
        assert f'<a href="{one}">Translated by people into:' in page, path


def test_lists_show_no_translation_of_words_that_are_hidden_by_now(
    client: FlaskClient, session: Session, moderator: Account
) -> None:
    row = spanish(session, moderator)
    translate(session, row, moderator, "Sixty per cent is little. Write to rosa@example.org.")
    service.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.WITHHOLD,
        reason=Reason.PERSONAL_DETAILS,
    )  # fmt: skip
    start = SPANISH.index("rosa")
    decide(session, moderator, row, (start, start + len("rosa@example.org")))
    indexed(session)
    for path in lists_of(session, row):
        page = client.get(path).text
        assert "sesenta" in page, path
        assert "rosa@" not in page, path
        assert "Translat" not in page, path


def test_authors_read_what_was_made_of_their_words_once_it_is_public(
    client: FlaskClient, session: Session, moderator: Account
) -> None:
    row = spanish(session, moderator, published=False)
    translate(session, row, moderator)
    story = f"/r/{row.reference}/{submissions.author_secret(row)}"
    assert ENGLISH not in client.get(story).text
    decide(session, moderator, row)
    page = client.get(story).text
    assert "Translation by Language service" in page
    assert ENGLISH in page


def test_the_page_of_a_submission_costs_the_same_with_translations(
    client: FlaskClient, session: Session, moderator: Account
) -> None:
    row = spanish(session, moderator)
    counted = []
    for language in ("en", "fr", "pt"):
        translate(session, row, moderator, language=language)
        url = address(session, row)
        session.commit()
        with statements() as seen:
            assert client.get(url).text.count("Translation by") == len(counted) + 1
        counted.append(len(seen))
    assert counted[1] == counted[2] <= 8
