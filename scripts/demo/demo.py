"""The story of the demo: set the stage, let leads arrive, watch, and count.

Business time starts on a Monday at 09:00 in London and runs sixty times as fast as real time: a second is a minute. The
ledger and the sandbox's records stay under var/demo, so that the commands that are named at the end work.
"""

import os
import shlex
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from domain.leads import LeadKey
from ledger import arrivals, clocks, cursors, feed, outbox
from ledger.store import Ledger, open_ledger
from playbook.book import Playbook, load
from runtime.clocks import BusinessClock, machine_now
from runtime.running import only_one
from runtime.settings import Settings
from runtime.supervisor import Stopped
from runtime.wiring import PlaybookProblems, open_process, read_playbook
from scripts.demo.board import Board, Screen
from scripts.demo.colleague import Colleague
from scripts.demo.leads import Inquiry, Market, from_folder, made_up
from scripts.demo.reps import Team
from scripts.demo.stories import Stories, managers, tell
from scripts.demo.storm import NAMES, Storm
from scripts.demo.summary import Summary, summarise
from scripts.demo.world import CRMS, Stage
from scripts.up import Installation, launched
from scripts.words import counted

LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=LONDON)
SPEED = 60.0
ARRIVE_WITHIN = 50
"""Real seconds in which all leads arrive."""
FORGET_WITHIN = timedelta(minutes=25)
"""Only leads of this first business time are forgotten: whatever is breached comes to the manager before the end."""
END_AT = 95
"""Real seconds after the first lead at which the demo ends, whatever is still open."""
END_AFTER_A_STORM_AT = 140
"""The same: what a limit has put off for a minute is done by then."""
WEBHOOKS = (".creation:", ":04l")
"""What the keys of events contain that came by webhook: HubSpot's creations, Salesforce's notification ids."""
HERE = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Plan:
    """How this demo goes: `faults` names a storm, `alternate` feeds the CRMs in turn. `managers` always answer."""

    seed: int
    faults: str | None
    alternate: bool
    managers: frozenset[str] = frozenset()

    @property
    def end_at(self) -> int:
        """Real seconds after the first lead."""
        return END_AFTER_A_STORM_AT if self.faults else END_AT

    def ends(self, first_lead: datetime) -> datetime:
        """In business time. Not counted from MONDAY: on a busy machine the start alone takes an hour of it."""
        return first_lead + self.end_at * SPEED * timedelta(seconds=1)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="A folder with accounts.csv and leads.csv.")
@click.option(
    "--leads", type=click.IntRange(10, 5000), default=1000, show_default=True, help="How many, without --data."
)
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed makes the same market.")
@click.option(
    "--faults",
    type=click.Choice(NAMES),
    help="Let both CRMs fail in every way they know meanwhile. As many leads come in and get an owner, and none is "
    "without an outcome, owned twice or taken from a person; but answers that come late make leads late, so that more "
    "are breached, reassigned and assigned late.",
)
def demo(data: Path | None, leads: int, seed: int, faults: str | None) -> int:
    """Watch leads being routed in two stand-in CRMs, and what happens where nobody answers in time. Two minutes.

    Exit status: 0 every lead has an outcome, one owner, and the one that a person chose; 1 not so; 2 wrong usage.
    """
    owners = _owners()
    try:
        market = from_folder(data, seed, owners) if data else made_up(seed, leads, owners)
    except (ValueError, OSError) as problem:
        raise click.ClickException(str(problem)) from problem
    var = HERE / "var" / "demo"
    _clear(var)
    settings = _settings(var, demo_config(var))
    playbook = read_playbook(settings)
    console = Console()
    console.print(_opening(market), highlight=False, soft_wrap=not console.is_terminal)
    try:
        plan = Plan(seed, faults, alternate=data is not None, managers=managers(playbook))
        summary, stories = _play(settings, playbook, market, console, plan)
    except Stopped:
        console.print("stopped")
        return 1
    _close(console, var, summary, stories)
    return 0 if summary.all_kept else 1


def _owners() -> list[str]:
    """Who may own accounts: the members of the worked example's pools."""
    loaded = load(HERE / "config")
    if not isinstance(loaded, Playbook):
        raise PlaybookProblems(loaded)
    return sorted({member.rep for pool in loaded.rules.pools.values() for member in pool.members})


