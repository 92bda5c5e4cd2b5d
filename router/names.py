"""Company names: one form for all ways to write one, and how alike two of them are.

Everything here is a rule about a language or an alphabet, none about a company. What two names have in common is judged
by words: a word more or another word is another company (`Acme Leasing` is not `Acme`), a letter more or less is a slip
of the pen.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from cleanco.non_nfkd_map import NON_NFKD_MAP
from cleanco.termdata import terms_by_country, terms_by_type

from router.domains import INVISIBLE

LONGEST_NAME = 300
"""Characters; longer text is no name and is not looked at. (The longest registered ones have 160 or so.)"""


@dataclass(frozen=True, slots=True)
class Name:
    """A company's name, taken apart.

    `words` are all of it but legal forms and an outer "the". `spellings` are the words that tell it from others, each
    way to write them in plain letters (`muller`, `mueller`), and `letters` the same without blanks. `forms` are the
    legal forms, by one name each.
    """

    words: tuple[str, ...]
    spellings: tuple[tuple[str, ...], ...]
    letters: tuple[str, ...]
    forms: frozenset[str]


class Likeness(IntEnum):
    """How alike two names are; those above SHORTER may be one company, with more or less to confirm it."""

    UNKNOWN = 0
    """one of them has no words"""
    DIFFERENT = 1
    """no word that tells companies apart in common"""
    RELATED = 2
    """some words in common, each has others too; or the first says more than the second"""
    SHORTER = 3
    """all words of the first stand in the second, which says more"""
    INITIALS = 4
    """one is the initials of the other"""
    NEARLY = 5
    """the same words but for one letter in a short one, which may as well be another word"""
    MISSPELT = 6
    """the same words but for a slip of the pen"""
    REORDERED = 7
    """the same words in another order"""
    SAME = 8
    """the same words, legal forms aside"""


NOBODY = Name((), (), (), frozenset())

# --- plain letters ------------------------------------------------------------------------------------------------

_DIACRITICS = re.compile("[\u0300-\u036f]")  # those of Latin, Greek and Cyrillic; elsewhere a mark makes another letter
_DOTTED_LETTERS = re.compile(r"(?<=\b[^\W\d_])\.(?=[^\W\d_]\b)")  # s.a. and sa are one word, booking.com is two
_APOSTROPHES = re.compile("['’‘`´ʼ]")
_NOT_A_WORD = re.compile(r"[\W_]+")

# By sound, as companies there write themselves (close to BGN/PCGN and ELOT 743, without their marks).
_SOUNDS = str.maketrans(
    dict(
        zip(
            "абвгдезийклмнопрстуфыэіїєґў", "a b v g d e z i y k l m n o p r s t u f y e i i e g u".split(), strict=False
        )
    )
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ъ": "", "ь": ""}
    | {"ђ": "dj", "љ": "lj", "њ": "nj", "ћ": "c", "џ": "dz", "ј": "j", "ѓ": "g", "ќ": "k", "ѕ": "dz"}
    | {"æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i", "ŋ": "n", "ĸ": "k"}
)
_GREEK = str.maketrans(
    dict(zip("αβγδεζηικλμνξοπρσςτυφω", "a v g d e z i i k l m n x o p r s s t y f o".split(), strict=True))
    | {"θ": "th", "χ": "ch", "ψ": "ps"}
)
_GREEK_PAIRS = {"ου": "u", "μπ": "b", "ντ": "d", "γγ": "ng", "γκ": "gk", "ευ": "ef", "αυ": "af"}
_GREEK_PAIR = re.compile("|".join(_GREEK_PAIRS))
# Without the letter German and Danish writers put two, others just leave the dots off: both are found.
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def _plain(text: str) -> str:
    """In lower case and, for the alphabets of Europe, in the letters a to z."""
    text = text.casefold()
    if text.isascii():
        return text
    # Cyrillic first: its й and ї are letters of their own, and not accents that may go.
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKD", text)).translate(_SOUNDS)
    folded = _DIACRITICS.sub("", unicodedata.normalize("NFKD", folded))
    folded = _GREEK_PAIR.sub(lambda pair: _GREEK_PAIRS[pair[0]], folded).translate(_GREEK | _SOUNDS)
    return unicodedata.normalize("NFC", "".join(NON_NFKD_MAP.get(letter, letter) for letter in folded))


def _words(text: str) -> tuple[str, ...]:
    text = _plain(text)
    if "&" in text or "+" in text:
        text = text.replace("&", " and ").replace("+", " and ")
    if not text.isascii() or "'" in text or "`" in text:
        text = _APOSTROPHES.sub("", text)
    if "." in text:
        text = _DOTTED_LETTERS.sub("", text)
    return tuple(_NOT_A_WORD.sub(" ", text).split())


# --- legal forms --------------------------------------------------------------------------------------------------

# What cleanco's data lacks. The ideographs are written without a blank beside the name.
_MORE_FORMS = (
    "gmbh & co", "gmbh & co kg", "gmbh & co kgaa", "ag & co kg", "se & co kgaa", "& co kg", "& co", "and company",
    "ug (haftungsbeschränkt)", "(haftungsbeschränkt)", "gemeinnützige gmbh", "ggmbh", "mbh", "m.b.h.", "(publ)", "tbk",
    "c.i.c.", "community interest company", "ltd liability co", "limited liability company",
    "limited liability partnership", "limited partnership", "public limited company", "private limited company",
    "eingetragene genossenschaft", "aktiengesellschaft", "gesellschaft mit beschränkter haftung", "e.g.", "s.c.a.",
    "s.l.u.", "s.a.u.", "e.i.r.l.", "s.p.a.", "s.a.s.", "s.a. de c.v.", "sapi de c.v.", "s. de r.l. de c.v.", "s.a.b.",
    "s.a.b. de c.v.", "private limited", "pvt ltd", "pvt. limited", "(pvt) ltd", "pte ltd", "(pty) ltd",
    "proprietary limited", "sdn bhd", "berhad", "k.k.", "kabushiki kaisha", "g.k.", "a.s.", "anonim şirketi", "a.ş.",
    "ltd. şti.", "limited şirketi", "société anonyme", "sociedad anónima", "sociedade anônima", "eireli", "m.e.", "epp",
    "společnost s ručením omezeným", "akciová společnost", "spółka akcyjna", "spółka z ograniczoną odpowiedzialnością",
    "sp. k.", "aktiebolag", "aktieselskab", "anpartsselskab", "osakeyhtiö", "naamloze vennootschap",
    "besloten vennootschap", "cyfyngedig", "cyf", "c.c.c.", "teoranta", "dac", "designated activity company", "clg",
    "company limited by guarantee", "unlimited company", "r.s.", "p.j.s.c.", "o.j.s.c.", "c.j.s.c.", "j.s.c.", "fzco",
    "fze", "fz llc", "w.l.l.", "b.s.c.", "k.s.c.", "ооо", "оао", "зао", "пао", "αε", "επε", "ικε", "еоод", "оод", "еад",
    "ад", "тов", "пат", "s.e.", "societas europaea",
)  # fmt: skip
# Legal forms somewhere, but at the end of a name they tell one company from another: Acme UK is not Acme.
_NOT_FORMS = frozenset({("uk",), ("eu",), ("nl",), ("ca",), ("at",), ("ok",), ("private",), ("de",), ("me",)})
_LEADING_FORMS = frozenset(
    {(one,) for one in ("pt", "cv", "ooo", "oao", "zao", "pao", "tov", "uab", "sia", "sarl", "sas", "eurl", "sasu")}
)
_UNSPACED_FORMS = re.compile("株式会社|有限会社|合同会社|股份有限公司|有限责任公司|有限公司|주식회사|\\(株\\)|\\(주\\)")

# One name for one form. What is not named here has its own.
_ONE_NAME = {
    "limited": "ltd", "cyfyngedig": "ltd", "cyf": "ltd", "private limited": "pvt ltd", "pvt limited": "pvt ltd",
    "private limited company": "ltd", "proprietary limited": "pty ltd", "incorporated": "inc", "corporation": "corp",
    "company": "co", "and co": "co", "and company": "co", "public limited company": "plc", "ccc": "plc",
    "aktiengesellschaft": "ag", "mbh": "gmbh", "gesellschaft mit beschrankter haftung": "gmbh",
    "gemeinnutzige gmbh": "ggmbh", "ug haftungsbeschrankt": "ug", "haftungsbeschrankt": "ug",
    "community interest company": "cic", "limited liability company": "llc", "ltd liability co": "llc",
    "limited liability partnership": "llp", "limited partnership": "lp", "societe anonyme": "sa",
    "sociedad anonima": "sa", "sociedade anonima": "sa", "kabushiki kaisha": "kk", "berhad": "bhd",
    "anonim sirketi": "as", "limited sirketi": "ltd sti", "aktiebolag": "ab", "aktieselskab": "as",
    "a s": "as", "anpartsselskab": "aps", "osakeyhtio": "oy", "spolka akcyjna": "sa",
    "spolka z ograniczona odpowiedzialnoscia": "sp z oo", "spolecnost s rucenim omezenym": "sro",
    "akciova spolecnost": "as", "naamloze vennootschap": "nv", "besloten vennootschap": "bv",
    "designated activity company": "dac", "company limited by guarantee": "clg", "societas europaea": "se",
}  # fmt: skip


def _forms() -> frozenset[tuple[str, ...]]:
    tables: tuple[Iterable[list[str]], ...] = (terms_by_type.values(), terms_by_country.values())
    terms = {term for table in tables for listed in table for term in listed}
    return frozenset(words for term in (*terms, *_MORE_FORMS) if (words := _words(term))) - _NOT_FORMS


_TRAILING_FORMS = _forms()
_LAST_WORDS = frozenset(form[-1] for form in _TRAILING_FORMS)
_LONGEST_FORM = max(map(len, _TRAILING_FORMS))


def _without_forms(words: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Legal forms are taken off the end as often as there are any (`Co., Ltd.`), but never the whole name."""
    forms = []
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    if len(words) > 1 and words[-1] == "the":  # as indexes write it: Financial Times, The
        words = words[:-1]
    if len(words) > 1 and words[:1] in _LEADING_FORMS:
        forms.append(words[0])
        words = words[1:]
    words = (*words[:-1], _form_meant(words[-1]))
    while size := _length_of_form(words):
        form = " ".join(words[-size:])
        forms.append(_ONE_NAME.get(form, form))
        words = words[:-size]
    return words, frozenset(forms)


