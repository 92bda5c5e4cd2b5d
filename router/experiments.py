"""Which arm of an experiment a lead is in: the same one for the same person or company, on every machine and for ever.

The share of [0, 1) that a SHA-256 of experiment and unit falls into; nothing is drawn and nothing is stored.
"""

import hashlib
from itertools import accumulate

from domain.leads import Lead
from router.duplicates import company_of, person_of
from router.rules import Arm, Experiment


def arm_of(experiment: Experiment, lead: Lead, free_mail: frozenset[str]) -> Arm:
    """The lead's arm. Without an e-mail address (`per: person`) or a company's domain (`per: company`) each lead counts
    alone."""
    unit = {"person": person_of(lead), "company": company_of(lead, free_mail), "lead": None}[experiment.per]
    digest = hashlib.sha256(f"{experiment.name}\x1f{unit or lead.key}".encode()).digest()
    share = int.from_bytes(digest[:8]) / 2**64 * sum(arm.weight for arm in experiment.arms)
    ends = accumulate(arm.weight for arm in experiment.arms)
    return next((arm for arm, end in zip(experiment.arms, ends, strict=True) if share < end), experiment.arms[-1])
