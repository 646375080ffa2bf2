"""A case study for reference managers, and the list as a file. Pure.

Sources: Citation Style Language 1.0.2, csl-data.json; BibTeX's `@techreport`; RFC 4180.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from consult.case_studies.appraisal.certainty import Certainty
from consult.case_studies.model import CaseStudy
from consult.core.text import csv_cell

_FIELDS = (
    "reference", "title", "country", "region", "began", "ended", "setting", "run_by", "paid_by", "language", "summary",
    "outcome", "outcome_by", "certainty", "appraised", "edition", "published", "withdrawn", "address",
)  # fmt: skip
_SPECIAL = re.compile(r"([&%$#_{}~^\\])")
_ESCAPES = {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "{": r"\lbrace{}",
    "}": r"\rbrace{}",
}
"""BibTeX counts braces, also those behind a backslash, so they are not written."""


def to_csl(study: CaseStudy, authors: Sequence[str], url: str, site: str) -> dict[str, Any]:
    """The item of CSL-JSON: a report, with its authors by the name they chose."""
    made = study.amended_at or study.published_at
    note = f"Edition {study.edition}" + ("; withdrawn" if study.withdrawn_at else "")
    return {
        "id": study.reference,
        "type": "report",
        "title": study.title,
        "author": [{"literal": name} for name in authors],
        "issued": {"date-parts": [[made.year, made.month, made.day]]} if made else {},
        "publisher": site,
        "number": study.reference,
        "abstract": study.summary,
        "language": study.language,
        "URL": url,
        "note": note,
    }


def to_bibtex(study: CaseStudy, authors: Sequence[str], url: str, site: str) -> str:
    """The entry of BibTeX."""
    made = study.amended_at or study.published_at
    fields: Mapping[str, str] = {
        "title": f"{{{escape_bibtex(study.title)}}}",
        "author": " and ".join(f"{{{escape_bibtex(name)}}}" for name in authors),
        "institution": escape_bibtex(site),
        "number": study.reference,
        "year": str(made.year) if made else "",
        "url": url,
        "note": f"Edition {study.edition}" + ("; withdrawn" if study.withdrawn_at else ""),
    }
    lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@techreport{{{study.reference},\n{lines}\n}}\n"


def escape_bibtex(words: str) -> str:
    r"""Words in which no character means anything to TeX.

    >>> print(escape_bibtex("R&D: 50 % {more}"))
    R\&D: 50 \% \lbrace{}more\rbrace{}
    """
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[1], f"\\{found[1]}"), words)


def to_record(study: CaseStudy, url: str) -> dict[str, Any]:
    """One case study as a row of the list."""
    certainty = Certainty(study.certainty).name.lower() if study.certainty else None
    values = {
        **{name: getattr(study, name) for name in _FIELDS[:11]},
        "outcome": study.outcome.value if study.outcome else None,
        "outcome_by": "appraisers" if study.direction else "author",
        "certainty": certainty,
        "appraised": study.appraised,
        "edition": study.edition,
        "published": study.published_at.isoformat() if study.published_at else None,
        "withdrawn": study.withdrawn_at.isoformat() if study.withdrawn_at else None,
        "address": url,
    }
    return {name: values[name] for name in _FIELDS}


def as_csv(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """CSV in UTF-8 with a head; cells that would run as a formula are made harmless."""
    out = io.StringIO()
    write = csv.writer(out).writerow
    write(_FIELDS)
    for record in records:
        write([csv_cell(record[name]) for name in _FIELDS])
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def as_jsonl(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One JSON object a line."""
    for record in records:
        yield json.dumps(record, ensure_ascii=False) + "\n"
