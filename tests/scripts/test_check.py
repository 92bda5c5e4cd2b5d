"""`fairlead check`: what only the whole program can tell of a configuration."""

import shutil
from pathlib import Path

from tests.runtime.installation import REPOSITORY, fairlead


def test_a_crm_that_nobody_can_connect_to_is_a_problem_of_its_file(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(REPOSITORY / "config", config)
    shutil.copy(config / "crm" / "hubspot.yaml", config / "crm" / "zoho.yaml")

    ran = fairlead(tmp_path, "check", "--config", str(config))

    assert ran.returncode == 1
    assert "crm/zoho.yaml:1:1: there is no connector for a CRM called 'zoho'" in ran.stdout


TRIGGERS = """triggers:
  - when: { changed: industry, industry: { in: [media] } }
    then: route_again
  - when: { changed: title }
    then: new_clock

rules:"""


def test_a_trigger_that_waits_for_a_field_of_the_contact_behind_a_hubspot_lead_is_noted(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(REPOSITORY / "config", config)
    routing, hubspot = config / "routing.yaml", config / "crm" / "hubspot.yaml"
    routing.write_text(routing.read_text().replace("rules:", TRIGGERS, 1))
    mapping = hubspot.read_text().replace("object: contact", "object: lead")
    hubspot.write_text(mapping.replace("industry: industry", "industry: contact.industry"))

    ran = fairlead(tmp_path, "check", "--config", str(config))

    assert ran.returncode == 0, ran.stdout
    [note] = [line for line in ran.stdout.splitlines() if line.startswith("note: ")]
    place = f"{hubspot}:15:3"
    assert note.startswith(f"note: {place}: a trigger on 'industry' sees contact.industry change only")
