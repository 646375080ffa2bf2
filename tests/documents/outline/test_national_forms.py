"""Forms of single countries: paragraphs of Brazilian articles, added articles, schedules with an ordinal."""

from __future__ import annotations

from consult.documents.formats.source import read_outline
from consult.documents.outline.reader import parse_outline


def outline(text: str, language: str = "pt") -> list[tuple[int, str, str]]:
    """Depth, label and heading of each provision that has a label."""
    pieces = read_outline(text.encode(), "law.txt", language=language).pieces
    return [(piece.depth, piece.number, piece.heading) for piece in pieces if piece.number]


def test_paragraphs_of_a_brazilian_article_are_its_paragraphs_and_no_articles() -> None:
    law = """TÍTULO I
Art. 1º São diretrizes:
I - acesso;
II - sigilo.
§ 1º A União define metas.
§ 2º O disposto no § 1º aplica-se:
I - às universidades;
a) públicas.
Art. 2º-A. Ficam proibidas as demais.
Parágrafo único. Não haverá cobrança."""
    assert outline(law) == [
        (0, "TÍTULO I", ""), (1, "Art. 1º", ""), (3, "I", ""), (3, "II", ""), (2, "§ 1º", ""), (2, "§ 2º", ""),
        (3, "I", ""), (4, "a)", ""), (1, "Art. 2º-A", ""), (2, "Parágrafo único", ""),
    ]  # fmt: skip


def test_two_articles_with_a_first_paragraph_have_different_ids() -> None:
    law = "Art. 1º Um.\n\n§ 1º Isto.\n\nArt. 2º Dois.\n\n§ 1º Aquilo."
    ids = [piece.eid for piece in parse_outline(law, language="pt").pieces if piece.number.startswith("§")]
    assert ids == ["art_1º__para_1º", "art_2º__para_1º"]


def test_sections_of_a_german_law_stay_sections() -> None:
    law = "# Gesetz\n\n§ 1 Zweck\n\n(1) Dieses Gesetz dient dem Schutz.\n\n§ 2 Begriffe\n\n(1) Drogen sind Stoffe."
    pieces = parse_outline(law, language="en").pieces
    assert [piece.eid for piece in pieces if piece.number.startswith("§")] == ["sec_1", "sec_2"]


def test_an_added_article_is_an_article_however_its_latin_word_is_written() -> None:
    for added in ("Artículo 192 Ter.- Se crea.", "Artículo 192 bis. Se crea.", "Artículo 192-bis. Se crea."):
        law = f"Artículo 192.- Se elaborará un programa.\n\n{added}"
        numbers = [piece.number for piece in parse_outline(law, language="es").pieces if piece.kind == "section"]
        assert numbers == ["Artículo 192", added.partition(".")[0]], added


def test_a_schedule_with_an_ordinal_is_an_annex() -> None:
    act = "# Act\n\nPART I\n\n1. There is a board.\n\nFIRST SCHEDULE (s. 3)\n\n1. It meets quarterly."
    pieces = parse_outline(act, language="en").pieces
    assert [(piece.kind, piece.number, piece.depth) for piece in pieces if "SCHEDULE" in piece.number] == [
        ("annex", "FIRST SCHEDULE", 0)
    ]
    sentence = "# Act\n\nPART I\n\n1. There is a board.\n\nFirst schedule the meeting, then invite."
    assert all(piece.kind != "annex" for piece in parse_outline(sentence, language="en").pieces)
