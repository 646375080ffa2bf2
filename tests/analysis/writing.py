"""Comments for hypothesis to draw: letters, what people do to them, and words of their own."""

from __future__ import annotations

from hypothesis import strategies as st

LETTERS = (
    "Dear Minister,\n\n"
    "We ask you not to repeal the rule that protects farm workers and their children. "
    "It was won after years of patient work. "
    "Every season thousands of families depend on it for clean water and fair pay. Please keep it.",
    "The clinic in our valley must stay open at night. "
    "Without it the nearest doctor is two hours away, and in winter the road is closed for weeks. "
    "We do not accept that money is saved by letting people wait. Fund the clinic for ten years!",
    "Nous demandons au ministère de maintenir la prescription de la méthadone en prison. Les traités l’exigent. "
    "Personne ne doit perdre son traitement parce qu’il est détenu, et les médecins le disent depuis longtemps déjà.",
    "نطلب من الوزارة أن تحافظ على الحق في الصحة لكل من يعيش في البلاد. لا يجوز أن يُحرم أحد من العلاج بسبب فقره، "
    "ولا أن ينتظر المرضى شهورا طويلة قبل أن يروا طبيبا. الصحة حق وليست هبة من أحد.",
)
OWN = (
    "My grandmother picked cherries here for forty years.", "I run the pharmacy on the square.", "Shame on you!",
    "Je suis infirmière à Lyon depuis 2009.", "Nobody asked us.", "The treaty says otherwise, see article 12.",
    "أنا طبيب في مستشفى صغير.", "We grow apples; last year the frost took half of them and no one helped us at all.",
)  # fmt: skip
SHORT = ("No", "See attached.", "I support this", "", "…", "Voir pièce jointe")


@st.composite
def comments(draw: st.DrawFn) -> str:
    """One comment of the kinds people send."""
    letter = draw(st.sampled_from(LETTERS))
    own = draw(st.sampled_from(OWN))
    sentences = letter.split(". ")
    cut = draw(st.integers(0, len(sentences) - 1))
    words = letter.split(" ")
    at = draw(st.integers(0, len(words) - 1))
    return draw(
        st.sampled_from(
            (
                letter,
                letter,
                letter,
                letter.upper(),
                " ".join(letter.split()),
                f"{own} {letter}",
                f"{letter}\n\n{own}",
                ". ".join(sentences[:cut] + sentences[cut + 1 :]),
                ". ".join(sentences[cut:] + sentences[:cut]),
                " ".join([*words[:at], *words[at + 1 :]]),
                " ".join([*words[:at], "not", *words[at:]]),
                " ".join([*words[:at], words[at][::-1], *words[at + 1 :]]),
                f"“{sentences[cut]}” I cannot agree with that. {own}",
                own,
                draw(st.sampled_from(SHORT)),
                draw(st.text(max_size=60)),
            )
        )
    )


BODIES = st.lists(comments(), min_size=1, max_size=60)
