from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from consult.analysis.text.language import DETECTABLE_LANGUAGES, UNKNOWN, LanguageDetector, identify_languages

SAMPLES = {
    "en": "The clinic must stay open, whatever the ministry says about its budget.",
    "fr": "La clinique doit rester ouverte, quoi que le ministère dise de son budget.",
    "es": "La clínica debe seguir abierta, diga lo que diga el ministerio sobre su presupuesto.",
    "ar": "يجب أن تبقى العيادة مفتوحة مهما قالت الوزارة عن ميزانيتها.",
    "de": "Die Klinik muss offen bleiben, was auch immer das Ministerium über sein Budget sagt.",
    "ru": "Клиника должна оставаться открытой, что бы ни говорило министерство о бюджете.",
    "zh": "无论卫生部对预算说什么，诊所都必须继续开放。",
}


def test_each_language_is_told() -> None:
    assert identify_languages(list(SAMPLES.values())) == list(SAMPLES)


def test_a_short_text_is_taken_to_be_in_the_language_of_its_body() -> None:
    german = [SAMPLES["de"], "Der Radweg ist zu schmal.", "Hier fehlt eine Ampel für Fußgänger."] * 20
    assert identify_languages(["Fahrradampel"])[0] != "de"
    assert identify_languages([*german, "Fahrradampel"])[-1] == "de"


def test_a_few_texts_in_another_language_are_still_told() -> None:
    assert identify_languages([SAMPLES["en"]] * 500 + [SAMPLES["ar"], SAMPLES["fr"]])[-2:] == ["ar", "fr"]


MINORITY = [
    line.split("\t")
    for line in (Path(__file__).parents[3] / "benchmarks" / "minority_texts.txt")
    .read_text(encoding="utf-8")
    .splitlines()
    if not line.startswith("#")
]
PARTS = (
    "The clinic on our street must stay open", "We ask the ministry for more doctors", "I support this rule",
    "Families in the valley have waited for years", "Please do not close the night service",
    "Nobody asked the people who live here", "Treatment works and prison does not",
)  # fmt: skip


def test_short_texts_of_few_are_never_called_the_language_of_most() -> None:
    chance = random.Random(5)
    english = [". ".join(chance.sample(PARTS, chance.randint(1, 4))) for _ in range(2_000)]
    told = identify_languages([*english, *(text for _code, text in MINORITY)])
    assert set(told[: len(english)]) == {"en"}
    found = [(code, name) for (code, _text), name in zip(MINORITY, told[len(english) :], strict=True)]
    assert sum(name in (code, UNKNOWN) for code, name in found) >= 0.95 * len(found)
    assert sum(name == code for code, name in found) >= 0.8 * len(found)
    assert not [code for code, name in found if name == "en"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("支持", "zh"), ("賛成です", "ja"), ("찬성", "ko"), ("Їжа", "uk"), ("ไม่", "th"), ("Так, це вже є", "uk")],
)
def test_the_script_decides_whatever_most_others_write(text: str, code: str) -> None:
    assert identify_languages([SAMPLES["en"]] * 500 + [text])[-1] == code


def test_a_script_that_is_of_no_known_language_is_no_language() -> None:
    assert identify_languages([SAMPLES["en"]] * 50 + ["მე წინააღმდეგი ვარ", "Ես դեմ եմ"])[-2:] == [UNKNOWN] * 2


def test_letters_of_another_script_do_not_make_another_language() -> None:
    assert identify_languages([SAMPLES["en"].replace("e", "е").replace("o", "о")]) == ["en"]


def test_no_letters_are_no_language() -> None:
    assert identify_languages(["", "12 % …", "😀"]) == ["und", "und", "und"]
    assert identify_languages([]) == []


def test_the_choice_can_be_narrowed() -> None:
    told = dict(zip(SAMPLES, identify_languages(list(SAMPLES.values()), ["en", "fr"]), strict=True))
    assert {told[code] for code in ("ar", "ru", "zh")} == {"und"}
    assert {told[code] for code in ("en", "fr", "es", "de")} == {"en", "fr"}
    with pytest.raises(ValueError, match="klingon"):
        LanguageDetector(["klingon"])


def test_equal_texts_have_equal_chances_and_chances_add_up() -> None:
    among = LanguageDetector(DETECTABLE_LANGUAGES)
    chances = among.chances([SAMPLES["en"], SAMPLES["fr"], SAMPLES["en"]])
    assert np.array_equal(chances[0], chances[2])
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-3)
    assert sum(among.shares(chances)) == pytest.approx(1)


def test_two_letters_among_long_texts_are_of_no_language_that_only_they_seem_to_be_in() -> None:
    body = ["The clinic by the river must stay open because my whole family has been treated there."] * 5
    assert identify_languages([*body, "Да", "Нет", "支持"])[5:] == [UNKNOWN, UNKNOWN, "zh"]
