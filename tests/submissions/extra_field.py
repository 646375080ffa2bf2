"""A plugin of pytest: Consult with one more field of a submission, `sector`.

The two modules that a developer would edit are compiled from their source with the lines that the developer would add.
`extra_field_checks.py` looks for the field; `test_fields.py` runs both.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

_COLUMN = "    country: Mapped[str | None]  # ISO 3166-1 alpha-2\n"
_VALUE = '    email: str = ""\n'
_LIST = ")\nSTORED = "
_ROW = """    SubmissionField(
        "sector",
        committed=True,
        label="Sector you work in",
        hint="Counted, and shown to moderators.",
        title="Sector",
        what="the sector",
        choices={"health": "Health", "justice": "Justice"}.items,
        without_identity=True,
        exported="sector",
        exported_of_drafts=True,
        imported="health, justice, or empty.",
    ),
"""
ADDED: dict[str, Sequence[tuple[str, str]]] = {
    "consult.submissions.model": [(_COLUMN, f"{_COLUMN}    sector: Mapped[str | None]\n")],
    "consult.submissions.fields": [(_VALUE, f'{_VALUE}    sector: str = ""\n'), (_LIST, f"{_ROW}{_LIST}")],
}


class _Edited(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        text = self.get_data(self.path).decode()
        for there, then in ADDED[fullname]:
            assert text.count(there) == 1, f"{fullname} has not one line {there!r}"
            text = text.replace(there, then)
        return compile(text, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname in ADDED else None
        if spec is not None:
            spec.loader = _Edited(fullname, spec.origin or "")
        return spec


assert not ADDED.keys() & sys.modules.keys(), "load it before Consult: -p tests.submissions.extra_field"
sys.meta_path.insert(0, _Finder())
