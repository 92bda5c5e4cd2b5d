"""Addresses and domains: one key for all ways to write one, and none for what is not one.

A domain whose letters only look alike (a Cyrillic `а` in a Latin name) has another key, because keys are what machines
see: `xn--…`. Free mail is only *aside*: an address there says nothing by itself, but a provider has employees too, so
it may still confirm a name.
"""

import re
import unicodedata
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

_SUFFIXES = PublicSuffixList()  # the list that comes with the package, dated in its version; nothing is downloaded

LONGEST_ADDRESS = 2_048
"""Characters; what is longer is no address, and is not looked at (browsers and RFC 5321 stop earlier)."""

# Marks that are not seen: soft hyphens, blanks without width, directions (as copied from a mail program).
INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")

_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")
_URL = re.compile(r"(?:[a-z][a-z0-9+.-]*://|//|mailto:)?(?:[^/?#@]*@)?([^/?#:@\s]+)(?:[:/?#].*)?", re.DOTALL)
_HOST = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})+")

FREE_MAIL = frozenset(
    """
    gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk hotmail.de hotmail.fr hotmail.it live.com msn.com
    yahoo.com yahoo.co.uk yahoo.co.jp yahoo.co.in yahoo.de yahoo.fr yahoo.it yahoo.es ymail.com rocketmail.com aol.com
    icloud.com me.com mac.com proton.me protonmail.com pm.me tutanota.com zoho.com fastmail.com hey.com gmx.com gmx.net
    gmx.de gmx.at gmx.ch web.de t-online.de freenet.de mail.com mail.ru inbox.ru list.ru bk.ru yandex.ru yandex.com
    rambler.ru ukr.net wp.pl onet.pl o2.pl interia.pl seznam.cz centrum.cz abv.bg laposte.net orange.fr free.fr
    wanadoo.fr sfr.fr libero.it virgilio.it tiscali.it terra.com.br uol.com.br bol.com.br bluewin.ch telenet.be
    skynet.be ziggo.nl kpnmail.nl home.nl btinternet.com talktalk.net sky.com virginmedia.com comcast.net verizon.net
    att.net sbcglobal.net cox.net bellsouth.net shaw.ca rogers.com bigpond.com optusnet.com.au xtra.co.nz qq.com 163.com
    126.com sina.com naver.com daum.net hanmail.net rediffmail.com mailinator.com guerrillamail.com 10minutemail.com
    trashmail.com yopmail.com temp-mail.org
    """.split()
)
"""Where anybody can have an address, for those who bring no list of their own. Well known ones only."""


def email_key(email: str) -> str | None:
    """The address trimmed and in lower case; None where it has not the shape of one."""
    if len(email) > LONGEST_ADDRESS:
        return None
    key = _visible(email).strip().lower()
    return key if _EMAIL.fullmatch(key) else None


def domain_key(address_or_url: str) -> str | None:
    """The registrable domain: `mail.acme.co.uk` and `https://www.acme.co.uk/about` are both `acme.co.uk`.

    In lower case and ASCII (`bücher.example` is `xn--bcher-kva.example`). None for what has none: text, IP addresses,
    `localhost`, and anything longer than LONGEST_ADDRESS.
    """
    return _domain_key(address_or_url) if len(address_or_url) <= LONGEST_ADDRESS else None


@lru_cache(maxsize=8192)
def _domain_key(address_or_url: str) -> str | None:
    written = _URL.fullmatch(_visible(address_or_url).strip().lower())
    host = written[1].strip(".") if written else ""
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:  # an empty label, or one that is too long
            return None
    if not _HOST.fullmatch(host) or host.rpartition(".")[2].isdigit():
        return None
    return _SUFFIXES.privatesuffix(host)


def mixes_alphabets(domain: str) -> bool:
    """Whether a label of this key has letters of more than one of the alphabets that look alike: a forged name."""
    if "xn--" not in domain:
        return False
    return any(len(_alphabets(label)) > 1 for label in domain.split(".") if label.startswith("xn--"))


def _alphabets(label: str) -> frozenset[str]:
    try:
        letters = label.encode("ascii").decode("idna")
    except UnicodeError:  # not what the codec itself would write, so nothing that a browser shows as letters
        return frozenset()
    named = {unicodedata.name(letter, "").split(" ", 1)[0] for letter in letters}
    return frozenset(named & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN"})


def _visible(text: str) -> str:
    return text if text.isascii() else INVISIBLE.sub("", text)
