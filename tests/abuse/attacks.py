"""Requests made of bad values, for every route and method of the application and each role that it lets in.

What a good request looks like is learned from the pages: the addresses in their links, and their forms.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from urllib.parse import parse_qsl, quote, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule

from tests.abuse import payloads

LEFT_OUT = {"static"}
QUERY = (
    *("after", "at", "back", "by", "code", "consultation", "exact", "from", "kind", "lang", "language", "next", "on"),
    *("page", "phase", "q", "read", "show", "sort", "stance", "start", "status", "to", "topic", "version", "view"),
)
"""Names in addresses that views ask for, whether or not a link on the sample's pages holds them."""
FIELDS = ("body", "do", "email", "file", "language", "name", "note", "number", "q", "reason", "text", "to", "term")
"""Fields for a form of which no page was found."""
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Attack:
    """One request."""

    method: str
    path: str
    query: str = ""
    data: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    what: str = ""

    def send(self, client: FlaskClient) -> tuple[int, str]:
        """The status of the answer, and where it leads."""
        answer = client.open(
            self.path,
            method=self.method,
            query_string=self.query,
            data=self.data or None,
            headers=Headers(self.headers),
        )
        return answer.status_code, answer.headers.get("Location", "")

    def __str__(self) -> str:
        return f"{self.method} {self.path:.120}?{self.query:.120} {self.what} {self.headers!r:.80} {self.data!r:.120}"


@dataclass
class Known:
    """Addresses, queries and forms, by endpoint, that the pages of one person contain."""

    paths: dict[str, list[str]] = field(default_factory=dict)
    queries: dict[str, set[str]] = field(default_factory=dict)
    forms: dict[str, list[tuple[str, Pairs]]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)


def learn(application: Flask, client: FlaskClient, starts: tuple[str, ...], most: int) -> Known:
    """Follows links from some pages, one address of each endpoint, `most` pages at most."""
    known, waiting, seen = Known(), deque(starts), set[str]()
    while waiting and len(seen) < most:
        path = waiting.popleft()
        endpoint = _note(application, known, path, "GET")
        if endpoint in seen or endpoint is None or endpoint in {"static", "site.leave"}:
            continue
        seen.add(endpoint)
        answer = client.get(path)
        if answer.mimetype == "text/html" and answer.status_code == 200:
            waiting.extend(_read(application, known, answer.text, path))
    return known


def _note(application: Flask, known: Known, address: str, method: str) -> str | None:
    """The endpoint that an address leads to, noted as a good one."""
    parts = urlsplit(address)
    try:
        endpoint, values = application.url_map.bind("localhost").match(parts.path, method=method)
    except (HTTPException, RequestRedirect):
        return None
    addresses = known.paths.setdefault(endpoint, [])
    if parts.path not in addresses and len(addresses) < 3:
        addresses.append(parts.path)
    known.queries.setdefault(endpoint, set()).update(name for name, _value in parse_qsl(parts.query))
    known.values.update((name, str(value)) for name, value in values.items())
    return str(endpoint)


def _read(application: Flask, known: Known, page: str, here: str) -> Iterator[str]:
    """The links of a page; its forms are noted."""
    tree = html.fromstring(page)
    for form in tree.forms:
        action, method = form.get("action") or here, (form.get("method") or "get").upper()
        endpoint = _note(application, known, action, method)
        names = [one for one in form.iter("input", "select", "textarea", "button") if one.get("name")]
        fields = [(one.get("name"), one.get("value") or (one.text or "")) for one in names]
        if endpoint and method == "GET":
            known.queries.setdefault(endpoint, set()).update(name for name, _value in fields)
        elif endpoint:
            known.forms.setdefault(endpoint, []).append((urlsplit(action).path, fields))
    for link in tree.iter("a"):
        if (link.get("href") or "").startswith("/") and not link.get("href").startswith("//"):
            yield link.get("href").partition("#")[0]


