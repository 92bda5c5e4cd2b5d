"""What the environment says, and what is said about it when it is wrong."""

from pathlib import Path

import pytest

from connectors.base import Credentials
from runtime.reserves import Reserves
from runtime.settings import Settings, SettingsError

SALESFORCE = {
    "SALESFORCE_URL": "https://acme.example/",
    "SALESFORCE_CONSUMER_KEY": "key-1",
    "SALESFORCE_CONSUMER_SECRET": "s3cret",
}


def settings(tmp_path: Path, **environment: str) -> Settings:
    return Settings.from_environment({"FAIRLEAD_VAR": str(tmp_path), **environment})


def test_credentials_come_from_the_environment(tmp_path: Path) -> None:
    found = settings(tmp_path, **SALESFORCE).credentials("salesforce")
    assert found == Credentials("https://acme.example", "s3cret", {"consumer_key": "key-1"}, "client credentials")


def test_a_missing_credential_is_named_together_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as told:
        settings(tmp_path, SALESFORCE_URL="https://acme.example").credentials("salesforce")
    assert str(told.value) == (
        "config has crm/salesforce.yaml, but SALESFORCE_CONSUMER_SECRET and SALESFORCE_CONSUMER_KEY are not set: set "
        "them in the environment, remove crm/salesforce.yaml, or try Fairlead out with `fairlead up --sandbox`"
    )


def test_an_empty_variable_counts_as_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HUBSPOT_TOKEN is not set"):
        settings(tmp_path, HUBSPOT_TOKEN="").credentials("hubspot")


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("nonsense", id="a word"),
        pytest.param("acme.my.salesforce.com", id="without its scheme"),
        pytest.param("ftp://acme.example", id="another scheme"),
        pytest.param("https://", id="nothing but the scheme"),
        pytest.param("https://acme.example:port", id="a port that is none"),
        pytest.param("https://[acme", id="half a bracket"),
    ],
)
@pytest.mark.parametrize(("crm", "variable"), [("salesforce", "SALESFORCE_URL"), ("hubspot", "HUBSPOT_URL")])
def test_an_address_that_is_none_is_told_by_the_name_of_its_variable(
    tmp_path: Path, crm: str, variable: str, address: str
) -> None:
    given = {**SALESFORCE, "HUBSPOT_TOKEN": "pat", variable: address}
    with pytest.raises(SettingsError, match=f"^{variable} is not the address of a CRM: write it in full"):
        settings(tmp_path, **given).credentials(crm)


def written(tmp_path: Path, text: str, mode: int = 0o600) -> str:
    """A file with a secret; its path."""
    path = tmp_path / "secret"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return str(path)


def test_a_secret_may_lie_in_a_file_that_only_its_owner_can_read(tmp_path: Path) -> None:
    given = {
        **SALESFORCE,
        "SALESFORCE_CONSUMER_SECRET": "",
        "SALESFORCE_CONSUMER_SECRET_FILE": written(tmp_path, "s\n"),
    }
    assert settings(tmp_path, **given).credentials("salesforce").secret == "s"


def test_a_variable_wins_over_its_file(tmp_path: Path) -> None:
    found = settings(tmp_path, HUBSPOT_TOKEN="set", HUBSPOT_TOKEN_FILE=written(tmp_path, "in the file"))
    assert found.credentials("hubspot").secret == "set"


def test_nothing_is_missing_where_a_file_is_named(tmp_path: Path) -> None:
    assert settings(tmp_path, HUBSPOT_TOKEN_FILE=written(tmp_path, "token")).lacking("hubspot") == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_file_that_others_may_read_is_refused_with_the_way_out(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path, "hush", mode)
    with pytest.raises(SettingsError) as told:
        settings(tmp_path, HUBSPOT_TOKEN_FILE=path).credentials("hubspot")
    assert str(told.value) == (
        f"HUBSPOT_TOKEN_FILE names {path}, which others than its owner may read (mode {mode:04o}): "
        f"run `chmod 600 {path}`"
    )


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"HUBSPOT_TOKEN_FILE names /nowhere/token, and there is no such file"):
        settings(tmp_path, HUBSPOT_TOKEN_FILE="/nowhere/token").credentials("hubspot")


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="and that cannot be read: Is a directory"):
        settings(tmp_path, HUBSPOT_TOKEN_FILE=str(tmp_path)).credentials("hubspot")


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="and that file is empty"):
        settings(tmp_path, HUBSPOT_TOKEN_FILE=written(tmp_path, " \n")).credentials("hubspot")


def test_a_file_that_is_no_text_is_told_without_what_it_says(tmp_path: Path) -> None:
    path = Path(written(tmp_path, ""))
    path.write_bytes(b"hush \xff")
    with pytest.raises(SettingsError, match="and that is not text in UTF-8") as told:
        settings(tmp_path, HUBSPOT_TOKEN_FILE=str(path)).credentials("hubspot")
    assert (told.value.__cause__, "hush" in str(told.value)) == (None, False)


def test_what_is_kept_for_hot_leads_and_other_tools_can_be_told(tmp_path: Path) -> None:
    found = settings(tmp_path, FAIRLEAD_KEPT_FOR_HOT_LEADS="20", FAIRLEAD_KEPT_FOR_OTHER_TOOLS="0")
    assert found.reserves == Reserves(for_hot=0.2, for_others=0.0)


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    secrets = {"DATABASE_URL": "postgresql://fairlead:s3cret@db/fairlead", "REDIS_URL": "redis://:s3cret@queue/0"}
    assert "s3cret" not in repr(settings(tmp_path, **SALESFORCE, **secrets))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FAIRLEAD_PORT", "eighty"),
        ("FAIRLEAD_PORT", "70000"),
        ("FAIRLEAD_WORKERS", "0"),
        ("FAIRLEAD_KEPT_FOR_HOT_LEADS", "100"),
        ("FAIRLEAD_BEAT_SECONDS", "often"),
        ("FAIRLEAD_LOOK_BACK_SECONDS", "soon"),
        ("FAIRLEAD_LOG_LEVEL", "loud"),
        ("FAIRLEAD_CLOCK", "noon"),
    ],
)
def test_a_wrong_variable_is_named_with_its_value(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"(?i){name} is '{value}': "):
        settings(tmp_path, **{name: value})


def test_the_ledger_lies_beside_the_logs_where_no_database_is_named(tmp_path: Path) -> None:
    assert settings(tmp_path).database_url == f"sqlite:///{tmp_path}/ledger.db"


@pytest.mark.parametrize("url", ["foo", "http://queue.example", "redis://queue.example:port/0", "redis://:hush@[/0"])
def test_an_address_that_is_no_redis_is_told_without_its_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="REDIS_URL is not the address of a Redis") as told:
        settings(tmp_path, REDIS_URL=url)
    assert "hush" not in str(told.value)
