from __future__ import annotations

from email import message_from_bytes, policy

from hypothesis import given
from hypothesis import strategies as st

from consult.mail.message import MessageTemplate, build_template, placeholder
from consult.mail.render import LetterText

MARK = "3f2a9c"
ARABIC = "تحتاج المجتمعات إلى خدمات قريبة. " * 3
WORDS = st.one_of(st.just(""), st.just(ARABIC)).flatmap(lambda many: _WORDS.map(lambda few: many + few + many))
_WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n=. "), max_size=200)


def parts(made: MessageTemplate, **fields: str) -> tuple[str, str]:
    message = message_from_bytes(made.pour(fields), policy=policy.default)
    plain, html = message.iter_parts()
    return str(plain.get_content()).replace("\r\n", "\n"), str(html.get_content())


@given(before=WORDS, value=WORDS, after=WORDS)
def test_a_field_is_spliced_in_and_nothing_else_changes(before: str, value: str, after: str) -> None:
    words = LetterText("s", f"{before}{placeholder('link', MARK)}{after}\n", "<p></p>")
    plain, _html = parts(build_template(words, MARK), link=value)
    assert plain == f"{before}{value}{after}\n"


@given(value=WORDS)
def test_lines_on_the_wire_are_short_ascii_and_end_in_crlf(value: str) -> None:
    raw = build_template(LetterText("s", placeholder("link", MARK), f"<p>{placeholder('link', MARK)}</p>"), MARK).pour(
        {"link": value}
    )
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 76
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")


def test_a_script_that_quoting_would_treble_is_sent_in_base64() -> None:
    made = build_template(LetterText("s", ARABIC * 20, f"<p>{'word ' * 200}</p>"), MARK)
    raw = made.pour({})
    assert [part.base64 for part in made.parts] == [True, False]
    assert len(raw) < 1.5 * len((ARABIC * 20).encode()) + 2_000
    assert parts(made)[0].strip() == (ARABIC * 20).strip()


def test_words_that_look_like_a_place_are_left_alone() -> None:
    quote = "{{link}} {{link.000000}} {{ config }}"
    plain, html = parts(build_template(LetterText("s", quote, f"<p>{quote}</p>"), MARK), link="secret")
    assert plain.strip() == quote
    assert quote in html
    assert "secret" not in plain + html


def test_a_field_in_html_is_escaped_and_a_place_survives_inlining() -> None:
    html = (
        f"<html><head><style>a {{ color: red }}</style></head><body>"
        f"<a href='{placeholder('link', MARK)}'>x</a></body></html>"
    )
    _plain, shown = parts(build_template(LetterText("s", "", html), MARK), link='https://x/?a=1&b="2"')
    assert 'href="https://x/?a=1&amp;b=&#34;2&#34;"' in shown
    assert 'style="color: red;"' in shown


def test_a_subject_outside_ascii_arrives_as_written() -> None:
    subject = "12 de 18: préoccupation au paragraphe 2.1 · الفقرة " * 3
    message = message_from_bytes(
        build_template(LetterText(subject.strip(), "", ""), MARK).pour({}), policy=policy.default
    )
    assert message["Subject"] == subject.strip()


def test_the_same_words_give_the_same_bytes() -> None:
    words = LetterText("s", "t", "<p>h</p>")
    assert build_template(words, MARK).pour({}) == build_template(words, MARK).pour({})