def _clear(var: Path) -> None:
    """Take away what the last demo left; AlreadyRunning where one is still at work there."""
    with only_one(var):
        for old in var.iterdir():
            if old.is_dir():
                shutil.rmtree(old)
            elif old.name != "up.lock":
                old.unlink()


def demo_config(var: Path) -> Path:
    """The worked example of config/, with the demo's own service levels and notifications."""
    config = var / "config"
    shutil.copytree(HERE / "config", config, ignore=shutil.ignore_patterns("examples"))
    for own in (HERE / "config" / "examples" / "demo").glob("*.yaml"):
        shutil.copy(own, config / own.name)
    return config


def _settings(var: Path, config: Path) -> Settings:
    """The demo's own environment, for this process and the parts that it starts: whatever the shell says about a real
    installation is not for the demo."""
    for name in list(os.environ):
        if name.startswith(("SALESFORCE_", "HUBSPOT_", "SLACK_", "FAIRLEAD_")) or name in ("REDIS_URL", "DATABASE_URL"):
            del os.environ[name]
    os.environ |= {
        "FAIRLEAD_VAR": str(var),
        "FAIRLEAD_CONFIG": str(config),
        "FAIRLEAD_CLOCK": str(BusinessClock(MONDAY.astimezone(UTC), SPEED, machine_now())),
        "FAIRLEAD_PORT": "0",
        "FAIRLEAD_BEAT_SECONDS": "1",
        # Nothing comes later than three seconds here, and both looks are over before the demo is.
        "FAIRLEAD_LOOK_BACK_SECONDS": "5",
    }
    return Settings.from_environment()


def _opening(market: Market) -> str:
    return (
        f"Fairlead's demo: {counted(len(market.inquiries), 'lead')} into a stand-in Salesforce and HubSpot with "
        f"{counted(len(market.accounts), 'account')}. "
        "Business time starts now, on Monday 09:00 in London; a second is a minute, and the start takes some."
    )


def _play(
    settings: Settings, playbook: Playbook, market: Market, console: Console, plan: Plan
) -> tuple[Summary, Stories]:
    def say(line: str) -> None:
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)

    stages: list[Stage] = []

    def prepare(installation: Installation) -> None:
        stages.append(_set_stage(installation, playbook, market))

    with launched(settings, say, sandbox=True, prepare=prepare) as installation:
        stage = stages[0]
        with _ledger(settings) as ledger:
            summary = _act(installation, stage, ledger, _by_crm(market.inquiries, plan.alternate), plan, console)
            return summary, tell(ledger, playbook, LONDON, settings.clock.now())


def _set_stage(installation: Installation, playbook: Playbook, market: Market) -> Stage:
    """Both CRMs get the clock, the people and the accounts before anything polls."""
    stage = Stage(str(installation.sandbox))
    clock = installation.settings.clock
    stage.call("PUT", "/sandbox/clock", {"now": clock.now().isoformat(), "speed": clock.speed})
    stage.hire({rep.email: rep.name for rep in playbook.rules.reps.values()})
    stage.open_accounts(market.accounts)
    return stage


@contextmanager
def _ledger(settings: Settings) -> Iterator[Ledger]:
    ledger = open_ledger(settings.database_url)
    try:
        yield ledger
    finally:
        ledger.close()


def _by_crm(inquiries: Sequence[Inquiry], alternate: bool) -> list[tuple[str, Inquiry]]:
    """Which form feeds which CRM: turn and turn about, or two thirds to Salesforce. HubSpot
    keeps one contact per e-mail address: whoever asks again does so through Salesforce's form."""
    there: set[str] = set()
    placed = []
    for number, one in enumerate(inquiries):
        crm = "hubspot" if number % (2 if alternate else 3) == 1 and one.email not in there else "salesforce"
        there.add(one.email)
        placed.append((crm, one))
    return placed


