"""Headlines on comments on a part of the draft.

Two submissions are “both”, not “all 2”, and one of two has its own form.
"""

from __future__ import annotations

from consult.core.i18n import N_, LazyString
from consult.digests.content.rows import AMENDMENT

_ONE = {
    "support": N_("One submission on %(place)s asks to keep it"),
    "wording": N_("One submission on %(place)s asks to change it"),
    "drop": N_("One submission on %(place)s asks to delete it"),
    "evidence": N_("One submission on %(place)s brings information"),
    "concern": N_("One submission on %(place)s raises a concern"),
}
_EITHER = {
    "support": N_("One of two submissions on %(place)s asks to keep it"),
    "wording": N_("One of two submissions on %(place)s asks to change it"),
    "drop": N_("One of two submissions on %(place)s asks to delete it"),
    "evidence": N_("One of two submissions on %(place)s brings information"),
    "concern": N_("One of two submissions on %(place)s raises concerns"),
}
_BOTH = {
    "support": N_("Both submissions on %(place)s ask to keep it"),
    "wording": N_("Both submissions on %(place)s ask to change it"),
    "drop": N_("Both submissions on %(place)s ask to delete it"),
    "evidence": N_("Both submissions on %(place)s bring information"),
    "concern": N_("Both submissions on %(place)s raise concerns"),
}
_ALL = {
    "support": N_("All %(of)s submissions on %(place)s ask to keep it"),
    "wording": N_("All %(of)s submissions on %(place)s ask to change it"),
    "drop": N_("All %(of)s submissions on %(place)s ask to delete it"),
    "evidence": N_("All %(of)s submissions on %(place)s bring information"),
    "concern": N_("All %(of)s submissions on %(place)s raise concerns"),
}
_SOME = {
    "support": N_("%(n)s of %(of)s submissions on %(place)s ask to keep it"),
    "wording": N_("%(n)s of %(of)s submissions on %(place)s ask to change it"),
    "drop": N_("%(n)s of %(of)s submissions on %(place)s ask to delete it"),
    "evidence": N_("%(n)s of %(of)s submissions on %(place)s bring information"),
    "concern": N_("%(n)s of %(of)s submissions on %(place)s raise concerns"),
}
_ONE_NEW = {
    "support": N_("One new submission on %(place)s asks to keep it"),
    "wording": N_("One new submission on %(place)s asks to change it"),
    "drop": N_("One new submission on %(place)s asks to delete it"),
    "evidence": N_("One new submission on %(place)s brings information"),
    "concern": N_("One new submission on %(place)s raises a concern"),
}
_EITHER_NEW = {
    "support": N_("One of two new submissions on %(place)s asks to keep it"),
    "wording": N_("One of two new submissions on %(place)s asks to change it"),
    "drop": N_("One of two new submissions on %(place)s asks to delete it"),
    "evidence": N_("One of two new submissions on %(place)s brings information"),
    "concern": N_("One of two new submissions on %(place)s raises concerns"),
}
_BOTH_NEW = {
    "support": N_("Both new submissions on %(place)s ask to keep it"),
    "wording": N_("Both new submissions on %(place)s ask to change it"),
    "drop": N_("Both new submissions on %(place)s ask to delete it"),
    "evidence": N_("Both new submissions on %(place)s bring information"),
    "concern": N_("Both new submissions on %(place)s raise concerns"),
}
_ALL_NEW = {
    "support": N_("All %(of)s new submissions on %(place)s ask to keep it"),
    "wording": N_("All %(of)s new submissions on %(place)s ask to change it"),
    "drop": N_("All %(of)s new submissions on %(place)s ask to delete it"),
    "evidence": N_("All %(of)s new submissions on %(place)s bring information"),
    "concern": N_("All %(of)s new submissions on %(place)s raise concerns"),
}
_SOME_NEW = {
    "support": N_("%(n)s of %(of)s new submissions on %(place)s ask to keep it"),
    "wording": N_("%(n)s of %(of)s new submissions on %(place)s ask to change it"),
    "drop": N_("%(n)s of %(of)s new submissions on %(place)s ask to delete it"),
    "evidence": N_("%(n)s of %(of)s new submissions on %(place)s bring information"),
    "concern": N_("%(n)s of %(of)s new submissions on %(place)s raise concerns"),
}


def list_templates(stance: str, *, new: bool) -> dict[str, LazyString]:
    """Return the unfilled sentences of a type of comment by the share that has it. `claims.py` chooses the true one.

    >>> str(list_templates("concern", new=False)["both"])
    'Both submissions on %(place)s raise concerns'
    """
    stance = "wording" if stance == AMENDMENT else stance
    names = ("one", "either", "both", "every", "some")
    found = (_ONE_NEW, _EITHER_NEW, _BOTH_NEW, _ALL_NEW, _SOME_NEW) if new else (_ONE, _EITHER, _BOTH, _ALL, _SOME)
    return {name: said[stance] for name, said in zip(names, found, strict=True)}
