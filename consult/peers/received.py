"""Lists of partners: their signature and every record are checked before anything is kept. Pure."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from consult.peers import keys
from consult.peers.model import ItemKind

MOST_RECORD = 64 * 1024
MOST_RECORDS = 1_500
_NAME = re.compile(r"(?:consultation|signal|case-study):[\w.~-]{1,200}", re.A)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_TEXTS = {"title": 500, "text": 10_000, "by": 500, "level": 40, "state": 40, "country": 2, "region": 10, "url": 2_000}
_PARTS = ("title", "sold_as", "signs", "do", "kind")


class ListRefused(ValueError):
    """A list that must not be used. Its message is for administrators."""


@dataclass(frozen=True)
class ReceivedList:
    """A valid list. `records` are by name."""

    text: str
    signature: bytes
    position: int
    records: dict[str, tuple[dict[str, Any], bytes]]


def read_list(body: bytes, *, key: bytes, installation: str, address: str) -> ReceivedList:
    """Return the list in a response, checked against the pinned key. Raises ListRefused."""
    try:
        document = json.loads(body)
        text, signature = document["list"], b64decode(document["signature"], validate=True)
        texts = document["records"]
        if not isinstance(text, str) or not isinstance(texts, dict):
            raise ListRefused("unreadable")
        if not keys.is_signed(key, text, signature):
            raise ListRefused("signature")
        listed = json.loads(text)
        position, names = listed["as_of"], listed["records"]
        if listed["v"] != 1 or listed["installation"] != installation or type(position) is not int:
            raise ListRefused("other installation or version")
        if not 0 <= position < 2**53 or len(names) > MOST_RECORDS or set(names) != set(texts):
            raise ListRefused("incomplete")
        records = [_read_record(str(name), texts[name], address) for name in names]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise error if isinstance(error, ListRefused) else ListRefused("unreadable") from error
    by_name = {record["id"]: (record, digest) for record, digest in records}
    if len(by_name) != len(records):
        raise ListRefused("the same record twice")
    return ReceivedList(text, signature, position, by_name)


def _read_record(name: str, text: str, address: str) -> tuple[dict[str, Any], bytes]:
    """Return a record with the fields that pages show, and its hash."""
    data = text.encode()
    digest = sha256(data).digest()
    if digest.hex() != name or len(data) > MOST_RECORD:
        raise ListRefused("record")
    given = json.loads(text)
    record = {key: given[key] for key in _TEXTS if isinstance(given.get(key), str)}
    record |= {"id": given["id"], "kind": ItemKind(given["kind"]), "language": given["language"]}
    if any(len(record[key]) > most for key, most in _TEXTS.items() if key in record):
        raise ListRefused("a text is too long")
    if not _NAME.fullmatch(record["id"]) or not _LANGUAGE.fullmatch(record["language"]) or not record["title"].strip():
        raise ListRefused("record")
    if not record["url"].startswith(address) or not record["url"].isprintable():
        raise ListRefused("an address of another site")
    for key in ("opens_at", "closes_at"):
        if key in given:
            moment = datetime.fromisoformat(given[key])
            if moment.tzinfo is None:
                raise ListRefused("a time without zone")
            record[key] = moment.isoformat()
    if record["kind"] is ItemKind.WARNING:
        record["warning"] = {
            part: given["warning"][part][:2_000] for part in _PARTS if isinstance(given["warning"].get(part), str)
        }
    return record, digest
