from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from consult.analysis.text.normalise import normal_form, split_unspaced, split_words, text_hash
from consult.analysis.text.spans import word_spans
from consult.core.text import SILENT_CHARACTERS, fingerprint, normalise
from tests.analysis.writing import comments

SILENTLY = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("e\u0301하ᄒ"), st.sampled_from(sorted(SILENT_CHARACTERS)))
)
ANY = st.one_of(st.text(), comments(), SILENTLY)


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
    found = word_spans(text)
    assert len(found) == len(split_words(text))
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert found == sorted(found)


@settings(deadline=None)  # a busy machine is no failure
@given(ANY)
@example("\u0300\u03450")
def test_what_is_written_at_a_place_is_the_word_said_to_stand_there(text: str) -> None:
    for word, (start, end) in zip(split_words(text), word_spans(text), strict=True):
        assert word in split_unspaced(normalise(text[start:end])).split()


@pytest.mark.parametrize("silent", ["\u200b", "\u034f", "\u00ad", "\u3164", "\U000e0041"])
def test_words_with_what_is_not_seen_in_them_stand_where_they_were_written(silent: str) -> None:
    text = f"{silent}Don’t {silent}we{silent}aken, é{silent}lève!{silent}"
    assert split_words(text) == ["don", "t", "weaken", "élève"]
    assert [text[start:end].strip(silent) for start, end in word_spans(text)] == [
        "Don", "t", f"we{silent}aken", f"é{silent}lève",
    ]  # fmt: skip


def test_a_script_without_spaces_has_a_word_for_each_character() -> None:
    assert split_words("毒品政策 now") == ["毒", "品", "政", "策", "now"]


def test_marks_stay_with_their_letters_and_joiners_do_not_count() -> None:
    assert split_words("हिन्दी में लिखा") == ["हिन्दी", "में", "लिखा"]
    assert split_words("الصِّحَّةُ حَقٌّ، لا هِبة") == ["الصِّحَّةُ", "حَقٌّ", "لا", "هِبة"]
    assert split_words("می\u200cخواهم co\u00adoperate الصـحة") == ["میخواهم", "cooperate", "الصحة"]
    assert split_words("\u0301 ok ❤\ufe0f") == ["ok"]
    text = "वे हिन्दी\u200d, में!"
    assert [text[start:end].rstrip("\u200d") for start, end in word_spans(text)] == ["वे", "हिन्दी", "में"]
