"""Linked data: nodes in compact JSON-LD, written as JSON-LD or as Turtle without a library."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
Node = dict[str, Any]


def link(address: str) -> Node:
    """Return a reference to a resource."""
    return {"@id": address}


def write_json(nodes: Iterable[Node]) -> str:
    """Return a JSON-LD document of these nodes."""
    return json.dumps({"@context": PREFIXES, "@graph": list(nodes)}, ensure_ascii=False, indent=1)


def write_turtle(nodes: Iterable[Node]) -> str:
    """Return a Turtle document of these nodes.

    >>> print(write_turtle([{"@id": "http://a/", "@type": "dcat:Catalog", "dct:title": "A \\"b\\""}]).splitlines()[-1])
    <http://a/> a dcat:Catalog ; dct:title "A \\"b\\"" .
    """
    head = [f"@prefix {name}: <{address}> ." for name, address in PREFIXES.items()]
    waiting, written = list(nodes), []
    while waiting:
        node = waiting.pop()
        waiting += [part for part in _list_parts(node) if len(part) > 1 and "@id" in part]
        written.append(f"<{node['@id']}> {_write_properties(node)} .")
    return "\n".join([*head, "", *written, ""])


def _list_parts(node: Mapping[str, Any]) -> Iterator[Node]:
    for value in node.values():
        yield from (part for part in (value if isinstance(value, list) else [value]) if isinstance(part, dict))


def _write_properties(node: Mapping[str, Any]) -> str:
    pairs = []
    for key, value in node.items():
        if key == "@id":
            continue
        values = value if isinstance(value, list) else [value]
        if key == "@type":
            pairs.append(f"a {', '.join(values)}")
        elif values:
            pairs.append(f"{key} {', '.join(map(_write_value, values))}")
    return " ; ".join(pairs)


def _write_value(value: Any) -> str:
    if isinstance(value, bool | int):
        return json.dumps(value)
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if "@value" in value:
        literal = json.dumps(value["@value"], ensure_ascii=False)
        return f"{literal}@{value['@language']}" if "@language" in value else f"{literal}^^{value['@type']}"
    if "@id" in value:
        return f"<{value['@id']}>"
    return f"[ {_write_properties(value)} ]"
