"""Ambulance numbers by country, from `ambulances.csv`.

Source: the Android platform, `packages/services/Telephony/ecc/input/eccdata.txt`, revision 2 (Apache License 2.0). The
file holds the first number of each country with the type AMBULANCE; 219 of 227 countries have one. `agreed` tells
whether `phonenumberslite` 9.0.42 also lists it as an emergency number. Numbers that only one source has are not shown,
because a wrong number costs more time than a general one.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).with_name("ambulances.csv")
CHECKED_ON = date(2026, 12, 1)
"""The day on which the two sources were compared."""
SOURCE = "https://android.googlesource.com/platform/packages/services/Telephony/+/refs/heads/main/ecc/input/eccdata.txt"


def find_ambulance(country: str) -> str:
    """Return the ambulance number of a country (ISO 3166-1 alpha-2) on which both sources agree, else "".

    >>> find_ambulance("EC"), find_ambulance("BO"), find_ambulance("PE")
    ('911', '118', '')
    """
    return _read_numbers().get(country, "")


@lru_cache(maxsize=1)
def _read_numbers() -> Mapping[str, str]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["country"]: row["ambulance"] for row in csv.DictReader(file) if row["agreed"] == "yes"}
