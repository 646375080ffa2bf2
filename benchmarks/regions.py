"""Generator of the list of regions: `python -m benchmarks.regions [FILE]`.

The names come from `pycountry` (ISO 3166-2, with its French and Spanish names). Consult does not depend on it, because
it needs 23 MB on disk and 6 MB in each web process. Without FILE the command prints the memory of both.

Arabic names come from FILE, `common/subdivisions/ar.xml` of the Unicode CLDR, which the npm package `cldr` includes.
CLDR calls them provisional, so they were compared with the consonants of the ISO names, and differing ones were read.
`regions_ar.tsv` has names for regions without a correct one in CLDR, such as those of Morocco and Iran, whose codes
were reassigned. An empty name keeps the name in Latin letters.
"""

from __future__ import annotations

import argparse
import csv
import gettext
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.measure import print_table
from consult.signals.places.regions import FILE, LANGUAGES

_EXTRA = re.compile(r"\s*[\[(][^\])]*[\])]\s*$")  # a second language, or "(EH-partial)"
_MENDED = Path(__file__).with_name("regions_ar.tsv")
_KINDS = "ولاية محافظة مقاطعة مقاطغة منطقة جهة إمارة امارة إقليم اقليم قضاء لواء دائرة بلدية أبرشية مديرية إدارة شعبة قسم ضاحية أوبلاست أوبليس أوكروغ كوماركا"
_NOISE = re.compile(
    rf"^تصنيف:|\s*\([^)]*\)|\s*،.*|[\u064b-\u0652\u0640\u200e\u200f²]|^(?:{'|'.join(_KINDS.split())})\s+(?=\S)|\s+(?:أوبلاستي?|الإقليمية)$"
)
"""In Arabic names: "province of", the country after a comma, vowel signs."""
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


def read_arabic(file: Path) -> dict[str, str]:
    """Return Arabic names by the code of CLDR, which has no hyphen."""
    names = {one.get("type", ""): one.text or "" for one in ElementTree.parse(file).iter("subdivision")}
    mended = dict(line.split("\t") for line in _MENDED.read_text("utf-8").splitlines())
    found = {code: _NOISE.sub("", _NOISE.sub("", name)).strip() for code, name in names.items()}
    return found | {code.replace("-", "").lower(): name for code, name in mended.items()}


def write_list(file: Path) -> int:
    """Write the regions of the first level of every country, and return their number."""
    import pycountry  # noqa: PLC0415 (extra `bench`)

    first = sorted((one for one in pycountry.subdivisions if one.parent_code is None), key=lambda one: one.code)
    spoken = {
        code: gettext.translation("iso3166-2", pycountry.LOCALES_DIR, languages=[code], fallback=True).gettext
        for code in ("fr", "es")
    }
    known = read_arabic(file)
    arabic = {one.code: known.get(one.code.replace("-", "").lower(), "") for one in first}
    times = Counter((code[:2], name) for code, name in arabic.items())
    rows = []
    for one in first:
        name, native = _EXTRA.sub("", one.name), arabic[one.code]
        others = [_EXTRA.sub("", spoken[code](one.name)) if code in spoken else native for code in LANGUAGES]
        alone = times[one.country_code, native] == 1
        rows.append(
            [one.code, name, *("" if other == name or (other == native and not alone) else other for other in others)]
        )
    with FILE.open("w", encoding="utf-8", newline="") as list_:
        csv.writer(list_, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE).writerows(rows)
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
    parser.add_argument("file", nargs="?", type=Path, help="Arabic names; without it, the costs are measured")
    asked = parser.parse_args()
    if asked.file is None:
        print_cost()
    else:
        print(f"{write_list(asked.file)} regions in {FILE}")
