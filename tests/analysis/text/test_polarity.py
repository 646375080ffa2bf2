from __future__ import annotations

import pytest

from consult.analysis.text.normalise import split_words
from consult.analysis.text.polarity import is_contrary


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("apoyamos", "rechazamos"), ("apoyan", "rechazan"), ("permitirán", "prohibirán"), ("no", ""),
        ("soutiennent", "combattent"), ("autoriserait", "interdirait"), ("peuvent", "ne peuvent pas"),
        ("unterstützten", "bekämpften"), ("erlaubte", "verbietet"), ("ein", "kein"),
        ("ندعم", "نعارض"), ("يؤيدون", "يعارضون"), ("سنرفض", "سنقبل"), ("", "لا"),
        ("lehnen", "begrüßen"), ("erhöht", "gekürzt"), ("niemand", "jeder"), ("garantir", "refuser"),
        ("بوقف", "بمواصلة"), ("عدم إقرار", "إقرار"), ("وليست", "و"), ("", "no puede"), ("nadie", "todos"),
        ("поддерживают", "отвергают"), ("против", "за"), ("сохранить", "отменить"), ("समर्थन", "विरोध"),
        ("बढ़ाना", "घटाना"), ("न", ""), ("支 持", "反 对"), ("增 加", "减 少"), ("不", ""),
        ("さ ん せ い", "し ま せ ん"),
        ("harmful", "harmless"), ("", "stop"), ("", "fail to"), ("before", "after"), ("encourage", "discourage"),
        ("regulate", "deregulate"), ("most", "least"),
        ("support", "defund"), ("remove", "strengthen"), ("keep", "delete"), ("stop", "adopt"), ("raise", "depress"),
        ("financez", "supprimer"), ("gardez", "effacer"), ("mantener", "borrar"), ("detengan", "adopten"),
        ("behalten", "löschen"), ("stoppen", "beschließen"), ("manter", "apagar"), ("parem", "aprovem"),
        ("supports", "opposes"), ("must", "must not"), ("stop", "do not stop"),
        ("oppose", "no longer oppose"), ("apoiamos", "rejeitamos"), ("sosteniamo", "rifiutiamo"),
    ],
)  # fmt: skip
def test_a_turned_word_is_told_in_whatever_person_and_tense(old: str, new: str) -> None:
    assert is_contrary(split_words(old), split_words(new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("apoyamos", "respaldamos"), ("soutiennent", "approuvent"), ("unterstützen", "befürworten"),
        ("ندعم", "نؤيد"), ("rule", "regulation"), ("families", "households"), ("niños", "hijos"),
        ("Kinder", "Familien"), ("", "非 常"), ("问 题", "情 况"), ("stop", "end"), ("", "very"), ("просим", "требуем"),
        ("stop", "do not approve"), ("oppose", "do not support"), ("rechazamos", "no apoyamos"), ("", "no doubt"),
        ("a", "nothing short of a"), ("impact", "not only impact"), ("", "sin duda"),
    ],
)  # fmt: skip
def test_another_word_for_the_same_is_not(old: str, new: str) -> None:
    assert not is_contrary(split_words(old), split_words(new))
