"""Add a language of drafts and comments, Italian: the registry, and the words of the moderation checks."""

from __future__ import annotations

from consult.core.languages import CONTENT_LANGUAGES, find_language
from consult.moderation.checks.text_checks import check_texts, detect_language
from tests.errands.errand import Errand

_END = """        preamble="Preâmbulo",
        whole="Texto",
        plural_s=True,
    ),
"""
_ITALIAN = """    Language(
        code="it",
        name="Italiano",
        akn="ita",
        search="italian",
        preamble="Preambolo",
        whole="Testo",
    ),
"""
_WORDS = """\
# Italian.

[relations]
mio mia | cugino cugina fratello sorella figlio figlia madre padre

[common]
il lo la gli che di non per una sono con della del
"""
ERRAND = Errand(
    {"consult/core/languages.py": [(_END, _END + _ITALIAN)]},
    {"consult/moderation/checks/words/it.txt": _WORDS},
)


def confirm_drafts_may_be_in_it_and_comments_are_recognised() -> None:
    assert CONTENT_LANGUAGES["it"] == "Italiano"
    assert find_language("it").search == "italian"
    assert detect_language("Non sono i servizi che mancano, ma la fiducia della gente") == "it"
    assert check_texts(["Mio cugino Pietro aspetta."]).codes == ["third_person"]
