"""Published relations: what the SQL of upper packages may read of a package's tables.

A package declares them in its `relations.py`; each is a view of the database, `readable_<table>`, made by a migration.
PostgreSQL puts a view that only chooses columns into the statement before it plans it, so plans are those of the table.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from sqlalchemy import Select

RELATIONS: dict[str, type[Relation]] = {}
"""By the name of the view; those of the `relations.py` that have been imported."""


class Relation:
    """A view that upper packages may read. Its docstring says what a row is; `selected` lists its columns.

    >>> from sqlalchemy import literal_column, select
    >>> class ReadableSample(Relation):
    ...     selected = select(literal_column("1").label("id"))
    >>> ReadableSample.name, ReadableSample.create_view()
    ('readable_sample', 'CREATE VIEW readable_sample AS SELECT 1 AS id')
    >>> del RELATIONS["readable_sample"]
    """

    name: ClassVar[str]
    selected: ClassVar[Select[*tuple[Any, ...]]]

    def __init_subclass__(cls) -> None:
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        RELATIONS[cls.name] = cls

    @classmethod
    def create_view(cls) -> str:
        """The statement that makes the view, as a migration has it."""
        return f"CREATE VIEW {cls.name} AS {cls.select_sql()}"

    @classmethod
    def select_sql(cls) -> str:
        """The columns as a statement."""
        return " ".join(str(cls.selected.compile(compile_kwargs={"literal_binds": True})).split())
