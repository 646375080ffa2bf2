"""A public page is made once, and anew as soon as anything it says has changed."""

from __future__ import annotations

from flask import Flask, flash
from flask_wtf.csrf import generate_csrf

from consult.core.web import page_cache


class Page:
    """A page that tells how often it was made."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> str:
        self.made += 1
        return f"made {self.made}"


def read(app: Flask, page: Page, *, path: str = "/x", stamp: object = 1, held: str = "") -> str:
    with app.test_request_context(path, headers={"If-None-Match": held} if held else {}):
        answer = page_cache.cached_response(page_cache.page_tag(stamp), page)
        return f"{answer.status_code} {answer.get_data(as_text=True)}".strip()


def test_the_same_page_is_made_once_for_all_who_ask(app: Flask) -> None:
    page = Page()
    assert [read(app, page, path="/once") for _ in range(3)] == ["200 made 1"] * 3


def test_a_change_an_address_and_a_language_each_make_it_anew(app: Flask) -> None:
    page = Page()
    asked = [("/a", 1), ("/a", 2), ("/a?after=3", 2), ("/a?lang=ar", 2), ("/a", 2)]
    assert [read(app, page, path=path, stamp=stamp) for path, stamp in asked][-1] == "200 made 2"
    assert page.made == 4


def test_a_browser_that_holds_it_is_told_so(app: Flask) -> None:
    with app.test_request_context("/held"):
        current = page_cache.page_tag(7)
    assert read(app, Page(), path="/held", stamp=7, held=f'W/"{current}"') == "304"


def test_a_page_with_the_token_of_a_form_is_never_kept(app: Flask) -> None:
    made = []

    def page() -> str:
        made.append(generate_csrf())
        return made[-1]

    for _ in range(2):
        with app.test_request_context("/form"):
            page_cache.cached_response(page_cache.page_tag("form"), page)
    assert len(made) == 2


def test_a_message_is_for_one_reader_only(app: Flask) -> None:
    with app.test_request_context("/m"):
        assert page_cache.is_plain_visitor()
        flash("Sent.")
        assert not page_cache.is_plain_visitor()


def test_the_shelf_drops_what_was_asked_for_longest_ago() -> None:
    shelf = page_cache.PageCache(room=10)
    for name in "abc":
        shelf.put((name, ""), name * 5)
        shelf.get(("a", ""))
    assert [shelf.get((name, "")) for name in "abc"] == ["aaaaa", None, "ccccc"]