def _act(
    installation: Installation,
    stage: Stage,
    ledger: Ledger,
    inquiries: Sequence[tuple[str, Inquiry]],
    plan: Plan,
    console: Console,
) -> Summary:
    clock, supervisor = installation.settings.clock, installation.supervisor
    _wait_for_mirrors(installation, ledger)
    stage.call("DELETE", "/sandbox/calls")
    created: dict[str, list[str]] = {crm: [] for crm in CRMS}
    team = Team(stage, plan.seed, clock.now() + FORGET_WITHIN, plan.managers)
    colleague = Colleague(stage, plan.seed)
    board = Board(ledger, LONDON)
    storm = Storm(stage, plan.faults) if plan.faults else None
    if storm:
        storm.begin()
    begun = time.monotonic()
    ends = plan.ends(clock.now())
    with Screen(board, console) as screen:
        for second in range(plan.end_at):
            for crm, batch in _this_second(inquiries, second):
                created[crm] += stage.inquire(crm, batch)
            if storm:
                storm.blow(second)
            seen = stage.all_leads()
            team.work(clock.now(), seen)
            screen.show(clock.now(), sum(map(len, created.values())))
            # The colleague looks twice a second, so that he is also there while leads are being written.
            for half in (0.5, 1.0):
                colleague.work(clock.now(), seen)
                supervisor.pause(begun + second + half - time.monotonic())
            if second > ARRIVE_WITHIN + 5 and not team.has_calls_to_make and quiet(ledger, ends):
                break
        screen.show(clock.now(), sum(map(len, created.values())))
    with ledger.reading() as tx:
        by_webhook = feed.first_named_by(tx, WEBHOOKS)
    return summarise(ledger, stage, created, by_webhook, stage.calls_made())


def _wait_for_mirrors(installation: Installation, ledger: Ledger) -> None:
    """Until the daemon knows the users and accounts of both CRMs: leads that came before would find no account."""
    process = open_process(installation.settings, activate=False)
    try:
        accounts = {crm: connector.account for crm, connector in process.services.crms.items()}
    finally:
        process.close()
    while True:
        with ledger.reading() as tx:
            if all(cursors.get(tx, crm, account, "accounts") for crm, account in accounts.items()):
                return
        installation.supervisor.pause(0.2)


def _this_second(inquiries: Sequence[tuple[str, Inquiry]], second: int) -> Iterator[tuple[str, list[Inquiry]]]:
    """The inquiries of one real second, by CRM."""
    if second >= ARRIVE_WITHIN:
        return
    count = len(inquiries)
    batch = inquiries[count * second // ARRIVE_WITHIN : count * (second + 1) // ARRIVE_WITHIN]
    for crm in CRMS:
        if rows := [one for where, one in batch if where == crm]:
            yield crm, rows


def quiet(ledger: Ledger, ends: datetime) -> bool:
    """Whether nothing more will happen until the demo `ends` (business time): no lead waits to be decided, no clock has
    a step to come, nothing waits to be sent."""
    with ledger.reading() as tx:
        undecided = sum(count for (_, state), count in arrivals.counts(tx).items() if state == "waiting")
        undecided += sum(ledger.inbox.counts().values())
        waiting = sum(
            count for (_, state), count in outbox.counts(tx).items() if state in {"waiting", "sending", "unknown"}
        )
        return not undecided and not waiting and not clocks.awaited(tx, ends)


def _close(console: Console, var: Path, summary: Summary, stories: Stories) -> None:
    console.print()
    for line in (*summary.lines(), "", *stories.lines):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(f"\nTo try next (the demo's ledger and CRMs stay in {_from_here(var)}):", highlight=False)
    for words, what in next_steps(var, stories.longest or summary.story):
        console.print(f"  # {what}", markup=False, highlight=False, soft_wrap=True)
        console.print(f"  {words}", markup=False, highlight=False, soft_wrap=True)


def next_steps(var: Path, story: LeadKey | None) -> list[tuple[str, str]]:
    """Commands that work as they are, in the folder where the demo was called, and what each shows."""
    command = Path(sys.executable).with_name("fairlead")
    fairlead = _from_here(command) if command.exists() else f"{_from_here(Path(sys.executable))} -m scripts.fairlead"
    there = f"FAIRLEAD_VAR={_from_here(var)} {fairlead}"
    steps = [
        (f"{there} explain {story}", "one lead: who has it and why, why nobody else, and what comes next"),
        (f"{there} status", "what is in the ledger, and what needs a person"),
        (
            f"{fairlead} check --config {_from_here(HERE / 'config')}",
            "every problem in config/: break routing.yaml and look",
        ),
    ]
    return steps if story else steps[1:]


def _from_here(path: Path) -> str:
    """As somebody types it who is where this process was started."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))
