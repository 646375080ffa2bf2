"""Articles with an ordinal sign, items with a dash, and plain text without empty lines."""

from __future__ import annotations

from consult.documents.formats.source import read_outline

PORTARIA = """CAPÍTULO I
DISPOSIÇÕES GERAIS
Art. 1º Esta Portaria estabelece diretrizes para a redução de danos.
Parágrafo único. As diretrizes aplicam-se a todos os serviços.
Art. 2º São princípios:
I - o respeito à autonomia;
II - o acesso universal:
a) nas capitais;
b) no interior.
Art. 3º Art. 5º da Constituição aplica-se.
"""
LAW = """المادة الأولى
يقصد بالعبارات التالية ما يلي:
أ- الخدمة: كل برنامج للحد من المخاطر.
ب- الوزارة: وزارة الصحة.
المادة الثانية
يعمل بهذا القانون من تاريخ نشره.
"""


def labels(text: str, name: str, language: str) -> list[tuple[int, str]]:
    """The depth and label of each piece that has a label."""
    outline = read_outline(text.encode(), name, language=language)
    return [(piece.eid.count("__"), piece.number) for piece in outline.pieces if piece.number]


def test_articles_with_an_ordinal_sign_and_items_with_a_dash_have_their_place() -> None:
    assert labels(PORTARIA, "portaria.txt", "pt") == [
        (0, "CAPÍTULO I"),
        (0, "Art. 1º"),
        (1, "Parágrafo único"),
        (0, "Art. 2º"),
        (2, "I"),
        (2, "II"),
        (3, "a)"),
        (3, "b)"),
        (0, "Art. 3º"),
    ]


def test_items_of_a_law_in_arabic_are_points() -> None:
    assert labels(LAW, "law.txt", "ar") == [(0, "المادة الأولى"), (2, "أ"), (2, "ب"), (0, "المادة الثانية")]


def test_a_text_wrapped_at_a_width_keeps_its_sentences() -> None:
    outline = read_outline(b"Article 1\n\nEach State keeps its clinics\nopen at night.", "plan.txt")
    assert [piece.text for piece in outline.pieces if piece.text] == ["Each State keeps its clinics open at night."]
