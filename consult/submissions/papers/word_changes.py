"""Suggested wordings in a recommendation: replace “A” by “B”, delete “A”, insert “B” after “A”, should read “B”.

A replacement, insertion or deletion is understood only if its old words (for an insertion, the words before it) are in
the paragraph exactly once. Other recommendations stay comments.
"""

from __future__ import annotations

import re

from consult.core.text import one_line

_OPEN, _CLOSE = '[“"«„]\\s?', '\\s?[”"»“]'
_OLD = rf"{_OPEN}(?P<old>[^“”\"«»„]{{1,600}}?){_CLOSE}"
_NEW = rf"{_OPEN}(?P<new>[^“”\"«»„]{{1,2000}}?){_CLOSE}"
_WORDS = r"(?:\s+(?:the\s)?(?:words?|phrase|les mots|le mot|l[ae]s? palabras?|la frase|عبارة|كلمة))?"
_REPLACE = re.compile(
    rf"(?:replac\w+|substitut\w+|remplac\w+|sustitu\w+|reemplaz\w+|استبدال|يستعاض عن|الاستعاضة عن){_WORDS}\s+{_OLD}\s+"
    rf"(?:by|with|par|por|بـ?){_WORDS}\s*{_NEW}",
    re.IGNORECASE,
)
_INSERT = re.compile(
    rf"(?:insert\w*|add\w*|insér\w+|ajout\w+|añad\w+|agreg\w+|إضافة|إدراج|تضاف){_WORDS}\s+{_NEW}\s+"
    rf"(?:after|après|después de|tras|بعد){_WORDS}\s+{_OLD}",
    re.IGNORECASE,
)
_DELETE = re.compile(
    rf"(?:delet\w+|remov\w+|supprim\w+|suprim\w+|elimin\w+|حذف|تحذف){_WORDS}\s+{_OLD}",
    re.IGNORECASE,
)
_READ = re.compile(
    rf"(?:should read|shall read|should be worded|devrait se lire|se lirait|debe(?:ría)? decir|se lea|ليصبح نصها|"
    rf"ليكون نصها|يصبح نصها)(?:\s+as follows|\s+comme suit|\s+así|\s+كما يلي)?\s?:?\s*{_NEW}",
    re.IGNORECASE,
)
_LEAST = 20
"""Least number of characters of a whole new wording: a shorter quotation is part of one."""


def suggest_wording(recommendation: str, text: str) -> str | None:
    """Return the text of a paragraph as a recommendation would change it, or None if it suggests no clear wording.

    >>> suggest_wording("Replace “60 per cent” by “80 per cent”.", "At least 60 per cent by 2030.")
    'At least 80 per cent by 2030.'
    >>> suggest_wording("Delete “of”.", "One of two of three.") is None
    True
    """
    for pattern in (_REPLACE, _INSERT, _DELETE):
        matches = list(pattern.finditer(recommendation))
        if len(matches) == 1:
            return _changed(pattern, matches[0], text)
    whole = list(_READ.finditer(recommendation))
    if len(whole) == 1 and len(whole[0]["new"]) >= _LEAST:
        new = one_line(whole[0]["new"])
        return new if new != one_line(text) else None
    return None


def _changed(pattern: re.Pattern[str], match: re.Match[str], text: str) -> str | None:
    old = match["old"]
    if text.count(old) != 1:
        return None
    if pattern is _REPLACE:
        changed = text.replace(old, match["new"])
    elif pattern is _INSERT:
        changed = text.replace(old, f"{old} {match['new']}")
    else:
        changed = text.replace(old, "")
        changed = re.sub(r"\s+([,.;:])", r"\1", re.sub(r"[ ]{2,}", " ", changed)).strip()
    return changed if changed and changed != text else None
