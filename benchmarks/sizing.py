"""Size of the database on disk, and of its dump, by number of submissions: `python -m benchmarks.sizing`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks import workload
from benchmarks.measure import print_table
from consult.cli.maintenance.postgres_tools import run_program


def measure(n: int) -> list[str]:
    """Return the figures of workload W with N submissions."""
    with workload.database(n) as url, tempfile.TemporaryDirectory() as folder:
        engine = create_engine(url)
        with engine.connect() as connection:
            size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        engine.dispose()
        dump = Path(folder, "database.dump")
        run_program("pg_dump", "--format=custom", f"--file={dump}", database_url=url)
        return [f"{n:,}", f"{size / 2**20:.0f}", f"{dump.stat().st_size / 2**20:.1f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    rows = [measure(n) for n in parser.parse_args().sizes]
    print_table("Size of an installation", ["submissions", "database, MB", "dump, MB"], rows)


if __name__ == "__main__":
    main()
