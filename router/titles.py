"""How senior somebody is, from the title that he or she wrote, in several languages.

The first level with a word in the title counts, highest first. A title that says nothing of a level has none.
"""

import re
from functools import lru_cache

from router.places import fold

LEVELS = ("owner", "executive", "vp", "director", "manager", "senior", "junior")
"""What `seniority` may become, highest first; `junior` covers trainees, interns and students."""

# Words that take a level away from what follows: an assistant to the board is not on it.
_NOT_THE_LEVEL = re.compile(
    r"\b(?:(?:personal |executive )?assistant|assistenz|assistentin|assistent|assistante?|asistente|assistente|"
    r"sekretarin|sekretariat|secretary|secretaire|secretaria|segretaria|office of|buro de[sr]|stab)\b"
)
_WORDS = {
    "junior": r"intern|internship|trainee|werkstudent(?:in)?|working student|praktikant(?:in)?|stagiaire|stagista|"
    r"becario|becaria|estagiario|azubi|auszubildende[r]?|apprentice|student(?:in)?|junior|jr|"
    r"entry level|graduate|alternant(?:e)?",
    "owner": r"owner|co owner|founder|co founder|cofounder|inhaber(?:in)?|eigentumer(?:in)?|grunder(?:in)?|"
    r"mitgrunder(?:in)?|fondateur|fondatrice|cofondateur|cofondatrice|proprietaire|proprietario|propietario|"
    r"fundador(?:a)?|"
    r"cofundador(?:a)?|fondatore|fondatrice|titolare|socio|partner|managing partner|oprichter|eigenaar|"
    r"wlasciciel(?:ka)?|grundare|agare|self employed|freelancer",
    "executive": r"c[etfimorsp]o|cmo|cro|chro|cpo|cdo|ciso|cso|cco|c level|chief|president|chair(?:man|woman|person)?|"
    r"managing director|general manager|geschaftsfuhrer(?:in)?|geschaftsfuhrung|"
    r"vorstand(?:svorsitzende[r]?|smitglied)?|"
    r"president directeur general|pdg|directeur general|directrice generale|director general|directora general|"
    r"diretor geral|direttore generale|amministratore delegato|consejero delegado|algemeen directeur|prezes|"
    r"verkstallande direktor|vd|toimitusjohtaja|administrerende direktor|adm direktor|board member|member of the board",
    "vp": r"vp|svp|evp|avp|vice president|vice presidente|vice presidenta|vizeprasident(?:in)?|vicepresidente|"
    r"vice president[e]?",
    "director": r"director(?:a)?|direktor(?:in)?|directeur|directrice|direttore|direttrice|diretor(?:a)?|dyrektor|"
    r"head of|head|bereichsleiter(?:in)?|bereichsleitung|leiter(?:in)?|leitung|abteilungsleiter(?:in)?|hoofd|"
    r"responsable|responsabile|chef(?:fe)? de (?:service|departement)|jefe|jefa|prokurist(?:in)?",
    "manager": r"manager(?:in)?|team ?lead|team ?leader|teamleiter(?:in)?|teamleitung|gruppenleiter(?:in)?|lead|"
    r"supervisor|"
    r"chef(?:fe)? d(?:e|es|equipe)|gerente|coordinator|koordinator(?:in)?|coordinador(?:a)?|kierownik|"
    r"\w*manager(?:in)?",
    "senior": r"senior|sr|principal|staff engineer|expert|experte|expertin|architect|architekt(?:in)?",
}  # fmt: skip
_ABBREVIATED = re.compile(r"(?<=[a-z])leiter(in)?\b")  # Vertriebsleiter, Einkaufsleiterin
_LEVELS = tuple((level, re.compile(rf"\b(?:{words})\b")) for level, words in _WORDS.items())
# Executives are sought before directors, but "vice president" before "president", and these before any manager.
_FIRST = ("junior", "owner", "vp", "executive", "director", "manager", "senior")
_ORDER = tuple(sorted(_LEVELS, key=lambda pair: _FIRST.index(pair[0])))
_OWNER_OF_A_THING = re.compile(
    r"\b(?:product|process|project|system|service|data|business|account|budget|hr business) (?:owner|partner)\b"
)
_LONGEST = 200


@lru_cache(maxsize=8192)
def seniority(title: str) -> str | None:
    """One of LEVELS; None where the title does not tell."""
    text = fold(title[:_LONGEST])
    if _NOT_THE_LEVEL.search(text):
        return None
    text = _OWNER_OF_A_THING.sub(" ", text)
    text = _ABBREVIATED.sub(" leiter", text)
    return next((level for level, words in _ORDER if words.search(text)), None)
