"""Counters of the statements that work sends to the database, the rows these read, and its steps."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

_READ = text(
    "SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables "
    "WHERE schemaname = 'public'"
)


@contextmanager
def statements() -> Iterator[list[str]]:
    """A list that grows by each statement sent meanwhile, by whichever connection."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@contextmanager
def rows_read(session: Session) -> Iterator[Counter[str]]:
    """Count the rows of each table that the server reads in the present transaction of this session."""
    found: Counter[str] = Counter()
    before = _rows(session)
    yield found
    found.update(_rows(session) - before)


def _rows(session: Session) -> Counter[str]:
    return Counter({name: int(n) for name, n in session.execute(_READ)})


def calls(work: Callable[[], object]) -> Counter[str]:
    """Count the calls of each function by its name: `consult.mail.service.post`, or `verify` of C."""
    found: Counter[str] = Counter()

    def note(frame: Any, what: str, given: Any) -> None:
        if what == "call":
            found[f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}"] += 1
        elif what == "c_call":
            found[given.__name__] += 1

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return found


def steps(work: Callable[[], object]) -> int:
    """Count the function calls of a piece of work: its cost, also on a busy machine."""
    return calls(work).total()
