"""`fairlead claim` and `fairlead reassign`: for people who are not in the CRM just then."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from domain.clocks import ClockKind, State
from domain.leads import LeadKey
from ledger import clocks, decisions, leads, people
from ledger.store import open_ledger
from runtime.settings import Settings
from runtime.wiring import bring_into_force, read_playbook
from tests.runtime.installation import fairlead
from tests.sandbox_process import SandboxProcess
from tests.scripts.office import opened

EVE, DEV, GUS, BEN = (f"{name}@acme.example" for name in ("eve", "dev", "gus", "ben"))
EVERYONE = "offer: [ { to: everyone, for: 30 min }, { to: manager } ]"
ONE = "offer: [ { to: next, for: 30 min }, { to: manager } ]"
REVIEW = (
    "{ name: All, review: { queue: marketing, for: 4 h, approved: continue, rejected: { nurture: marketing }, "
    "no_answer: manager } }"
)


class Office:
    """An installation in which one lead of Salesforce has been routed."""

    def __init__(self, settings: Settings, sandbox: SandboxProcess, *, teams: str = "", rules: str = "") -> None:
        self.settings, self._sandbox = settings, sandbox
        if teams:
            self._change("teams.yaml", "    hours: ignore\n", f"    hours: ignore\n    {teams}\n")
        if rules:
            self._change("routing.yaml", "rules:\n", f"rules:\n  - {rules}\n")
        assert self.run("backfill", "--crm", "salesforce", "--apply").returncode == 0
        self.lead = str(sandbox.control("GET", "/salesforce/leads")[0]["id"])

    def _change(self, file: str, old: str, new: str) -> None:
        path = self.settings.config / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")

    def run(self, *words: str, **more: str) -> "subprocess.CompletedProcess[str]":
        return fairlead(self.settings.var, *words, **{**self.settings.environment, **more})

    def claim(self, *words: str, status: int = 0, **more: str) -> dict[str, Any]:
        """What the command tells as data."""
        ran = self.run("claim", self.lead, "--format", "json", *words, **more)
        assert ran.returncode == status, ran.stderr
        return dict(json.loads(ran.stdout))

    def reassign(self, *words: str, status: int = 0, **more: str) -> dict[str, Any]:
        """What the command tells about the lead as data."""
        ran = self.run("reassign", self.lead, "--format", "json", *words, **more)
        assert ran.returncode == status, ran.stderr
        return dict(json.loads(ran.stdout)["leads"][0])

    def user(self, email: str) -> str:
        with open_ledger(self.settings.database_url) as ledger, ledger.reading() as tx:
            found = next(one for one in people.directory(tx, "salesforce") if one.email == email)
        return found.id

    def owner(self) -> str | None:
        """The address of the person who owns the lead in the CRM."""
        (row,) = self._sandbox.control("GET", "/salesforce/leads")
        with open_ledger(self.settings.database_url) as ledger, ledger.reading() as tx:
            return next(one.email for one in people.directory(tx, "salesforce") if one.id == row["owner"])

    def person_takes(self, email: str) -> None:
        self._sandbox.control("POST", "/salesforce/owner", {"lead": self.lead, "owner": self.user(email)})

    def key(self) -> LeadKey:
        with open_ledger(self.settings.database_url) as ledger, ledger.reading() as tx:
            return leads.by_id(tx, self.lead, "salesforce")[0]

    def first_responses(self) -> list[str | None]:
        """Whose first response is awaited."""
        key = self.key()
        with open_ledger(self.settings.database_url) as ledger, ledger.reading() as tx:
            return [
                one.owner
                for one in clocks.of_lead(tx, key)
                if one.kind == ClockKind.FIRST_RESPONSE and one.state == State.RUNNING
            ]

    def outcomes(self) -> list[tuple[str, str]]:
        """Why each decision was made, and its outcome."""
        key = self.key()
        with open_ledger(self.settings.database_url) as ledger, ledger.reading() as tx:
            return [(one.cause.value, one.outcome.value) for one in decisions.of_lead(tx, key)]

    def happened(self) -> list[str]:
        key = self.key()
        with open_ledger(self.settings.database_url) as ledger, ledger.reading() as tx:
            return [one.kind for one in decisions.events(tx, key)]


@pytest.fixture
def settings(tmp_path: Path, sandbox: SandboxProcess) -> Settings:
    return opened(tmp_path, sandbox)


@pytest.fixture
def waiting(settings: Settings, sandbox: SandboxProcess) -> Office:
    """The lead waits for whoever of Dev, Eve and Ana takes it."""
    return Office(settings, sandbox, teams=EVERYONE)


# --- claim --------------------------------------------------------------------------------------------------------


def test_a_claim_makes_the_person_the_owner_and_starts_the_clock(waiting: Office) -> None:
    told = waiting.claim("--as", "Eve@acme.example")

    assert (told["result"], told["said"]) == ("claimed", f"{EVE} has it")
    assert waiting.owner() == EVE
    assert waiting.first_responses() == [EVE]
    assert waiting.outcomes() == [("new", "waiting"), ("admin", "assigned")]


def test_a_second_claim_is_told_who_has_it(waiting: Office) -> None:
    waiting.claim("--as", EVE)

    assert waiting.claim("--as", DEV, status=1)["said"] == f"somebody else has it: {EVE}"
    assert waiting.claim("--as", EVE)["result"] == "has_it"
    assert waiting.owner() == EVE


def test_who_took_it_in_the_crm_a_moment_ago_has_it(waiting: Office) -> None:
    waiting.person_takes(DEV)

    assert waiting.claim("--as", EVE, status=1)["result"] == "taken"
    assert (waiting.owner(), waiting.first_responses()) == (DEV, [DEV])


def test_only_who_is_in_the_pool_may_claim_unless_told_otherwise(waiting: Office) -> None:
    refusal = waiting.claim("--as", GUS, status=1)
    assert (refusal["result"], waiting.owner()) == ("no_member", None)

    assert waiting.claim("--as", GUS, "--anyway")["result"] == "claimed"
    assert waiting.owner() == GUS


def test_nobody_of_that_name_is_wrong_usage_with_whom_it_may_mean(waiting: Office) -> None:
    ran = waiting.run("claim", waiting.lead, "--as", "evve@acme.example")

    assert ran.returncode == 2
    assert f"nobody in teams.yaml is called 'evve@acme.example'; did you mean {EVE!r}?" in ran.stderr


def test_who_is_away_is_told_so_and_the_lead_waits_on(waiting: Office) -> None:
    waiting.run("away", EVE, "--from", "2026-11-23", "--to", "2026-11-24")

    told = waiting.claim("--as", EVE, status=1)

    assert (told["result"], waiting.owner()) == ("cannot", None)
    assert "away until 2026-11-25 00:00 UTC" in told["said"]


def test_a_lead_in_review_does_not_wait_for_whoever_takes_it(settings: Settings, sandbox: SandboxProcess) -> None:
    office = Office(settings, sandbox, rules=REVIEW)

    assert office.claim("--as", EVE, status=1)["result"] == "not_waiting"


def test_a_lead_that_nobody_knows_and_a_crm_out_of_reach_are_sentences(waiting: Office) -> None:
    unknown = waiting.run("claim", "00Q7", "--as", EVE)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "no lead '00Q7' in the ledger" in unknown.stderr

    out_of_reach = waiting.run("claim", waiting.lead, "--as", EVE, SALESFORCE_URL="http://127.0.0.1:9")
    assert (out_of_reach.returncode, out_of_reach.stdout) == (1, "")
    assert out_of_reach.stderr.startswith("Error: ")


# --- reassign -----------------------------------------------------------------------------------------------------


@pytest.fixture
def assigned(settings: Settings, sandbox: SandboxProcess) -> Office:
    """The lead has an owner, of Dev, Eve and Ana."""
    return Office(settings, sandbox)


def test_a_plan_names_the_next_owner_and_writes_nothing(assigned: Office) -> None:
    before = assigned.owner()

    told = assigned.reassign("--to", BEN)

    assert (told["owner"], told["became"]) == (BEN, None)
    assert told["reason"] == "By hand; it goes to Ben Vogel."
    assert (assigned.owner(), assigned.outcomes()) == (before, [("new", "assigned")])


def test_a_lead_is_handed_to_a_person_whose_clock_starts(assigned: Office) -> None:
    assert assigned.reassign("--to", BEN, "--apply")["became"] == "written"

    assert (assigned.owner(), assigned.first_responses()) == (BEN, [BEN])
    assert assigned.outcomes() == [("new", "assigned"), ("admin", "assigned")]


def test_a_pool_gives_the_lead_to_its_next_in_turn_who_has_not_had_it(assigned: Office) -> None:
    before = assigned.owner()

    told = assigned.reassign("--to", "pool:catch_all", "--apply")

    assert told["pool"] == "catch_all"
    assert assigned.owner() == told["owner"] != before


def test_the_rules_decide_again_without_whoever_had_it(assigned: Office) -> None:
    before = assigned.owner()

    told = assigned.reassign("--to", "rules", "--apply")

    assert assigned.owner() == told["owner"] != before


def test_a_lead_waits_in_a_queue_and_belongs_to_nobody_until_its_manager_has_it(assigned: Office) -> None:
    told = assigned.reassign("--to", "queue:marketing", "--apply")

    assert (told["outcome"], told["queue"], told["became"]) == ("waiting", "marketing", "written")
    assert assigned.owner() is None
    explained = assigned.run("explain", assigned.lead).stdout
    assert "it goes to mia@acme.example" in explained


def test_a_lead_that_a_person_took_is_handed_on_when_that_is_asked(assigned: Office) -> None:
    assigned.person_takes(GUS)

    assert assigned.reassign("--to", BEN)["said"] == f"a person made {GUS} the owner"
    assigned.reassign("--to", BEN, "--apply")

    assert assigned.owner() == BEN


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "say one of --to, --accept, --decline, --approve and --reject"),
        (["--to", BEN, "--accept"], "say one of --to, --accept, --decline, --approve and --reject"),
        (["--to", "pool:dahc"], "teams.yaml has no pool 'dahc'; did you mean 'dach'?"),
        (["--to", "queue:x"], "teams.yaml has no queue 'x'; there are: marketing"),
        (["--to", "bem@acme.example"], f"did you mean {BEN!r}?"),
        (["--to", "ben"], "--to 'ben' is neither an address nor pool:NAME, queue:NAME or rules"),
    ],
)
def test_a_place_that_does_not_exist_is_wrong_usage(settings: Settings, words: list[str], said: str) -> None:
    settings.var.mkdir()
    with open_ledger(settings.database_url) as ledger:
        bring_into_force(ledger, read_playbook(settings), settings)

    ran = fairlead(settings.var, "reassign", "00Q1", *words, **settings.environment)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr


def test_a_declined_lead_goes_to_a_colleague(assigned: Office) -> None:
    before = assigned.owner()
    assert assigned.reassign("--decline")["owner"] not in {before, None}

    assigned.reassign("--decline", "--apply")

    assert assigned.owner() not in {before, None}
    assert assigned.outcomes()[1] == ("rejected", "assigned")
    assert "declined" in assigned.happened()


def test_an_accepted_offer_stays_without_a_limit(settings: Settings, sandbox: SandboxProcess) -> None:
    office = Office(settings, sandbox, teams=ONE)
    key, owner = office.key(), office.owner()

    told = office.reassign("--accept", "--apply")

    assert told["said"] == f"accepted: {owner} keeps it"
    with open_ledger(settings.database_url) as ledger, ledger.reading() as tx:
        limits = [one for one in clocks.of_lead(tx, key) if one.kind == ClockKind.ACCEPTANCE]
    assert [one.next_at for one in limits] == [None]
    assert office.reassign("--accept", "--apply")["said"] == "it was accepted before"


def test_an_approved_lead_is_decided_by_the_other_rules(settings: Settings, sandbox: SandboxProcess) -> None:
    office = Office(settings, sandbox, rules=REVIEW)
    assert office.reassign("--reject")["outcome"] == "nurtured"

    assert office.reassign("--approve", "--apply")["outcome"] == "assigned"
    assert office.outcomes() == [("new", "review"), ("review", "assigned")]


def test_an_answer_that_nobody_waits_for_is_noted_and_said_to_change_nothing(assigned: Office) -> None:
    said = assigned.reassign("--approve", "--apply")["said"]

    assert said == "approved is noted; nothing follows from it, for its outcome is assigned"


def test_a_crm_out_of_reach_is_told_for_its_leads(assigned: Office) -> None:
    told = assigned.reassign("--to", BEN, "--apply", status=1, SALESFORCE_URL="http://127.0.0.1:9")

    assert told["problem"]
    assert assigned.outcomes() == [("new", "assigned")]


def test_people_read_a_sentence_and_what_to_do_next(assigned: Office) -> None:
    ran = assigned.run("reassign", assigned.lead, "--to", BEN)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == (
        f"salesforce:{assigned.lead}: would be assigned to {BEN}: By hand; it goes to Ben Vogel.\n"
        "Nothing was written. Run it again with --apply to do it.\n"
    )
