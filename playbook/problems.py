"""What can be wrong with a configuration: stable ids, so that each can be searched for, and one sentence each."""

from dataclasses import dataclass
from enum import StrEnum


class Id(StrEnum):
    """docs/configuration.md lists what each means and the way out. An id is never given to anything else.

    S: the files themselves. K: keys. V: values. N: names. C: calendars. T: teams. R: routing. L: service levels.
    X: rule tests. P, what can be proved about the rules, are the ids of `router.prove`.
    """

    SYNTAX = "S101"
    DUPLICATE_KEY = "S102"
    UNREADABLE_FILE = "S103"
    UNKNOWN_FILE = "S104"
    NO_SUCH_FILE = "S105"
    TOO_LARGE = "S106"
    BAD_TABLE = "S107"
    NO_CRM = "S108"

    UNKNOWN_KEY = "K101"
    MISSING_KEY = "K102"
    NOT_BUILT = "K103"
    ONE_OF_THESE = "K104"
    UNKNOWN_FIELD = "K105"
    CUT_BY_COMMA = "K110"

    WRONG_KIND = "V101"
    NOT_A_SPAN = "V102"
    NOT_A_DATE = "V103"
    NOT_AN_ADDRESS = "V104"
    NOT_ONE_OF = "V105"
    OUT_OF_RANGE = "V106"
    SECRET = "V107"  # noqa: S105 -- the id of a problem
    NOT_A_SHARE = "V108"
    BAD_PATTERN = "V109"
    NOT_UNDERSTOOD = "V110"

    NO_SUCH_POOL = "N101"
    NO_SUCH_PERSON = "N102"
    NO_SUCH_CALENDAR = "N103"
    NO_SUCH_TIER = "N104"
    NO_SUCH_QUEUE = "N105"
    NO_SUCH_LADDER = "N106"
    NO_SUCH_TERRITORY = "N107"
    NO_SUCH_INTENT = "N108"
    NO_SUCH_FIT = "N109"
    NO_SUCH_PLAY = "N110"
    NO_SUCH_SEGMENT = "N111"
    NO_SUCH_CHANNEL = "N112"
    NO_SUCH_RULE = "N113"
    NO_SUCH_PLACE = "N114"
    NO_SUCH_COUNTRY = "N115"
    NO_RATE = "N116"
    NOT_MAPPED = "N117"
    NO_SUCH_CRM = "N120"
    NOWHERE_FROM = "N121"
    NAME_TWICE = "N201"
    RESERVED_NAME = "N202"

    BAD_HOURS = "C101"
    BAD_TIMEZONE = "C102"
    BAD_HOLIDAYS = "C103"
    DAY_TWICE = "C104"

    MANAGER_LOOP = "T101"
    NOBODY_IN_POOL = "T102"
    TWICE_IN_POOL = "T103"
    WEIGHTS_UNUSED = "T104"
    NO_MANAGER = "T105"
    NOT_A_PERSON = "T106"
    CHAIN = "T112"
    NO_RESULT = "T107"
    NOBODY_STARTED = "T108"
    ROTATION_DIFFERS = "T109"
    COVER_LOOP = "T110"
    NOTHING_TO_MATCH = "T111"

    NO_FALLBACK = "R101"
    NEVER_REACHED = "R102"
    HAND_OVER_UNUSED = "R103"
    PLAY_UNUSED = "R110"
    NO_PLAY = "R111"
    OF_THE_CONTACT = "R112"

    LADDER_UNUSED = "L101"
    FOLLOW_UP = "L102"
    STEP_UNREACHED = "L103"

    TEST_FAILED = "X101"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong, or worth a note, where it was written, and the way out. Lines and columns count from
    1."""

    file: str
    line: int
    column: int
    id: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f"\n    {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.message} [{self.id}]{hint}"