# Long enough that a word which is one slip away from them is not another word.
_LONG_FORMS = ("limited", "company", "corporation", "incorporated", "limitada")


def _form_meant(word: str) -> str:
    """The legal form with a slip of the pen put right (`Limtied`); other words as they are."""
    if word in _LAST_WORDS or not 6 <= len(word) <= 13:
        return word
    return next((form for form in _LONG_FORMS if one_slip(word, form)), word)


def _length_of_form(words: tuple[str, ...]) -> int:
    if len(words) < 2 or words[-1] not in _LAST_WORDS:
        return 0
    longest = min(_LONGEST_FORM, len(words) - 1)
    return next((size for size in range(longest, 0, -1) if words[-size:] in _TRAILING_FORMS), 0)


# --- words that count ---------------------------------------------------------------------------------------------

# Left out or put in as people please.
_FILLERS = frozenset("the and of for de du des et der die das und di".split())
_IN_FULL = {
    "intl": "international", "natl": "national", "mfg": "manufacturing", "mgmt": "management",
    "svcs": "services", "svc": "service", "assoc": "associates", "assocs": "associates", "bros": "brothers",
    "grp": "group", "hldg": "holding", "hldgs": "holdings", "univ": "university", "dept": "department",
    "govt": "government", "engg": "engineering", "saint": "st", "sankt": "st", "mount": "mt", "fort": "ft",
}  # fmt: skip
_OF_A_GROUP = frozenset("group holding holdings gruppe groupe gruppo grupo midco topco bidco holdco".split())


