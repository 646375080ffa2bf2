"""SQL statements too long for a string, in `name.sql` next to the module that runs them."""

from __future__ import annotations

import re
from pathlib import Path

_COMMENT = re.compile(r"^\s*--.*\n", re.M)


def read_sql(module_file: str, name: str, **parts: str) -> str:
    """Return the statement in `name`.sql next to a module, given as its `__file__`, without the comment lines.

    `{part}` in the file stands for the SQL of that name in `parts`. Raises KeyError for a part that the file does not
    use, and FileNotFoundError.
    """
    sql = _COMMENT.sub("", Path(module_file).with_name(f"{name}.sql").read_text(encoding="utf-8"))
    for part, text in parts.items():
        if f"{{{part}}}" not in sql:
            raise KeyError(part)
        sql = sql.replace(f"{{{part}}}", text)
    return sql
