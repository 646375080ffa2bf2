"""Makes the list of regions that Consult ships: `python -m benchmarks.regions [--cost]`.

The names come from `pycountry` (ISO 3166-2, with the French and Spanish names that it has). It is no requirement of
Consult: 23 MB on the disk and 6 MB in every web process for a list of which one country is read at a time. `--cost`
prints what both take.
"""

from __future__ import annotations

import argparse
import csv
import gettext
import re
import subprocess
import sys

from benchmarks.measure import print_table
from consult.signals.places.regions import FILE, LANGUAGES

_EXTRA = re.compile(r"\s*[\[(][^\])]*[\])]\s*$")  # a second language, or "(EH-partial)"
_MEASURE = """
import resource, time
def memory():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 1e6
{first}
before, began = memory(), time.process_time()
{second}
print(memory() - before, 1000 * (time.process_time() - began))
"""
_WAYS = {
    "the shipped list": (
        "from consult.signals.places import regions",
        "regions.list_regions('EC', 'fr')",
    ),
    "pycountry": (
        "",
        "import pycountry; list(pycountry.subdivisions.get(country_code='EC'))",
    ),
}


def write_list() -> int:
    """Writes the regions of the first level of every country; gives how many there are."""
    import pycountry  # noqa: PLC0415 (extra `bench`)

    spoken = [
        gettext.translation("iso3166-2", pycountry.LOCALES_DIR, languages=[code], fallback=True) for code in LANGUAGES
    ]
    rows = []
    for one in sorted(pycountry.subdivisions, key=lambda one: one.code):
        if one.parent_code is None:
            name = _EXTRA.sub("", one.name)
            others = [_EXTRA.sub("", words.gettext(one.name)) for words in spoken]
            rows.append([one.code, name, *("" if other == name else other for other in others)])
    with FILE.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE).writerows(rows)
    return len(rows)


def print_cost() -> None:
    rows = []
    for name, (first, second) in _WAYS.items():
        code = _MEASURE.format(first=first, second=second)
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
        rows.append([name, f"{float(told[0]):.1f}", f"{float(told[1]):.1f}"])
    print_table("Regions of one country, first time in a process", ["way", "MB", "CPU ms"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cost", action="store_true", help="measure instead of writing")
    if parser.parse_args().cost:
        print_cost()
    else:
        print(f"{write_list()} regions in {FILE}")