def _that_count(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_IN_FULL.get(word, word) for word in words if word not in _FILLERS) or words


def name_key(name: str) -> str:
    """The company's name without case, accents, punctuation, legal form and outer "the"; `&` is "and", and the
    alphabets of Europe are in plain letters.

    A name that is nothing but a legal form is kept as it is. Empty for empty text.
    """
    return " ".join(read_name(name).words)


def read_name(name: str) -> Name:
    """The name taken apart; NOBODY for text without words, and for what is longer than LONGEST_NAME."""
    return _read_name(name) if len(name) <= LONGEST_NAME else NOBODY


@lru_cache(maxsize=4096)
def _read_name(name: str) -> Name:
    unspaced: list[str] = []
    text = name
    if not name.isascii():
        text = unicodedata.normalize("NFKC", INVISIBLE.sub("", name))
        unspaced = [form.strip("()") for form in _UNSPACED_FORMS.findall(text)]
        text = _UNSPACED_FORMS.sub(" ", text)
    words = _words(text)
    if not words:
        unspaced, words = [], _words(name)
    if not words:
        return NOBODY
    words, forms = _without_forms(words)
    spellings = [_that_count(words)]
    two_letters = text if text.isascii() else text.lower().translate(_TWO_LETTERS)
    if two_letters is not text and (other := _that_count(_without_forms(_words(two_letters))[0])) != spellings[0]:
        spellings.append(other)
    return Name(words, tuple(spellings), tuple(map("".join, spellings)), forms.union(unspaced))


