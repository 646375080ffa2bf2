"""Published relations: the tables and columns of a package that SQL of upper packages may read.

A package declares them in its `relations.py`. Each is a database view, `readable_<table>`, created by a migration.
PostgreSQL inlines views that only select columns, so plans are those of the table.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from sqlalchemy import Select

RELATIONS: dict[str, type[Relation]] = {}
"""Relations by the name of their view, for imported `relations.py` modules."""


class Relation:
    """A view that upper packages may read. Its docstring defines a row; `selected` lists its columns.

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
        """Return the statement that creates the view, as in a migration."""
        return f"CREATE VIEW {cls.name} AS {cls.select_sql()}"

    @classmethod
    def select_sql(cls) -> str:
        """Return the SELECT statement of the view."""
        return " ".join(str(cls.selected.compile(compile_kwargs={"literal_binds": True})).split())
