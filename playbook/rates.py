"""`rates.csv`: what one of another currency is worth in the default one."""

import math
import re

from playbook.problems import Id
from playbook.reading import Reading
from playbook.tables import rows

FILE = "rates.csv"
COLUMNS = ("currency", "rate")


def read(reading: Reading, home: str) -> dict[str, float]:
    """Currency code -> its worth in `home`."""
    found: dict[str, float] = {}
    for row in (
        rows(FILE, reading.texts.get(FILE, ""), COLUMNS, COLUMNS, reading.problems) if FILE in reading.texts else ()
    ):
        code, rate = row.values["currency"].upper(), _rate(row.values["rate"])
        if not re.fullmatch("[A-Z]{3}", code):
            reading.problems.append(row.problem("currency", Id.WRONG_KIND, f"{code!r} is not a currency such as USD"))
        elif code in found:
            reading.problems.append(row.problem("currency", Id.NAME_TWICE, f"{code} has a rate already"))
        elif rate is None or (code == home and rate != 1):
            message = f"{row.values['rate']!r} is not what one {code} can be worth in {home}"
            reading.problems.append(row.problem("rate", Id.OUT_OF_RANGE, message, "write a number such as 0.92"))
        else:
            found[code] = rate
    return found


def _rate(text: str) -> float | None:
    try:
        rate = float(text)
    except ValueError:
        return None
    return rate if math.isfinite(rate) and rate > 0 else None