# --- people -------------------------------------------------------------------------------------------------------

_NOT_A_NAME = frozenset(
    "mr mrs ms miss mx sir dr prof herr frau hr fr mme mlle monsieur madame sig sr sra srta ing dipl jr ii iii phd md "
    "mba msc bsc".split()
)


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in plain letters, without titles and initials. `last` is the family name, or its last word."""

    words: tuple[str, ...]
    last: str


def person_names(text: str) -> tuple[PersonName, ...]:
    """The name, each way to write it in plain letters (`muller`, `mueller`); `Keller, Eva` is Eva Keller. None for text
    without words and for what is longer than LONGEST_NAME."""
    return _person_names(text) if len(text) <= LONGEST_NAME else ()


@lru_cache(maxsize=8_192)
def _person_names(text: str) -> tuple[PersonName, ...]:
    found = []
    seen = INVISIBLE.sub("", text)
    for written in dict.fromkeys((seen, seen if seen.isascii() else seen.lower().translate(_TWO_LETTERS))):
        family, _, given = written.partition(",")
        if words := _name_words(f"{given} {family}"):
            found.append(PersonName(words, words[-1]))
    return tuple(dict.fromkeys(found))


def _name_words(text: str) -> tuple[str, ...]:
    return tuple(word for word in _words(text) if len(word) > 1 and word not in _NOT_A_NAME)


# --- how alike ----------------------------------------------------------------------------------------------------

_LESS_THAN_INITIALS = frozenset({Likeness.DIFFERENT, Likeness.RELATED, Likeness.SHORTER})
_SHORTEST_SLIP = 5
"""Letters: in shorter words one letter more or less is another word."""
_TWO_SLIPS = 9
"""Letters: from here on a word may have two."""


def alike(one: Name, other: Name) -> Likeness:
    """How alike the names are; `one` is the lead's, which SHORTER and RELATED tell from the account's."""
    found = max((_alike(a, b) for a in one.spellings for b in other.spellings), default=Likeness.UNKNOWN)
    if found in _LESS_THAN_INITIALS and (_initials(one.words, other) or _initials(other.words, one)):
        return Likeness.INITIALS
    return found


def may_be_one(one: Name, other: Name) -> bool:
    """Whether `alike` could find them the same or one slip apart; quick, for the many that are not."""
    return any(one_slip(a, b) for a in one.letters for b in other.letters)


def forms_differ(one: Name, other: Name) -> bool:
    """Whether both name legal forms and neither's are among the other's (`Co., Ltd.` may leave out the `Co.`)."""
    return bool(one.forms and other.forms) and not (one.forms <= other.forms or other.forms <= one.forms)


def of_a_group(words: Iterable[str]) -> bool:
    """Whether one of these words names the company above others: the group, the holding."""
    return not _OF_A_GROUP.isdisjoint(words)


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> Likeness:
    if one == other:
        return Likeness.SAME
    joined, other_joined = "".join(one), "".join(other)
    # Blanks and hyphens are put anywhere (`Rosen Bauer`); between figures they mean something (`1 10`, `11 0`).
    if joined == other_joined and not any(map(str.isdigit, joined)):
        return Likeness.SAME
    if len(one) == len(other) and sorted(one) == sorted(other):
        return Likeness.REORDERED
    if abs(len(joined) - len(other_joined)) <= 2 and (slip := _misspelt(one, other, joined, other_joined)):
        return slip
    both = len(set(one).intersection(other))
    if both == len(set(one)):
        return Likeness.SHORTER
    return Likeness.RELATED if both else Likeness.DIFFERENT


def _misspelt(one: tuple[str, ...], other: tuple[str, ...], joined: str, other_joined: str) -> Likeness | None:
    long = min(len(joined), len(other_joined)) > _TWO_SLIPS
    if len(one) != len(other):  # a slip and a blank that went astray, but not a word more
        if set(one) <= set(other) or set(other) <= set(one):
            return None
        near = long and one_slip(joined, other_joined) and not _figures(joined, other_joined)
        return Likeness.MISSPELT if near else None
    wrong = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    if len(wrong) <= 2 and all(_slip(a, b) for a, b in wrong):
        return Likeness.MISSPELT
    if long and len(wrong) == 1 and min(map(len, wrong[0])) > 2 and one_slip(*wrong[0]) and not _figures(*wrong[0]):
        return Likeness.NEARLY
    return None


def _slip(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    if shorter < _SHORTEST_SLIP:
        return False
    near = slips(one, other, 2) <= 2 if shorter >= _TWO_SLIPS else one_slip(one, other)
    return near and not _figures(one, other)


def _figures(one: str, other: str) -> bool:
    return any(map(str.isdigit, one)) or any(map(str.isdigit, other))


def _initials(short: tuple[str, ...], long: Name) -> bool:
    """With or without the small words: `FCA`, `BoA`. Two letters are nobody's in particular."""
    if len(short) != 1 or len(short[0]) < 3 or short[0] in long.words:  # UBS Business Solutions is not UBS
        return False
    return any(short[0] == "".join(word[0] for word in words) for words in (long.words, *long.spellings))


