"""Script that creates the next migration: `make migration NAME=add_sector`, on a fully migrated database."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from consult.cli.database import new_revision
from consult.core.settings import Settings

if __name__ == "__main__":
    new_revision(Settings().database_url, sys.argv[1], datetime.now(UTC).date())
