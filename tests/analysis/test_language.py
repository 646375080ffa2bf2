from __future__ import annotations

import numpy as np
import pytest

from consult.analysis.language import LANGUAGES, Languages, identify

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
    assert identify(list(SAMPLES.values())) == list(SAMPLES)


def test_a_short_text_is_taken_to_be_in_the_language_of_its_body() -> None:
    german = [SAMPLES["de"], "Der Radweg ist zu schmal.", "Hier fehlt eine Ampel für Fußgänger."] * 20
    assert identify(["Fahrradampel"])[0] != "de"
    assert identify([*german, "Fahrradampel"])[-1] == "de"


def test_a_few_texts_in_another_language_are_still_told() -> None:
    assert identify([SAMPLES["en"]] * 500 + [SAMPLES["ar"], SAMPLES["fr"]])[-2:] == ["ar", "fr"]


def test_no_letters_are_no_language() -> None:
    assert identify(["", "12 % …", "😀"]) == ["und", "und", "und"]
    assert identify([]) == []


def test_the_choice_can_be_narrowed() -> None:
    assert set(identify(list(SAMPLES.values()), ["en", "fr"])) == {"en", "fr"}
    with pytest.raises(ValueError, match="klingon"):
        Languages(["klingon"])


def test_equal_texts_have_equal_chances_and_chances_add_up() -> None:
    among = Languages(LANGUAGES)
    chances = among.chances([SAMPLES["en"], SAMPLES["fr"], SAMPLES["en"]])
    assert np.array_equal(chances[0], chances[2])
    assert np.allclose(chances.sum(axis=1), 1, atol=1e-3)
    assert sum(among.shares(chances)) == pytest.approx(1)
