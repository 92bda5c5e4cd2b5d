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
