"""An installation with the example configuration: beside CRMs with its people in them, or a ledger with decisions."""

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from connectors.registry import connect
from domain.decisions import Decision
from domain.leads import Lead
from ledger import playbooks
from ledger.store import Ledger
from playbook.book import Playbook
from runtime.deciding import Wanted, record
from runtime.settings import Settings
from runtime.wiring import read_playbook
from scripts.sandbox import CREDENTIALS, settle
from tests.runtime.installation import REPOSITORY
from tests.sandbox_process import SandboxProcess

MONDAY_TEN = "2026-11-23T09:00:00+00:00"
"""10:00 in Berlin: everybody is at work."""


def opened(tmp_path: Path, sandbox: SandboxProcess) -> Settings:
    """CRMs with the people of the configuration and a lead each, and no ledger yet; both clocks stand still."""
    sandbox.reset()
    sandbox.control("PUT", "/clock", {"now": MONDAY_TEN, "speed": 0})
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    found = Settings.from_environment(
        {
            **CREDENTIALS,
            "SALESFORCE_URL": sandbox.url,
            "HUBSPOT_URL": sandbox.url,
            "FAIRLEAD_VAR": str(tmp_path / "var"),
            "FAIRLEAD_CONFIG": str(tmp_path / "config"),
            "FAIRLEAD_CLOCK": f"{MONDAY_TEN},0,0",
        }
    )
    playbook = read_playbook(found)
    for crm, mapping in playbook.crms.items():
        connector = connect(crm, found.credentials(crm), mapping, playbook.not_people)
        connector.sign_in()
        settle(sandbox.url, connector, playbook)
    sandbox.control("POST", "/salesforce/leads", [{"LastName": "Doe", "Company": "Doe AG", "Email": "doe@doe.example"}])
    sandbox.control("POST", "/hubspot/leads", [{"lastname": "Roe", "email": "roe@roe.example"}])
    return found


def decided(ledger: Ledger, playbook: Playbook, arrived: Sequence[Lead], at: datetime) -> list[Decision]:
    """The configuration comes into force, and decides these leads."""
    with ledger.writing() as tx:
        playbooks.activate(tx, playbook.version, playbook.texts, at)
    with ledger.deciding() as tx:
        return [one.decision for one in record(tx, ledger, playbook, [Wanted(lead) for lead in arrived], at)]
