"""Links of the OpenAPI document: which operations the values of an answer lead to. Source: OpenAPI 3.1, link object."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from consult.api.contract import Operation

_NAMES = re.compile(r"<(?:[^:<>]+:)?(\w+)>")


@dataclass(frozen=True)
class LinkSource:
    """An answer with values for the parameters of the operations below a path."""

    path: str
    values: Mapping[str, str]
    is_own: bool = False  # the values are those of the token's own submissions


_FIRST = "$response.body#/data/0/"
_SOURCES = {
    "list_consultations": LinkSource("/consultations/<slug>", {"slug": f"{_FIRST}slug"}),
    "list_versions": LinkSource(
        "/consultations/<slug>/versions/", {"slug": "$request.path.slug", "number": "$response.body#/0/number"}
    ),
    "list_submissions": LinkSource("/submissions/<reference>", {"reference": f"{_FIRST}reference"}),
    "file_submission": LinkSource("/submissions/<reference>", {"reference": "$response.body#/reference"}, is_own=True),
    "list_own_submissions": LinkSource("/submissions/<reference>", {"reference": f"{_FIRST}reference"}, is_own=True),
    "list_plans": LinkSource("/plans/", {"slug": "$response.body#/0/slug"}),
    "list_signals": LinkSource("/signals/", {"slug": "$response.body#/0/id"}),
    "list_taxonomies": LinkSource("/taxonomies/", {"name": "$response.body#/0/name"}),
    "add_webhook": LinkSource("/webhooks/", {"number": "$response.body#/number"}),
}
"""By the name of an operation."""


def list_links(each: Operation, operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the links of an operation's answer by the name of the operation that each leads to."""
    source = _SOURCES.get(each.name)
    if source is None:
        return {}
    return {
        target.name: {"operationId": target.name, "parameters": _name_parameters(target, source)}
        for target in operations
        if target.path.startswith(source.path)
        and (source.is_own or not target.owned)
        and set(_NAMES.findall(target.path)) == source.values.keys()
    }


def _name_parameters(target: Operation, source: LinkSource) -> dict[str, str]:
    """Return the values by parameter. Source: parameters are qualified by their place, such as path.slug."""
    return {f"path.{name}": source.values[name] for name in _NAMES.findall(target.path)}
