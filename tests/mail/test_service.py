from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.core.crypto import unseal
from consult.mail import service
from consult.mail.message import HeaderRefused
from consult.mail.model import Letter, LetterContent, State
from consult.mail.render import TemplateBroken
from consult.mail.service import AddressRefused, LetterCopy

Post = Callable[..., Letter]


def test_the_same_reason_is_the_same_letter(session: Session, post: Post) -> None:
    first = post(key="receipt:7", who="Ada")
    again = post(key="receipt:7", who="Grace")
    assert again.id == first.id
    assert session.scalar(select(LetterContent.built)) == 1


def test_a_letter_is_written_only_if_its_transaction_is(session: Session) -> None:
    service.post(session, key="x", to="ada@example.org", template="test/note", language="en", who="Ada")
    session.rollback()
    assert session.scalars(select(Letter)).all() == []
    assert session.scalars(select(LetterContent)).all() == []


def test_the_same_reason_after_the_letter_went_leaves_no_second_content(session: Session, post: Post) -> None:
    letter = post(key="receipt:7")
    content_id = letter.content_id
    session.execute(text("UPDATE letter SET state = 'sent', content_id = NULL, to_sealed = NULL"))
    session.execute(text("DELETE FROM letter_content WHERE id = :id"), {"id": content_id})
    session.commit()
    assert post(key="receipt:7").state is State.SENT
    assert session.scalars(select(LetterContent)).all() == []


def test_an_address_and_words_lie_in_the_database_only_sealed(session: Session, post: Post) -> None:
    post(key="k", who="Ada Lovelace", fields={"secret": "seven words"}, headers={"X-Note": "{{secret}}"})
    stored = session.execute(text("SELECT l::text || c::text FROM letter l, letter_content c")).scalar_one()
    for words in ("ada@", "Lovelace", "seven"):
        assert words not in stored
        assert words.encode().hex() not in stored
    letter = session.scalars(select(Letter)).one()
    assert unseal(letter.to_sealed or b"") == "ada@example.org"


@pytest.mark.parametrize(
    "address",
    ["ada@example.org\r\nBcc: x@y", "ada@example.org\n", "ada", "a b@example.org", "ada@example.org,eve@example.org",
     "<ada@example.org>", "ada@exa\x00mple.org", "\u202eada@example.org", "a" * 250 + "@example.org"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(post: Post, address: str) -> None:
    with pytest.raises(AddressRefused):
        post(key="k", to=address)


@pytest.mark.parametrize(
    ("name", "value"), [("X-Note", "a\r\nBcc: x@y"), ("X-Note", "a\nb"), ("X Note", "a"), ("X-Note:\n", "a"), ("", "a")]
)
def test_a_line_end_in_a_header_is_refused(post: Post, name: str, value: str) -> None:
    with pytest.raises(HeaderRefused):
        post(headers={name: value})


def test_a_line_end_in_a_field_that_stands_in_a_header_is_refused(post: Post) -> None:
    with pytest.raises(HeaderRefused):
        post(headers={"X-Note": "<{{link}}>"}, fields={"link": "a\r\nBcc: x@y"})


def test_a_line_end_in_what_makes_a_subject_ends_as_a_space(session: Session, post: Post) -> None:
    letter = post(subject="one\r\nBcc: x@y")
    content = session.get_one(LetterContent, letter.content_id)
    assert '"subject": "A note about one' in unseal(content.sealed)


def test_a_template_without_a_subject_is_a_defect(post: Post) -> None:
    with pytest.raises(TemplateBroken):
        post(template="test/broken")


def test_an_edition_is_rendered_once_for_all_its_readers(session: Session) -> None:
    copies = [LetterCopy(f"edition:{n}", f"reader{n}@example.org", fields={"stop": f"s{n}"}) for n in range(300)]
    said = {"shared_key": "edition", "template": "test/edition", "language": "en", "quote": "words"}
    first = service.post_all(session, copies=copies, **said)
    again = service.post_all(session, copies=copies, **said)
    session.commit()
    assert again == first
    assert len(first) == 300
    assert session.scalars(select(LetterContent.built)).all() == [300]


def test_a_cancelled_letter_says_why_and_forgets_the_address(session: Session, post: Post) -> None:
    letter = post()
    service.cancel(session, letter_ids=[letter.id], reason="unsubscribed")
    session.commit()
    assert (letter.state, letter.reason, letter.to_sealed) == (State.SUPPRESSED, "unsubscribed", None)
