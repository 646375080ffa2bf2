from __future__ import annotations

import pytest

from consult.analysis.polarity import contrary


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("apoyamos", "rechazamos"), ("apoyan", "rechazan"), ("permitirán", "prohibirán"), ("no", ""),
        ("soutiennent", "combattent"), ("autoriserait", "interdirait"), ("peuvent", "ne peuvent pas"),
        ("unterstützten", "bekämpften"), ("erlaubte", "verbietet"), ("ein", "kein"),
        ("ندعم", "نعارض"), ("يؤيدون", "يعارضون"), ("سنرفض", "سنقبل"), ("", "لا"),
        ("supports", "opposes"), ("must", "must not"), ("apoiamos", "rejeitamos"), ("sosteniamo", "rifiutiamo"),
    ],
)  # fmt: skip
def test_a_turned_word_is_told_in_whatever_person_and_tense(old: str, new: str) -> None:
    assert contrary(old.split(), new.split())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("apoyamos", "respaldamos"), ("soutiennent", "approuvent"), ("unterstützen", "befürworten"),
        ("ندعم", "نؤيد"), ("rule", "regulation"), ("families", "households"), ("niños", "hijos"),
        ("Kinder", "Familien"),
    ],
)  # fmt: skip
def test_another_word_for_the_same_is_not(old: str, new: str) -> None:
    assert not contrary(old.split(), new.split())
