"""Runs tests as if it were other moments, one after the other in this process: `python -m tests.moments [--daily] …`.

The servers are started once, and the tables made once; what else is given goes to pytest. With `--daily` it is one
moment, and the next one after two days, so that all come in turn: CI runs it every second day. `make test-moments`
hands the tests of a moment out to several processes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tests.run import started

MOMENTS = {
    "2026-12-01T01:00Z": "Tuesday, the first hours of a month",
    "2026-12-07T12:00Z": "Monday, after the weekly digests",
    "2027-01-01T00:10Z": "Friday, the year has begun in Europe and not in America",
    "2027-01-31T23:55Z": "Sunday, the last minutes of a month: the next has no such day",
    "2027-03-28T00:50Z": "Sunday, ten minutes before Europe loses an hour",
    "2027-05-19T12:00Z": "Wednesday, at noon",
    "2027-07-10T23:59Z": "Saturday, a minute before midnight",
    "2027-09-30T03:55Z": "Thursday, the end of a quarter, before the daily digests",
    "2027-10-31T00:30Z": "Sunday, in the hour before the one that Europe has twice",
    "2027-11-07T05:50Z": "Sunday, in the hour that America has twice",
    "2027-12-31T23:30Z": "Friday, the last half hour of a year",
    "2028-02-29T12:00Z": "Tuesday, the day of a leap year",
}
"""Each weekday, and the edges of the calendar."""


def main(arguments: Sequence[str]) -> int:
    moments = list(MOMENTS)
    if "--daily" in arguments:
        moments = [moments[datetime.now(UTC).toordinal() // 2 % len(moments)]]
    given = [argument for argument in arguments if argument != "--daily"]
    failed = []
    with started() as run:
        os.environ.update(CONSULT_TEST_DATABASE_URL=run.database, CONSULT_TEST_REDIS_URL=run.redis)
        for moment in moments:
            print(f"At {moment}: {MOMENTS[moment]}", flush=True)
            if pytest.main(["--numprocesses", "0", "--quiet", "--at", moment, *given]):
                failed.append(moment)
    print(f"Failed at {', '.join(failed)}" if failed else f"Passed at {len(moments)} moments")
    return bool(failed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
