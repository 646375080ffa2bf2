"""`consult draft`: shows how a file is read as a draft, without a database."""

from __future__ import annotations

import json
from pathlib import Path

import click

from consult.core.errors import Refusal
from consult.core.languages import CONTENT_LANGUAGES, DEFAULT_LANGUAGE
from consult.documents.formats.source import read_outline


@click.group()
def draft() -> None:
    """Show how drafts are read."""


@draft.command("read")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON: title, pieces and doubts.")
@click.option("--language", default=DEFAULT_LANGUAGE, type=click.Choice(sorted(CONTENT_LANGUAGES)), show_default=True)
def read(file: Path, *, as_json: bool, language: str) -> None:
    """Print the provisions of FILE and the lines to check. Exits with 1 if the file cannot be opened."""
    try:
        split = read_outline(file.read_bytes(), file.name, language=language)
    except (Refusal, OSError) as refused:
        raise click.ClickException(str(refused)) from refused
    doubts = [
        {
            "doubt": doubt.kind.value,
            "id": split.pieces[doubt.position].eid,
            "label": split.pieces[doubt.position].number,
        }
        for doubt in split.doubts
    ]
    if as_json:
        pieces = [
            {
                "kind": piece.kind.value,
                "label": piece.number,
                "id": piece.eid,
                "depth": piece.depth,
                "heading": piece.heading,
                "text": piece.text,
                "notes": piece.notes,
            }
            for piece in split.pieces
        ]
        problems = [problem.message for problem in split.problems]
        whole = {"title": split.title, "pieces": pieces, "doubts": doubts, "problems": problems}
        click.echo(json.dumps(whole, ensure_ascii=False, indent=1))
        return
    click.echo(split.title)
    for piece in split.pieces:
        words = " ".join(filter(None, (piece.number, piece.heading or piece.text)))
        click.echo(f"{'  ' * piece.depth}{words[:100]}")
    for row in doubts:
        click.echo(f"{row['doubt']}: {row['label']} ({row['id']})")
