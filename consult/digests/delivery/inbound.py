"""E-mails that end a subscription: their subject is "unsubscribe" with the word from the foot of a digest."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from consult.core.errors import NotFound
from consult.digests.delivery import service
from consult.gateway import letters
from consult.gateway.readers import Reading

_UNSUBSCRIBE = re.compile(r"unsubscribe\s{1,20}([a-z0-9-]{8,80})", re.IGNORECASE)


def read_letter(session: Session, raw: bytes) -> Reading | None:
    """End the subscription that an e-mail names in its subject. Return None if it names none."""
    match = _UNSUBSCRIBE.search(letters.get_header(letters.parse(raw), "Subject"))
    if match is None:
        return None
    try:
        service.end_subscriptions(session, service.get_by_token(session, match.group(1).lower()))
    except NotFound:
        return None
    return Reading("unsubscribed")
