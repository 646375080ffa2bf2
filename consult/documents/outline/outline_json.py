"""An outline as JSON, so that a request need not parse a long draft that a worker has parsed."""

from __future__ import annotations

import json

from consult.documents.model import ProvisionKind
from consult.documents.outline.reader import Outline
from consult.documents.outline.tree import Piece, Problem

_FIELDS = ("kind", "number", "heading", "text", "line", "parent", "eid", "chapter", "wid", "position", "depth", "notes")


def dump_outline(split: Outline) -> str:
    """Return the outline as JSON. Points are restored from their parents.

    >>> from consult.documents.outline.reader import parse_outline
    >>> split = parse_outline("# Plan\\n\\n## 2 Health\\n\\n2.1 States shall:\\n\\n- test;\\n\\n[^1]: Or not.")
    >>> load_outline(dump_outline(split)) == split
    True
    """
    pieces = [[getattr(piece, name) for name in _FIELDS] for piece in split.pieces]
    problems = [[problem.line, problem.message] for problem in split.problems]
    return json.dumps({"title": split.title, "pieces": pieces, "problems": problems}, ensure_ascii=False)


def load_outline(told: str) -> Outline:
    """Parse the JSON that `dump_outline` wrote."""
    found = json.loads(told)
    pieces = [Piece(ProvisionKind(kind), *rest) for kind, *rest in found["pieces"]]
    for piece in pieces:
        if piece.kind is ProvisionKind.POINT and piece.parent is not None:
            pieces[piece.parent].points.append(piece)
    return Outline(found["title"], pieces, [Problem(*problem) for problem in found["problems"]])
