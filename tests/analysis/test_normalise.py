from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from consult.analysis.normalise import normal_form, spaced, text_hash, words
from consult.analysis.spans import spans
from consult.core.text import fingerprint, normalise

from .writing import comments

ANY = st.one_of(st.text(), comments())


@settings(deadline=None)  # a busy machine is no failure
@given(ANY)
def test_there_is_one_normal_form(text: str) -> None:
    assert normal_form(text) == normalise(text)
    assert text_hash(normal_form(text)) == fingerprint(text)


@settings(deadline=None)  # a busy machine is no failure
@given(ANY)
@example("İstanbul’da ½ ﬁsh … n\u0303o 條例 ﷺ")
@example("e\u0301 \u0301e ͅα")
def test_every_word_knows_where_it_was_written(text: str) -> None:
    found = spans(text)
    assert len(found) == len(words(text))
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert found == sorted(found)


@settings(deadline=None)  # a busy machine is no failure
@given(ANY)
def test_what_is_written_at_a_place_is_the_word_said_to_stand_there(text: str) -> None:
    for word, (start, end) in zip(words(text), spans(text), strict=True):
        assert word in spaced(normalise(text[start:end])).split()


def test_a_script_without_spaces_has_a_word_for_each_character() -> None:
    assert words("毒品政策 now") == ["毒", "品", "政", "策", "now"]


def test_marks_stay_with_their_letters_and_joiners_do_not_count() -> None:
    assert words("हिन्दी में लिखा") == ["हिन्दी", "में", "लिखा"]
    assert words("الصِّحَّةُ حَقٌّ، لا هِبة") == ["الصِّحَّةُ", "حَقٌّ", "لا", "هِبة"]
    assert words("می\u200cخواهم co\u00adoperate الصـحة") == ["میخواهم", "cooperate", "الصحة"]
    assert words("\u0301 ok ❤\ufe0f") == ["ok"]
    text = "वे हिन्दी\u200d, में!"
    assert [text[start:end].rstrip("\u200d") for start, end in spans(text)] == ["वे", "हिन्दी", "में"]
