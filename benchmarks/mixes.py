"""Unseen mixes: comments that are harder and more varied than those of `benchmarks.comments`, with known labels.

The seed determines the output. There are letters in five languages, also short ones, and different letters that share
sentences. People put words in the middle, quote a whole letter to refute it, use a stock sentence, paste two letters,
or reverse the meaning.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from benchmarks.comments import SHARES, Comment, Writer, letter, sentence

MORE = SHARES | {
    "exact": 0.25, "unique": 0.16, "contrary": 0.03, "infix": 0.05, "quoteall": 0.02, "stock": 0.03, "stitch": 0.01,
    "opening": 0.05, "typos": 0.02, "greeting": 0.03, "half": 0.02,
}  # fmt: skip
_CLAUSES = {
    "fr": (
        ("Les infirmières de {}", "Nous, habitants de {},", "Les éleveurs de {}", "Les associations de {}", "Les juges de {}"),
        ("ne peuvent pas accepter", "demandent au ministère", "soutiennent depuis longtemps", "refusent", "ont besoin que l'on garantisse", "craignent de perdre"),
        ("la fermeture du centre de soins", "un accès égal aux traitements", "la taxe sur les petites fermes", "le droit de recours devant un juge", "une consultation publique plus longue", "la publication des données"),
        ("parce que l'hiver est long", "depuis la réforme de 2011", "même si le budget est serré", "comme l'a montré l'audit", "avant la prochaine saison", "pour nos enfants"),
    ),
    "es": (
        ("Las enfermeras de {}", "Los vecinos de {}", "Las familias de {}", "Los agricultores de {}", "Los médicos de {}"),
        ("no podemos aceptar", "pedimos al ministerio", "apoyamos desde hace años", "rechazamos", "necesitamos que se garantice", "tememos perder"),
        ("el cierre del centro de salud", "un acceso igual a los tratamientos", "el impuesto a las fincas pequeñas", "el derecho a recurrir ante un juez", "una consulta pública más larga", "la publicación de los datos"),
        ("porque el invierno es largo", "desde la reforma de 2011", "aunque el presupuesto sea escaso", "como mostró la auditoría", "antes de la próxima temporada", "por nuestros hijos"),
    ),
    "de": (
        ("Die Pflegekräfte von {}", "Wir Bürger von {}", "Die Bauern aus {}", "Die Vereine von {}", "Die Ärztinnen aus {}"),
        ("können nicht hinnehmen", "fordern vom Ministerium", "unterstützen seit Jahren", "lehnen entschieden ab", "brauchen die Zusage für", "fürchten"),
        ("die Schließung der Klinik", "einen gleichen Zugang zur Behandlung", "die Abgabe auf kleine Höfe", "das Recht auf Beschwerde vor Gericht", "eine längere öffentliche Anhörung", "die Offenlegung der Daten"),
        ("weil der Winter lang ist", "seit der Reform von 2011", "auch wenn das Geld knapp ist", "wie die Prüfung gezeigt hat", "vor der nächsten Saison", "für unsere Kinder"),
    ),
    "ar": (
        ("ممرضات {}", "نحن سكان {}", "مزارعو {}", "جمعيات {}", "أطباء {}"),
        ("لا يمكن أن نقبل", "نطالب الوزارة بأن تعيد النظر في", "ندعم منذ سنوات", "نرفض", "نحتاج إلى ضمان", "نخشى أن نخسر"),
        ("إغلاق المركز الصحي", "المساواة في الحصول على العلاج", "الضريبة على المزارع الصغيرة", "حق الطعن أمام القاضي", "مشاورة عامة أطول", "نشر البيانات"),
        ("لأن الشتاء طويل", "منذ إصلاح عام 2011", "حتى لو كانت الميزانية محدودة", "كما أظهر التدقيق", "قبل الموسم القادم", "من أجل أطفالنا"),
    ),
}  # fmt: skip
_TURNS = {
    "en": ((r"\bcannot\b", "can"), (r"\bdo not\b", "do"), (r"\bmust not\b", "must"), (r"\bshould be\b", "should not be"), (r"\bare entitled\b", "are not entitled"), (r"\bwould lose\b", "would not lose"), (r"\bwere promised\b", "were never promised")),
    "fr": ((r"\bne peuvent pas\b", "peuvent"), (r"\bsoutiennent\b", "combattent"), (r"\brefusent\b", "acceptent"), (r"\bdemandent\b", "ne demandent pas")),
    "es": ((r"\bno podemos\b", "podemos"), (r"\bapoyamos\b", "rechazamos"), (r"\brechazamos\b", "aceptamos"), (r"\bpedimos\b", "no pedimos")),
    "de": ((r"\bkönnen nicht\b", "können"), (r"\bunterstützen\b", "bekämpfen"), (r"\blehnen entschieden ab\b", "befürworten"), (r"\bfordern\b", "fordern nicht")),
    "ar": ((r"لا يمكن", "يمكن"), (r"ندعم", "نعارض"), (r"نرفض", "نقبل"), (r"نحتاج", "لا نحتاج")),
}  # fmt: skip
_REFUTE = (
    ('I was sent this text: "{}" It is wrong from beginning to end.', "en"),
    ("My union wants me to sign the following. “{}” I will not sign it, and here is why.", "en"),
    ("On me demande de signer ceci : « {} » Je ne suis pas d'accord.", "fr"),
    ("Me piden firmar esto: «{}» No estoy de acuerdo.", "es"),
    ("Man schickte mir: „{}“ Das ist falsch.", "de"),
    ("> {}\n\nI disagree with every line of this.", "en"),
)
_GREETINGS = (
    ("Dear Commissioner,\n\n", "\n\nSincerely,\n{}"),
    ("To whom it may concern: ", " Thank you. {}"),
    ("Hello, ", " Regards, {}, {}"),
)
_SIGNED = ("Ana Ruiz", "J. Okoro", "Marie Lefèvre", "Tom B.", "L. Haddad", "Dr. Weiss")


def foreign(rng: random.Random, language: str) -> str:
    """Return a sentence in another language."""
    who, do, what, why = (rng.choice(part) for part in _CLAUSES[language])
    other = rng.choice(_CLAUSES[language][2])
    link, at = {"fr": ("et", "à"), "es": ("y", "en"), "de": ("und", "bei"), "ar": ("و", "في")}[language]
    here, there, near = (_place(rng, language) for _ in range(3))
    return f"{who.format(here)} {do} {there} {what} {at} {near} {link} {other} {_place(rng, language)} {why}."


def _place(rng: random.Random, language: str) -> str:
    """Return a made-up name, so that five equal words in a row are rare."""
    letters = "ابتثجحدرسشعفقكلمنهوي" if language == "ar" else "aeioulmnrstbdgkp"
    return "".join(rng.choice(letters) for _ in range(7)).capitalize()


class Mixed(Writer):
    """A writer of unseen mixes."""

    def __init__(self, seed: int, letters: int = 30) -> None:
        rng = random.Random(seed)
        self.languages: list[str] = []
        made = []
        for number in range(letters):
            language = rng.choice(("en", "en", "en", "fr", "es", "de", "ar"))
            say = (lambda: sentence(rng)) if language == "en" else (lambda language=language: foreign(rng, language))  # type: ignore[misc]
            count = rng.choice((1, 2, 2, 3, 4, 6, 9, 14))
            parts = [say() for _ in range(max(2, count))]
            if (
                number and rng.random() < 0.15 and self.languages[-1] == language
            ):  # a near letter: one sentence of another
                parts[0] = re.split(r"(?<=[.!?])\s+", made[-1])[0]
                parts += [say(), say()]
            made.append(
                " ".join(parts) if rng.random() < 0.5 else "\n\n".join((" ".join(parts[:1]), " ".join(parts[1:])))
            )
            self.languages.append(language)
        super().__init__(seed, given=made)
        self.sayings = [sentence(self.rng) for _ in range(12)]

    def write(self, count: int) -> Iterator[Comment]:
        kinds, shares = list(MORE), list(MORE.values())
        for number in range(count):
            kind = self.rng.choices(kinds, shares)[0]
            which = self.rng.choices(range(len(self.letters)), self.weights)[0]
            self.at = which
            yield self._varied(number, kind, which)

    def _varied(self, number: int, kind: str, which: int) -> Comment:
        text = self.letters[which]
        if kind == "quoteall":
            frame, _ = self.rng.choice(_REFUTE)
            return Comment(
                number,
                f"u{number}",
                "quote",
                f"{frame.format(text.replace(chr(10) * 2, chr(10) + '> ') if frame[0] == '>' else text)} {self._own(1, 4)}",
            )
        if kind == "stock":
            return Comment(
                number, f"u{number}", "unique", f"{self._own(1, 3)} {self.rng.choice(self.sayings)} {self._own(1, 3)}"
            )
        if kind == "stitch":
            other = self.rng.choice([each for each in self.letters if each != text])
            return Comment(number, f"s{number}", "stitch", f"{text}\n\n{other}")
        return self._comment(number, kind, which)

    def _say(self) -> str:
        language = self.languages[getattr(self, "at", 0)]
        return sentence(self.rng) if language == "en" or self.rng.random() < 0.2 else foreign(self.rng, language)

    def _infix(self, text: str) -> str:
        parts = re.split(r"(?<=[.!?])\s+", text)
        at = self.rng.randrange(1, len(parts)) if len(parts) > 1 else 1
        return " ".join([*parts[:at], self._own(1, 4), *parts[at:]])

    def _opening(self, text: str) -> str:
        return f"My name is {self.rng.choice(_SIGNED)} and I write as a {self.rng.choice(('nurse', 'farmer', 'parent', 'teacher'))}. {self._own(2, 6)}\n{text}\n{self._own(1, 2)}"

    def _greeting(self, text: str) -> str:
        head, foot = self.rng.choice(_GREETINGS)
        return head + text + foot.format(self.rng.choice(_SIGNED), "Lima")

    def _typos(self, text: str) -> str:
        for _ in range(3):
            text = self._typo(text)
        return text

    def _half(self, text: str) -> str:
        parts = re.split(r"(?<=[.!?])\s+", text)
        keep = max(1, (len(parts) + 1) // 2)
        return " ".join(parts[:keep])

    def _contrary(self, text: str) -> str | None:
        turns = [turn for turn in _TURNS[self.languages[self.at]] if re.search(turn[0], text)]
        if not turns:
            return None
        pattern, new = self.rng.choice(turns)
        return re.sub(pattern, new, text, count=1)


__all__ = ["Mixed", "letter"]