def one_slip(one: str, other: str) -> bool:
    """Whether at most one letter is wrong, missing, too many or swapped with its neighbour: `slips` up to one, for the
    many names that are compared and have little in common."""
    longer = len(one) - len(other)
    if not -1 <= longer <= 1:
        return False
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if longer:
        return one[at + 1 :] == other[at:] if longer > 0 else one[at:] == other[at + 1 :]
    if one[at + 1 :] == other[at + 1 :]:
        return True
    return one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]


def slips(one: str, other: str, most: int) -> int:
    """How many letters are wrong, missing, too many or swapped with their neighbour; `most` + 1 for more than `most`.

    (Optimal string alignment, within a band of `most` about the diagonal.)
    """
    if abs(len(one) - len(other)) > most or len(set(one) - set(other)) > most:
        return most + 1
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    end = 0
    while end < min(len(one), len(other)) and one[-1 - end] == other[-1 - end]:
        end += 1
    return _aligned(one[: len(one) - end], other[: len(other) - end], most)


def _aligned(one: str, other: str, most: int) -> int:
    if not one or not other:
        return min(max(len(one), len(other)), most + 1)
    far = most + 1
    before: list[int] = []
    row = [at if at <= most else far for at in range(len(other) + 1)]
    for i, letter in enumerate(one, start=1):
        older, before = before, row
        row = [far] * (len(other) + 1)
        if i <= most:
            row[0] = i
        for j in range(max(1, i - most), min(len(other), i + most) + 1):
            cost = min(before[j - 1] + (letter != other[j - 1]), before[j] + 1, row[j - 1] + 1, far)
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == other[j - 1]:
                cost = min(cost, older[j - 2] + 1)
            row[j] = cost
        if min(row) > most:
            return far
    return row[-1]
