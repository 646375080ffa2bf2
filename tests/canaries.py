"""Canaries, which must not be found, and all stored data to look for them in."""

from __future__ import annotations

import base64
import re
from collections import deque
from html import unescape
from pathlib import Path

import redis
from flask.testing import FlaskClient
from sqlalchemy import LargeBinary, inspect, text
from sqlalchemy.orm import Session

from consult.core.settings import Settings
from consult.core.web.limits import limiter

CANARY = {
    "email": "canary.person@nowhere-canary.example", "name": "Canaria Nightingale-Quux",
    "address": "203.0.113.77", "agent": "CanaryBrowser/77.7 (quux)",
}  # fmt: skip
_ELSEWHERE = re.compile(r"/(?:static|leave|sign|join)|.*[?&]lang=")


def holds(data: bytes, secret: str) -> bool:
    """Return True if the text occurs: plain, in UTF-16, hexadecimal or base 64, in any case."""
    plain, low = secret.casefold().encode(), data.lower()
    spellings = [plain, secret.casefold().encode("utf-16-le"), plain.hex().encode()]
    coded = base64.b64encode(secret.encode())[:-4]
    return any(spelling in low for spelling in spellings) or coded in data


def dump(session: Session) -> list[tuple[str, bytes]]:
    """Every value of every column of the database as bytes, with the place where it stands."""
    found = []
    for table in inspect(session.get_bind()).get_table_names():
        for column in inspect(session.get_bind()).get_columns(table):
            name = f'"{column["name"]}"'
            shown = name if isinstance(column["type"], LargeBinary) else f"convert_to({name}::text, 'UTF8')"
            rows = session.scalars(text(f'SELECT {shown} FROM "{table}" WHERE {name} IS NOT NULL'))
            found += [(f"{table}.{column['name']}", bytes(value)) for value in rows]
    return found


def elsewhere(settings: Settings) -> list[tuple[str, bytes]]:
    """Every key of Redis with its value, every counter of the limits, every stored file."""
    store = redis.Redis.from_url(settings.redis_url)
    kept = [("redis", key + (store.dump(key) or b"")) for key in store.scan_iter("*")]
    files = [(f"files/{path.name}", path.read_bytes()) for path in Path(settings.data_dir).rglob("*") if path.is_file()]
    return [*kept, ("limits", repr(getattr(limiter.storage, "storage", "")).encode()), *files]


def crawl(client: FlaskClient, *starts: str) -> dict[str, bytes]:
    """Everything that links lead to from these pages, whatever it is made of."""
    found: dict[str, bytes] = {}
    waiting = deque(starts)
    while waiting:
        path = waiting.popleft()
        if path in found:
            continue
        answer = client.get(path)
        found[path] = answer.data
        if answer.mimetype == "text/html":
            links = (unescape(link).partition("#")[0] for link in re.findall(r'href="(/[^"/][^"]*)"', answer.text))
            waiting += [link for link in links if not _ELSEWHERE.match(link)]
    return found
