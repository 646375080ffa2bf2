"""Exports of case studies: citations for reference managers, and the list as a file. Pure functions.

Sources: Citation Style Language 1.0.2, csl-data.json; BibTeX's `@techreport`; RFC 4180.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from consult.case_studies.appraisal.certainty import Certainty
from consult.case_studies.model import CaseStudy
from consult.core.text import CsvWriter

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
"""BibTeX counts braces, even escaped ones, so they are replaced by commands."""


def to_csl(study: CaseStudy, authors: Sequence[str], url: str, site: str) -> dict[str, Any]:
    """Return a CSL-JSON item of type report."""
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
    """Return a BibTeX entry."""
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
    r"""Escape characters that have a meaning in TeX.

    >>> print(escape_bibtex("R&D: 50 % {more}"))
    R\&D: 50 \% \lbrace{}more\rbrace{}
    """
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[1], f"\\{match[1]}"), words)


def to_record(study: CaseStudy, url: str) -> dict[str, Any]:
    """Return a case study as a row of the list. A withdrawn one has no certainty and outcome."""
    judged = study.withdrawn_at is None
    certainty = Certainty(study.certainty).name.lower() if study.certainty and judged else None
    values = {
        **{name: getattr(study, name) for name in _FIELDS[:11]},
        "outcome": study.outcome.value if study.outcome and judged else None,
        "outcome_by": ("appraisers" if study.direction else "author") if judged else None,
        "certainty": certainty,
        "appraised": study.appraised,
        "edition": study.edition,
        "published": study.published_at.isoformat() if study.published_at else None,
        "withdrawn": study.withdrawn_at.isoformat() if study.withdrawn_at else None,
        "address": url,
    }
    return {name: values[name] for name in _FIELDS}


def as_csv(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield CSV in UTF-8 with a header. Cells that a spreadsheet would run as a formula are escaped."""
    out = io.StringIO()
    write = CsvWriter(out).writerow
    write(_FIELDS)
    for record in records:
        write(record[name] for name in _FIELDS)
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def as_jsonl(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield one JSON object per line."""
    for record in records:
        yield json.dumps(record, ensure_ascii=False) + "\n"
