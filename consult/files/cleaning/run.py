"""The child's one task: a file in, its cleaned copy out."""

from __future__ import annotations

import importlib

from consult.files.cleaning.answer import Cleaned, pack
from consult.files.kinds import Unacceptable

_MODULES = {
    "pdf": "pdf", "docx": "office", "xlsx": "office", "odt": "office", "csv": "plain", "txt": "plain",
    "jpeg": "pictures", "png": "pictures", "webp": "pictures", "gif": "pictures",
}  # fmt: skip


def clean(data: bytes, kind: str) -> bytes:
    """The packed `Cleaned` of a file of this kind. Only the libraries that this kind needs are loaded."""
    module = importlib.import_module(f"consult.files.cleaning.{_MODULES[kind]}")
    try:
        return pack(module.clean(data, kind))
    except Unacceptable as refusal:
        return pack(Cleaned(refused=refusal.code))
