"""The words the checks look for, by intent few: each list is read by people, and a list nobody reads is no list.

They cover the languages of the interface and the most used ones of submissions. What they miss a moderator sees.
"""

from __future__ import annotations

RELATIONS = (
    # "my cousin": somebody who can be recognised may not have agreed
    r"[Mm]y (?:cousin|brother|sister|son|daughter|mother|father|wife|husband|partner|neighbour|neighbor|friend|uncle"
    r"|aunt|nephew|niece|colleague|boss|patient|client|boyfriend|girlfriend)",
    r"[Mm]i (?:primo|prima|hermano|hermana|hijo|hija|madre|padre|esposa|esposo|mujer|marido|vecino|vecina|amigo|amiga"
    r"|tío|tía|sobrino|sobrina|jefe|jefa|paciente|pareja)",
    r"[Mm](?:on|a) (?:cousin|cousine|frère|sœur|fils|fille|mère|père|femme|mari|voisin|voisine|ami|amie|oncle|tante"
    r"|neveu|nièce|patron|patronne|patient|patiente|compagnon|compagne)",
    r"[Mm](?:eu|inha) (?:primo|prima|irmão|irmã|filho|filha|mãe|pai|esposa|marido|vizinho|vizinha|amigo|amiga|tio|tia"
    r"|sobrinho|sobrinha|chefe|paciente)",
)
INTRODUCTIONS = (
    # "Dr Perez": a person by name
    r"Mr\.?", r"Mrs\.?", r"Ms\.?", r"Dr\.?", r"Sr\.", r"Sra\.", r"Don", r"Doña", r"Señor", r"Señora", r"M\.", r"Mme",
    r"Monsieur", r"Madame", r"Senhor", r"Senhora", r"[Oo]fficer", r"[Ss]ergeant", r"[Nn]urse",
)  # fmt: skip
ROUGH = frozenset(
    {
        "idiot", "idiots", "idiota", "idiotas", "imbecile", "imbeciles", "imbécil", "imbéciles", "stupid", "estúpido",
        "estúpidos", "scum", "vermin", "filth", "trash people", "junkie", "junkies", "basura humana", "escoria",
        "ordure", "ordures", "racaille", "connard", "connards", "salaud", "salauds", "bastard", "bastards", "bitch",
        "fuck", "fucking", "mierda", "cabrón", "cabrones", "puta", "putas", "merde", "subhuman", "parasites",
        "parásitos", "حقير", "حثالة", "أغبياء", "غبي",
    }
)  # fmt: skip
THREATS = frozenset(
    {
        "kill you", "kill them", "kill them all", "shoot them", "hang them", "burn them", "should be shot",
        "should be hanged", "deserve to die", "we know where you live", "hay que matarlos",
        "te voy a matar", "que los maten", "merecen morir", "il faut les tuer", "les tuer tous", "on va te tuer",
        "méritent de mourir",
        "اقتلوهم", "سأقتلك", "يستحقون الموت",
    }
)  # fmt: skip
COMMON = {
    # the words by which a language is told where the script does not tell it
    "en": frozenset({"the", "and", "of", "to", "is", "in", "that", "we", "for", "are", "not", "with", "this", "it"}),
    "es": frozenset({"el", "la", "los", "las", "de", "que", "y", "en", "un", "una", "por", "no", "con", "es", "para"}),
    "fr": frozenset({"le", "la", "les", "des", "et", "est", "un", "une", "du", "dans", "pour", "pas", "nous", "sur"}),
    "pt": frozenset({"o", "os", "as", "que", "e", "em", "um", "uma", "não", "com", "para", "do", "da", "dos", "é"}),
}
