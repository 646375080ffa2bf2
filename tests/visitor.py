"""A visitor without JavaScript over real HTTP: follows the forms as the pages give them."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from html import unescape
from http.cookiejar import CookieJar

_HIDDEN = re.compile(r'<input(?=[^>]*type="hidden")[^>]*>')
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


class NotAnswered(Exception):
    """The server gave no answer, or one that promises nothing (5xx)."""


class Visitor:
    """One browser with its own cookies."""

    def __init__(self, base: str, slug: str) -> None:
        self.base, self.slug = base, slug
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def open(self, path: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        """The final address and the page. Raises NotAnswered."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        try:
            with self.opener.open(self.base + path, data, timeout=120) as answer:
                return answer.url, answer.read().decode()
        except (OSError, urllib.error.URLError) as error:
            raise NotAnswered(path, str(error)) from error

    def submit(self, path: str, **values: str) -> tuple[str, str]:
        """Fills in the form of a page: its hidden fields as they are, the rest as given."""
        return self.open(path, self.hidden(path) | values)

    def hidden(self, path: str) -> dict[str, str]:
        """The hidden fields of a page's form."""
        _url, page = self.open(path)
        fields = (dict(_ATTRIBUTE.findall(tag)) for tag in _HIDDEN.findall(page[page.index("<main") :]))
        return {field["name"]: unescape(field.get("value", "")) for field in fields if "name" in field}

    def write(self, words: str, *, numbers: tuple[str, ...] = ("2.1",)) -> None:
        """A draft with one comment on each paragraph, not named."""
        for number in numbers:
            self.submit(f"/c/{self.slug}/respond/comment/{number}", stance="drop", body=words)
        self.submit(f"/c/{self.slug}/respond/about", speaks="none", language="en")

    def send(self) -> str:
        """Sends what was written; gives the reference of the receipt."""
        url, _page = self.submit(f"/c/{self.slug}/respond/check")
        found = re.search(r"/sent/([\w-]+)", url)
        if not found:
            raise NotAnswered(url)
        return found[1]
