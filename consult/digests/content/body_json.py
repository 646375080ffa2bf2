"""The JSON form of digest bodies. Only this module reads or writes it.

A record is an object of its fields; a field with its default is omitted. A body may be older than a field: a missing
one is read as its default, else as None or as empty where the type allows, else it is an error. Unknown keys are
ignored. The breakdowns of contributors have a key each, next to the fields of their record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from functools import lru_cache, partial
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, cast, get_args, get_origin, get_type_hints

from consult.digests.content.body import DIMENSIONS, Body, CountHeadline, PlaceHeadline

VERSION = 1
"""The version of a body's JSON. Bodies without one are version 0, which only lacks the number."""
_KEYS = {"from_at": "from", "to_at": "to"}
"""Fields of a body whose keys are Python keywords."""
_FLAT = "breakdowns"
"""The field whose values each have a key of their own."""
_ONLY_WITH = {"name": "words", "present": "translations"}
"""Fields of a quote written as None rather than omitted if another field is present."""
_SCALARS = {str, int, bool, NoneType}
Record = TypeVar("Record")
Json = Mapping[str, Any]
Reader = Callable[[Any], Any]


class UnknownBodyVersion(Exception):
    """The body was written by a later release."""


def from_json(data: Json) -> Body:
    """Parse a body from JSON. Raises UnknownBodyVersion.

    >>> from_json({"version": 99})
    Traceback (most recent call last):
    ...
    consult.digests.content.body_json.UnknownBodyVersion: The body is of version 99; this release reads up to 1.
    """
    version = data.get("version", 0)
    if version not in range(VERSION + 1):
        raise UnknownBodyVersion(f"The body is of version {version}; this release reads up to {VERSION}.")
    return read_record(Body, data)


def to_json(body: Body) -> dict[str, Any]:
    """Return the JSON of a body as plain data."""
    return write_record(body)


def canonical_form(body: Body) -> bytes:
    """Return the canonical bytes of a body, from which its fingerprint is computed."""
    return _dump(body, _shallow)


def canonical_json(value: object) -> bytes:
    """Return JSON that is the same for the same value: sorted keys, no spaces, UTF-8. Similar to RFC 8785."""
    return _dump(value, _plain)


def _dump(value: object, default: Callable[[Any], object]) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=default).encode()


def _plain(value: object) -> object:
    return list(vars(value).values()) if is_dataclass(value) else str(value)


def read_record(kind: type[Record], data: Json) -> Record:
    """Parse a record of a dataclass from JSON. Raises KeyError for a missing required field."""
    plan = _plan_reading(cast("type", kind))
    given = {**plan.lacking, **data}
    if _FLAT in given:
        given[_FLAT] = {name: data[key] for name, key in DIMENSIONS.items() if key in data}
    try:
        values = {name: given[key] for name, key in plan.keys}
    except KeyError as error:
        raise KeyError(f"{kind.__name__} lacks {error}") from error
    for name, read in plan.readers:
        values[name] = read(values[name])
    record = kind.__new__(kind)
    vars(record).update(values)  # faster than a call per field for a digest's thousand records
    return record


class _Reading(NamedTuple):
    """The plan for reading a record: fields with keys, values for missing fields, and conversions from JSON."""

    keys: tuple[tuple[str, str], ...]
    lacking: Json
    readers: tuple[tuple[str, Reader], ...]


@lru_cache(maxsize=64)
def _plan_reading(kind: type) -> _Reading:
    hints = get_type_hints(kind)
    keys = [(each.name, _KEYS.get(each.name, each.name)) for each in fields(kind)]
    lacking = {
        key: _lacking(hints[each.name]) if each.default is MISSING else each.default
        for each, (_name, key) in zip(fields(kind), keys, strict=True)
    }
    readers = [(name, _reader(hints[name])) for name, _key in keys]
    return _Reading(
        tuple(keys),
        {key: value for key, value in lacking.items() if value is not MISSING},
        tuple((name, read) for name, read in readers if read),
    )


def _lacking(hint: object) -> object:
    if get_origin(hint) is UnionType and NoneType in get_args(hint):
        return None
    if get_origin(hint) is tuple and Ellipsis in get_args(hint):
        return ()
    return {} if get_origin(hint) is Mapping else MISSING


def _reader(hint: object) -> Reader | None:
    """Return the function that converts a JSON value to this type, or None if they are the same."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is UnionType and set(parts) == {CountHeadline, PlaceHeadline}:
        return _read_headline
    if origin is UnionType:
        inner = [_reader(part) for part in parts if part is not NoneType]
        return partial(_read_optional, inner[0]) if len(inner) == 1 and inner[0] else None
    if origin is tuple:
        return partial(_read_tuple, _reader(parts[0])) if Ellipsis in parts else tuple
    if origin is Mapping:
        inner_reader = _reader(parts[1])
        return partial(_read_mapping, inner_reader) if inner_reader else None
    if isinstance(hint, type) and issubclass(hint, date):
        return hint.fromisoformat
    return partial(read_record, hint) if isinstance(hint, type) and is_dataclass(hint) else None


def _read_headline(data: Json) -> CountHeadline | PlaceHeadline:
    return read_record(PlaceHeadline, data) if "place" in data else read_record(CountHeadline, data)


def _read_optional(read: Reader, value: Any) -> object:
    return None if value is None else read(value)


def _read_tuple(read: Reader | None, value: list[Any]) -> tuple[object, ...]:
    return tuple(value) if read is None else tuple([read(each) for each in value])


def _read_mapping(read: Reader, value: Json) -> dict[str, object]:
    return {key: read(each) for key, each in value.items()}


def write_record(record: object) -> dict[str, Any]:
    """Return the JSON of a dataclass record, as `read_record` reads it."""
    return {key: _write(value) for key, value in _select_fields(record).items()}


def _shallow(value: object) -> object:
    """Convert one level of a value for the JSON encoder, which is faster at the recursion."""
    if isinstance(value, date):
        return value.isoformat()
    return _select_fields(value) if is_dataclass(value) else dict(cast("Json", value))


def _select_fields(record: object) -> dict[str, Any]:
    """Return the fields of a record to write, by key."""
    values, (always, otherwise) = vars(record), _plan_writing(cast("type", type(record)))
    written = {key: values[name] for name, key in always}
    for name, key, default in otherwise:
        if values[name] != default or values.get(_ONLY_WITH.get(name, "")) is not None:
            written[key] = values[name]
    if _FLAT in written:
        del written[_FLAT]
        written |= {DIMENSIONS[name]: each for name, each in values[_FLAT].items()}
    return written


@lru_cache(maxsize=64)
def _plan_writing(kind: type) -> tuple[list[tuple[str, str]], list[tuple[str, str, object]]]:
    """Return the fields always written, with keys, and those written unless they have this default."""
    named = [(each.name, _KEYS.get(each.name, each.name), each.default) for each in fields(kind)]
    always = [(name, key) for name, key, default in named if default is MISSING]
    return always, [row for row in named if row[2] is not MISSING]


def _write(value: object) -> object:
    if type(value) in _SCALARS:
        return value
    if isinstance(value, (tuple, list)):
        return [_write(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return write_record(value)
    return {key: _write(each) for key, each in value.items()} if isinstance(value, Mapping) else value
