"""The tables of the first release, in `20261128_baseline.sql` as written by `pg_dump`.

Later changes have files of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import op

revision = "20261128"
down_revision = None
branch_labels = None
depends_on = None

_EMPTY = """
DO $$
DECLARE it record;
BEGIN
    FOR it IN SELECT relname, relkind FROM pg_class WHERE relnamespace = current_schema()::regnamespace
            AND relkind IN ('r', 'v') AND relname <> 'alembic_version' ORDER BY relkind DESC LOOP
        IF it.relkind = 'v' THEN
            EXECUTE format('DROP VIEW IF EXISTS %I CASCADE', it.relname);
        ELSE
            EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', it.relname);
        END IF;
    END LOOP;
    FOR it IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = current_schema()::regnamespace LOOP
        EXECUTE 'DROP FUNCTION ' || it.name;
    END LOOP;
END $$
"""


def upgrade() -> None:
    _run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    _run(_EMPTY)


def _run(script: str) -> None:
    """Run a script with the driver itself, which does not interpret % without parameters."""
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(script)