class Attacker:
    """Makes requests for one person. The same seed makes the same ones."""

    def __init__(self, known: Known, seed: int) -> None:
        self.known, self.chance = known, Random(seed)

    def attack(self, rule: Rule, method: str) -> Attack:
        """One request to a route, with something bad in it."""
        ways = [self._in_query, self._in_headers]
        if rule.arguments:
            ways += [self._in_path]
        if method == "POST":
            ways = [self._in_form, self._in_form, self._in_form, self._as_json, self._in_parts, *ways]
        return self.chance.choice(ways)(rule, method)

    def _text(self) -> bytes:
        if self.chance.random() < 0.08:
            return self.chance.choice(payloads.RAW)
        return self.chance.choice(payloads.TEXTS).encode("utf-8", "surrogatepass")

    def _path(self, rule: Rule) -> str:
        """A good address of a route, as far as one is known."""
        there = self.known.paths.get(rule.endpoint, [])
        fitting = [path for path in there if path.count("/") == rule.rule.count("/")]
        return self.chance.choice(fitting) if fitting else self._filled(rule)

    def _filled(self, rule: Rule, worst: str | None = None) -> str:
        def value(found: re.Match[str]) -> str:
            name = found["name"]
            if name == worst:
                return quote(self._text(), safe="") or "%20"
            if found["kind"] and found["kind"].startswith("any"):
                return found["kind"][4:-1].split(",")[0].strip()
            return quote(self.known.values.get(name, "1"), safe="")

        return re.sub(r"<(?:(?P<kind>\w+(?:\([^)]*\))?):)?(?P<name>\w+)>", value, rule.rule)

    def _in_path(self, rule: Rule, method: str) -> Attack:
        return Attack(method, self._filled(rule, self.chance.choice(sorted(rule.arguments))), what="path")

    def _in_query(self, rule: Rule, method: str) -> Attack:
        own = sorted(self.known.queries.get(rule.endpoint, ()))
        names = [self.chance.choice(own or QUERY) for _ in range(self.chance.choice((1, 1, 2)))]
        names += [self.chance.choice(QUERY)] * self.chance.choice((0, 1, 2))
        query = "&".join(f"{quote(name)}={quote(self._text(), safe='')}" for name in names)
        return Attack(method, self._path(rule), query, what="query")

    def _in_headers(self, rule: Rule, method: str) -> Attack:
        return Attack(method, self._path(rule), headers=(self.chance.choice(payloads.HEADERS),), what="header")

    def _form(self, rule: Rule) -> tuple[str, Pairs]:
        forms = [(path, pairs) for path, pairs in self.known.forms.get(rule.endpoint, []) if pairs]
        return self.chance.choice(forms) if forms else (self._path(rule), [(name, "") for name in FIELDS])

    def _spoilt(self, pairs: Pairs) -> list[tuple[str, bytes]]:
        """The fields of a form; some are bad, left out, or said again."""
        sent = [(name, value.encode("utf-8", "surrogatepass")) for name, value in pairs]
        names = sorted({name for name, _value in pairs if name != "csrf_token"}) or ["do"]
        bad = set(names) if self.chance.random() < 0.1 else set(self.chance.sample(names, min(len(names), 2)))
        how = self.chance.random()
        if how < 0.12:
            return [(name, value) for name, value in sent if name not in bad]
        if how < 0.24:
            return sent + [(name, self._text()) for name in bad for _ in range(3)]
        return [(name, self._text() if name in bad else value) for name, value in sent]

    def _in_form(self, rule: Rule, method: str) -> Attack:
        path, pairs = self._form(rule)
        data = b"&".join(
            quote(name, errors="replace").encode() + b"=" + quote(value).encode() for name, value in self._spoilt(pairs)
        )
        return Attack(method, path, "", data, (("Content-Type", "application/x-www-form-urlencoded"),), "form")

    def _as_json(self, rule: Rule, method: str) -> Attack:
        path, pairs = self._form(rule)
        if self.chance.random() < 0.5:
            data = self.chance.choice(payloads.JSON)
        else:
            values = ("null", "1", "-1e400", "[]", "{}", "true", '"\\ud800"', '["a", 1, null]', '{"a": {}}', "9" * 400)
            data = ("{" + ", ".join(f'"{name}": {self.chance.choice(values)}' for name, _v in pairs) + "}").encode()
        return Attack(method, path, "", data, (("Content-Type", "application/json"),), "json")

    def _in_parts(self, rule: Rule, method: str) -> Attack:
        path, pairs = self._form(rule)
        kind = ("Content-Type", f"multipart/form-data; boundary={payloads.BOUNDARY}")
        if self.chance.random() < 0.3:
            return Attack(method, path, "", self.chance.choice(payloads.PARTS), (kind,), "parts")
        body = b""
        spoilt = {name for name, _value in pairs if self.chance.random() < 0.3 or name == "file"}
        for name, value in self._spoilt(pairs):
            body += f'--{payloads.BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'.encode(errors="replace")
            if name in spoilt:
                called, value = self.chance.choice(payloads.FILES)
                body += b'; filename="' + called.encode("utf-8", "surrogatepass") + b'"'
            body += b"\r\n\r\n" + value + b"\r\n"
        return Attack(method, path, "", body + f"--{payloads.BOUNDARY}--\r\n".encode(), (kind,), "parts")
