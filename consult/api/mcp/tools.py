"""Tools: searches and reads that the programming interface has, each with the type of its arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from consult.api.paging import PageQuery
from consult.api.reading import collections, public_records, queries
from consult.core.db import db
from consult.search import records as search
from consult.search.query_terms import SearchQuery

_MOST = 50
Slug = Annotated[str, Meta(max_length=200, description="The last part of the web address, as `slug` in lists.")]


@dataclass(frozen=True)
class Tool:
    """A tool. `run` gets arguments that were checked."""

    name: str
    description: str
    arguments: type[Struct]
    run: Callable[[Any], Any]

    def describe(self) -> dict[str, Any]:
        """Return the tool as a list of tools has it."""
        _references, parts = msgspec.json.schema_components([self.arguments])
        schema = {key: value for key, value in parts[self.arguments.__name__].items() if key != "title"}
        return {
            "name": self.name,
            "description": self.description,
            "inputSchema": schema,
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
        }


class NoArguments(Struct, forbid_unknown_fields=True):
    pass


class SearchArguments(Struct, forbid_unknown_fields=True):
    words: Annotated[str, Meta(min_length=1, max_length=200, description="Words, or a phrase in quotation marks.")]
    consultation: Slug = ""


class PageArguments(Struct, forbid_unknown_fields=True):
    cursor: Annotated[str, Meta(max_length=200, description="`next` of the page before.")] = ""


class SlugArguments(Struct, forbid_unknown_fields=True):
    slug: Slug


class ProvisionCall(Struct, forbid_unknown_fields=True):
    slug: Slug
    version: Annotated[int, Meta(ge=1, le=9999)] = 1


class CommentArguments(Struct, forbid_unknown_fields=True):
    slug: Slug
    provision: Annotated[str, Meta(max_length=200, description="Permanent id of a provision. Empty: all.")] = ""
    cursor: Annotated[str, Meta(max_length=200, description="`next` of the page before.")] = ""


class CountryArguments(Struct, forbid_unknown_fields=True):
    country: Annotated[str, Meta(max_length=2, description="ISO 3166-1 alpha-2. Empty: all.")] = ""


def _search(given: SearchArguments) -> Any:
    session = db.session()
    inside = queries.get_consultation(session, given.consultation).id if given.consultation else None
    rows = search.export(session, SearchQuery(words=given.words, consultation_id=inside))
    return [row._asdict() for row in islice(rows, _MOST)]


def _list_consultations(given: PageArguments) -> Any:
    return queries.list_consultations(db.session(), PageQuery(limit=_MOST, cursor=given.cursor), "")


def _list_comments(given: CommentArguments) -> Any:
    session = db.session()
    row, asked = queries.get_consultation(session, given.slug), PageQuery(limit=_MOST, cursor=given.cursor)
    return collections.read_page(
        session, collections.COLLECTIONS["comments"], row.id, asked, {"provision": given.provision}
    )


def _list_arguments(given: SlugArguments) -> Any:
    session = db.session()
    row = queries.get_consultation(session, given.slug)
    return collections.read_page(session, collections.COLLECTIONS["arguments"], row.id, PageQuery(limit=200), {})


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("search", "Search published comments and evidence.", SearchArguments, _search),
        Tool("list_consultations", "List public consultations.", PageArguments, _list_consultations),
        Tool(
            "get_consultation",
            "Get a consultation with its submission count.",
            SlugArguments,
            lambda given: queries.get_detail(db.session(), given.slug),
        ),
        Tool(
            "list_provisions",
            "List the text of a draft, provision by provision.",
            ProvisionCall,
            lambda given: queries.list_provisions(db.session(), given.slug, given.version),
        ),
        Tool("list_comments", "List published comments, also on one provision.", CommentArguments, _list_comments),
        Tool("list_arguments", "List arguments that a person checked.", SlugArguments, _list_arguments),
        Tool(
            "list_answers",
            "List official answers to arguments.",
            SlugArguments,
            lambda given: public_records.list_answers(db.session(), given.slug),
        ),
        Tool(
            "list_warnings",
            "List drug warnings.",
            CountryArguments,
            lambda given: public_records.list_signals(db.session(), given.country.upper()),
        ),
        Tool("list_plans", "List action plans.", NoArguments, lambda _given: public_records.list_plans(db.session())),
        Tool(
            "get_plan",
            "Get an action plan with its actions.",
            SlugArguments,
            lambda given: public_records.get_plan_record(db.session(), given.slug),
        ),
    )
}
