"""The letters in the outbox as their readers would see them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.crypto import unseal
from consult.mail import model


@dataclass(frozen=True)
class Letter:
    to: str
    subject: str
    text: str
    html: str

    @property
    def path(self) -> str:
        """The link in the letter, without the host."""
        found = re.search(r"https?://[^/\s]+(/\S+)", self.text)
        assert found, self.text
        return found[1]

    @property
    def token(self) -> str:
        return self.path.rsplit("/", 1)[1]


def letters(session: Session) -> list[Letter]:
    """All letters in the order in which they were written."""
    session.flush()
    rows = session.execute(
        select(model.Letter, model.LetterContent)
        .join(model.LetterContent, model.LetterContent.id == model.Letter.content_id)
        .order_by(model.Letter.id)
    )
    return [Letter(unseal(letter.to_sealed or b""), **json.loads(unseal(content.sealed))) for letter, content in rows]
