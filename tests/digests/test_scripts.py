"""Papers with the words of people: in any script, with emoji, and with characters that no font has."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from sqlalchemy.orm import Session

from consult.core.scripts import fonts
from consult.core.web.access import Role
from consult.digests.jobs import pdf
from consult.digests.model import Digest
from tests import factories
from tests.filing import file

Compile = Callable[..., Digest]

SCRIPTS = {
    "zh": "我叫王小明：美沙酮治疗", "ja": "私は渡辺さくらです", "ko": "저는 김민수입니다",
    "am": "ስሜ አበበ ነው", "zgh": "ⵜⴰⵎⴰⵣⵉⵖⵜ ⵜⴰⴷⵓⵙⵉ",
    "ar": "أوافق على هذه الفقرة", "ps": "ښه ورځ ګرانه", "ckb": "ڕۆژ باش هاوڕێ", "fa": "می‌توانند گچ پژ",
    "ur": "ٹھیک ہے ڈاکٹر",
    "he": "אני מסכים", "hi": "हिन्दी क्षत्रिय", "bn": "বাংলা ক্ষমতা", "ta": "தமிழ் மொழி", "th": "เข็มฉีดยา", "my": "မြန်မာစကား",
    "km": "ភាសាខ្មែរ", "ru": "Я согласен, врач Пётр", "el": "Συμφωνώ με αυτό",
    "ka": "ქართული ენა", "hy": "Հայերեն լեզու",
    "bo": "བོད་སྐད་", "vi": "Nguyễn Thị Tiếng Việt", "gn": "Pohãrógã g̃uarã ỹ", "dv": "ދިވެހި ބަސް",
}  # fmt: skip
"""A few words of each."""
EMOJI = ["🙏", "🙏🏽", "🇨🇴", "❤️", "👩‍👩‍👧", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "✔️"]


def text_of(made: bytes) -> str:
    with pypdfium2.PdfDocument(made) as paper:
        return "\n".join(page.get_textpage().get_text_range() for page in paper)


def is_ua(made: bytes) -> bool:
    with pikepdf.open(io.BytesIO(made)) as paper, paper.open_metadata() as metadata:
        return bool(paper.Root.MarkInfo.Marked) and metadata.get("pdfuaid:part") == "1"


def quoting(words: str, language: str) -> dict[str, Any]:
    blocks = [{"is": "title", "text": "A"}, {"is": "quote", "text": words, "lang": language, "source": words}]
    return {"title": words, "lang": "en", "dir": "ltr", "one_page": False, "author": words, "page": "Page",
            "lacking": "Some cannot be printed: �", "blocks": blocks}  # fmt: skip


@pytest.mark.parametrize("language", SCRIPTS)
def test_words_of_any_script_are_printed_as_they_were_written(language: str) -> None:
    made = pdf.make_pdf(quoting(SCRIPTS[language], language))
    assert is_ua(made)
    words = text_of(made)
    if language in ("zh", "ja", "ko", "am", "zgh", "ru", "el", "ka", "hy"):  # others are shaped, or run to the left
        assert SCRIPTS[language] in words
    assert "�" not in words


@pytest.mark.parametrize("emoji", EMOJI)
def test_emoji_and_flags_are_printed(emoji: str) -> None:
    made = pdf.make_pdf(quoting(f"Thank you {emoji}", "en"))
    assert is_ua(made)
    assert "�" not in text_of(made)


def test_a_mark_on_a_letter_of_another_script_is_printed() -> None:
    assert is_ua(pdf.make_pdf(quoting("Marked 寿\u1ce2 and \u2304\u0bcd", "en")))


def test_a_character_that_no_font_has_is_replaced_and_the_paper_says_so() -> None:
    made = pdf.make_pdf(quoting("Signs \U00012000 and \ue000 of mine", "en"))
    assert is_ua(made)
    assert "Signs � and � of mine" in text_of(made)
    assert "Some cannot be printed: �" in text_of(made)
    assert "Some cannot" not in text_of(pdf.make_pdf(quoting("All of it, and a � of my own", "en")))


def test_without_any_font_of_ours_there_is_a_paper_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cached = (fonts.list_families, fonts.load_fonts, fonts._unprintable_pattern)
    monkeypatch.setattr(fonts, "FOLDER", tmp_path / "gone")
    for one in cached:
        one.cache_clear()
    try:
        made = pdf.make_pdf(quoting("Rosa 🙏 王小明 \U00012000", "en"))
    finally:
        for one in cached:
            one.cache_clear()
    with pikepdf.open(io.BytesIO(made)) as paper:
        assert paper.Root.MarkInfo.Marked
    assert "Rosa" in text_of(made)


def test_a_report_quotes_a_comment_in_chinese_and_one_with_an_emoji(
    session: Session, compile: Compile, sign_in: Any
) -> None:
    row = factories.consultation(session)
    file(session, row, "我支持这一段，六十太低了 🙏", language="zh", published=True)
    digest = compile(row)
    desk = sign_in(factories.account(session, Role.POLICYMAKER))
    for name in ("sheet.pdf", "report.pdf", "report.docx"):
        assert desk.get(f"/desk/digests/{digest.id}/print/{name}").status_code == 200, name
    assert "我支持这一段" in text_of(desk.get(f"/desk/digests/{digest.id}/print/report.pdf").data)


def test_words_of_a_person_run_as_their_letters_do() -> None:
    _plain, quote = (pdf._with_direction(block, "ltr") for block in quoting("ښه ورځ", "en")["blocks"])
    assert quote["way"] == "rtl"
    assert pdf._with_direction(quoting("Good day", "ar")["blocks"][1], "rtl")["way"] == "ltr"
