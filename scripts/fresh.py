"""Leads as the CRM shows them now, and people as the configuration in force names them."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import click

from connectors.base import AsRead
from domain.leads import Lead, LeadKey
from domain.people import Rep
from playbook.suggest import did_you_mean
from runtime.services import Services
from scripts.patience import patiently

READ_AT_ONCE = 200


def read(services: Services, keys: Sequence[LeadKey]) -> tuple[list[Lead], Mapping[LeadKey, str]]:
    """The records of one CRM, and why any of them cannot be read. A ConnectorError or NoTime where none can."""
    crm = keys[0].crm
    connector = patiently(crm, partial(services.crms.__getitem__, crm))
    records: dict[LeadKey, AsRead] = {}
    for at in range(0, len(keys), READ_AT_ONCE):
        ids = [key.id for key in keys[at : at + READ_AT_ONCE]]
        records |= {one.key: one for one in patiently(crm, partial(connector.read, ids))}
    unread = {key: _why_not(records.get(key)) for key in keys if not isinstance(records.get(key), Lead)}
    return [one for key in keys if isinstance(one := records.get(key), Lead)], unread


def _why_not(one: AsRead | None) -> str:
    return "the CRM does not show this record" if one is None or isinstance(one, Lead) else one.reason


def person(email: str, reps: Mapping[str, Rep]) -> str:
    """The address of somebody in teams.yaml; click.UsageError, with whom it may mean, for anybody else."""
    address = email.strip().lower()
    if address not in reps:
        raise click.UsageError(f"nobody in teams.yaml is called {email!r}; {did_you_mean(address, reps)}")
    return address


def name(word: str, kind: str, known: Iterable[str]) -> str:
    """The pool or queue of that name; click.UsageError, with what it may mean, where there is none."""
    names = [*known]
    if word not in names:
        hint = did_you_mean(word, names) or f"it has no {kind}s"
        raise click.UsageError(f"teams.yaml has no {kind} {word!r}; {hint}")
    return word
