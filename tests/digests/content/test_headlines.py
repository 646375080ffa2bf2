"""Headlines on the leading view of a paragraph read well for one, two and many submissions."""

from __future__ import annotations

import pytest
from flask import Flask

from consult.core.i18n import force_locale
from consult.digests.content.body import PlaceHeadline
from consult.digests.render import phrases


def headline(n: int, of: int, *, new: bool = False) -> str:
    found = PlaceHeadline(
        kind="stance", stance="concern", n=n, of=of, published=9, new=new, place="p", number="2.1"
    )  # fmt: skip
    return phrases.place_headline(found)


@pytest.mark.parametrize(
    ("language", "one", "either", "both", "every"),
    [
        ("en", "One submission", "One of two submissions", "Both submissions", "All 3 submissions"),
        ("es", "Una contribución", "Una de las dos contribuciones", "Las dos contribuciones", "Las 3 contribuciones"),
        ("fr", "Une contribution", "L’une des deux contributions", "Les deux contributions", "Les 3 contributions"),
        ("ar", "مساهمة واحدة", "إحدى المساهمتين", "المساهمتان", "جميع المساهمات"),
    ],
)  # fmt: skip
def test_one_two_and_many_are_counted_as_people_count(
    app: Flask, language: str, one: str, either: str, both: str, every: str
) -> None:
    with app.test_request_context(), force_locale(language):
        assert headline(1, 1).startswith(one)
        assert headline(1, 2).startswith(either)
        assert headline(2, 2).startswith(both)
        assert headline(3, 3).startswith(every)
        assert "3" in headline(3, 3)
        for said in (headline(1, 2), headline(2, 2), headline(1, 2, new=True), headline(2, 2, new=True)):
            assert "2" not in said.replace("2.1", ""), said
        assert headline(2, 2, new=True) != headline(2, 2)
