"""Recommendations in the layouts in which they are published: every line with words is kept."""

from __future__ import annotations

import io
import json

import pytest
from docx import Document

from consult.core.errors import Refusal
from consult.recommendations.matrices.reader import load_recommendations, read_table
from consult.recommendations.matrices.relevance import Relevance, choose, judge
from consult.recommendations.model import StatePosition

HEADERS = ("Recommendation and recommending State", "Position of the State under review",
           "Human rights themes and groups of persons", "Relevant SDGs")  # fmt: skip
LINES = (
    ("Theme: Conditions of detention", "", "", ""),
    ("140.49 Continue efforts to reduce overcrowding in detention centres (North Macedonia);\n"
     "Source of Position: A/HRC/59/15/Add.1 - Para.3", "Supported",
     "- Conditions of detention\nGroups of Persons: \n- Public officials", "- 16 - PEACE"),
    ("140.67 Ratify the Protocol (OP-CAT) (Bolivia (Plurinational State of)) (Kingdom of the Netherlands, Türkiye);",
     "Noted", "", ""),
    ("140.67 Say the same again (Atlantis);", "Perhaps", "", ""),
)  # fmt: skip


def word(*tables: tuple[tuple[str, ...], ...]) -> bytes:
    document, out = Document(), io.BytesIO()
    for lines in tables:
        table = document.add_table(rows=0, cols=len(lines[0]))
        for line in lines:
            for cell, text in zip(table.add_row().cells, line, strict=True):
                cell.text = text
    document.save(out)
    return out.getvalue()


def test_a_thematic_list_in_word_is_read_with_states_positions_and_themes() -> None:
    _text, table = load_recommendations(word((HEADERS, *LINES)))
    first, second, third = table.rows
    assert table.lines == 3
    assert (first.number, first.words) == ("140.49", "Continue efforts to reduce overcrowding in detention centres")
    assert (first.states, first.position) == (("MK",), StatePosition.SUPPORTED)
    assert first.themes == ("Conditions of detention",)
    assert first.people == ("Public officials",)
    assert second.words == "Ratify the Protocol (OP-CAT)"
    assert second.states == ("BO", "NL", "TR")
    assert second.position is StatePosition.NOTED
    assert third.number == "140.67 (2)"
    assert third.words == "Say the same again (Atlantis);"
    assert [(cell.what, cell.text) for cell in table.unread] == [("position", "Perhaps")]


def test_an_export_in_json_is_read_and_names_its_country() -> None:
    rows = [
        {
            "Text": "Close compulsory centres",
            "Countries": ["Peru"],
            "UPR Position": "Supported",
            "Themes": [{"name": "Health"}],
        }
    ]
    _text, table = load_recommendations(json.dumps({"results": rows}).encode())
    assert [(row.number, row.words, row.themes) for row in table.rows] == [
        ("1", "Close compulsory centres", ("Health",))
    ]
    assert list(table.countries) == ["PE"]


@pytest.mark.parametrize(
    ("cell", "position"),
    [
        ("Supported", "supported"),
        ("Accepted", "supported"),
        ("Noted", "noted"),
        ("Not supported", "noted"),
        ("Rejected", "noted"),
        ("Supported/Noted", "in_part"),
        ("Partially accepted", "in_part"),
        ("Pending", "pending"),
        ("", "none"),
    ],
)  # fmt: skip
def test_positions_are_read_as_they_are_worded(cell: str, position: str) -> None:
    [row] = read_table(f"Number,Recommendation,Response\n1,Do it,{cell}\n").rows
    assert row.position.value == position


@pytest.mark.parametrize("data", [b"[]", b"{", b"a,b\n1,2\n", b"[1, 2]", b"[" * 50_000])
def test_a_file_without_recommendations_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        load_recommendations(data)


def test_a_choice_keeps_what_is_about_drugs_health_or_detention() -> None:
    table = read_table("Number,Recommendation\n1,Decriminalise drug use\n2,Reduce prison overcrowding\n3,Plant trees\n")
    assert [judge(row) for row in table.rows] == [Relevance.DRUGS, Relevance.NEAR, Relevance.OTHER]
    assert [row.number for row in choose(table.rows, every=False)] == ["1", "2"]
    assert len(choose(table.rows, every=True)) == 3
