"""What the environment says, and what is said about it when it is wrong."""

from pathlib import Path

import pytest

from connectors.base import Credentials
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


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    secrets = {"DATABASE_URL": "postgresql://fairlead:s3cret@db/fairlead", "REDIS_URL": "redis://:s3cret@queue/0"}
    assert "s3cret" not in repr(settings(tmp_path, **SALESFORCE, **secrets))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FAIRLEAD_PORT", "eighty"),
        ("FAIRLEAD_PORT", "70000"),
        ("FAIRLEAD_WORKERS", "0"),
        ("FAIRLEAD_BEAT_SECONDS", "often"),
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
