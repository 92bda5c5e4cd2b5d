"""Where the concrete parts meet: settings in, Services out. Nothing else in the project knows all of them."""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

import structlog

from connectors.base import Crm, Notifier, Refused, Shared
from connectors.calendar_feed import fetch
from connectors.notify.slack import Slack
from connectors.notify.terminal import Terminal
from connectors.registry import CRMS, connect
from domain.actions import Notify
from domain.mapping import CrmMapping
from ledger import playbooks
from ledger.store import Ledger, open_ledger
from playbook.book import Playbook, Problem, load, load_texts
from playbook.problems import Id
from playbook.suggest import did_you_mean
from runtime.clocks import machine_now
from runtime.enriching import ServiceAsker
from runtime.refresh_tokens import KeptRefreshTokens
from runtime.services import Services
from runtime.settings import Settings, SettingsError
from runtime.sharing import Sharing
from runtime.wakes import Wakes


class PlaybookProblems(Exception):
    """The configuration does not load; the message holds every problem, one after the other."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        count = f"{len(problems)} problems" if len(problems) != 1 else "1 problem"
        super().__init__("\n".join([*(str(problem) for problem in problems), f"{count}; nothing was changed"]))


@dataclass(frozen=True, slots=True)
class Process:
    """One process's services, and what has to be closed when it ends. Without a broker there are no `wakes`."""

    services: Services
    wakes: Wakes | None
    sharing: Sharing | None = None

    def close(self) -> None:
        """Close the ledger and the broker's connections."""
        self.services.ledger.close()
        for connection in (self.wakes, self.sharing):
            if connection:
                connection.close()


def services(settings: Settings) -> Services:
    """All parts, with the configuration of `settings.config` made the active one.

    Raises PlaybookProblems and SettingsError; a CRM is signed in to when it is first used, and may raise a
    ConnectorError then.
    """
    return open_process(settings, activate=True).services


def open_process(settings: Settings, *, activate: bool) -> Process:
    """All parts of one process. Without `activate` the configuration is the active one of the ledger, whatever the
    files say by now; on a new ledger the files are activated all the same."""
    # What is wrong with the files or the credentials is told before there is a ledger.
    written = read_playbook(settings) if activate else None
    for crm in written.crms if written else ():
        settings.credentials(crm)
    log = structlog.get_logger("fairlead")
    ledger = open_ledger(settings.database_url)
    try:
        with ledger.reading() as tx:
            known = playbooks.active(tx)
        if activate or known is None:
            bring_into_force(ledger, written or read_playbook(settings), settings)
        active = ActivePlaybook(ledger)
        for crm in active().crms:
            settings.credentials(crm)
    except Exception:
        ledger.close()
        raise
    wakes = Wakes.at(settings.redis_url, log) if settings.redis_url else None
    sharing = _sharing(settings)
    services = _assembled(settings, ledger, active, sharing, wakes.send if wakes else _nobody_listens)
    return Process(services, wakes, sharing)


def services_to_plan(settings: Settings, playbook: Playbook, ledger: Ledger) -> Services:
    """All parts for asking what would be decided by this configuration; it does not become the active one, and nobody
    is woken."""
    return _assembled(settings, ledger, lambda: playbook, _sharing(settings), _nobody_listens)


def _sharing(settings: Settings) -> Sharing | None:
    if not settings.redis_url:
        return None
    return Sharing(settings.redis_url, settings.workers, settings.reserves, structlog.get_logger("fairlead"))


def _assembled(
    settings: Settings,
    ledger: Ledger,
    playbook: Callable[[], Playbook],
    sharing: Sharing | None,
    wake: Callable[[str, str, str], None],
) -> Services:
    log = structlog.get_logger("fairlead")
    return Services(
        ledger=ledger,
        crms=SignedIn(settings, playbook, sharing),
        playbook=playbook,
        now=settings.clock.now,
        machine=machine_now,
        tell=Teller(settings, playbook),
        wake=wake,
        log=log,
        look_back_after=settings.look_back_after,
        ask_service=ServiceAsker(settings.environment, machine_now, log),
        feed=lambda variable: fetch(_address_of(settings, variable)),
        variable=settings.variable,
    )


def _address_of(settings: Settings, variable: str) -> str:
    address = settings.environment.get(variable)
    if not address:
        raise Refused(f"{variable} is not set: it should hold the address of a calendar (ICS)")
    return address


def load_for_connectors(folder: Path) -> Playbook | tuple[Problem, ...]:
    """The configuration of a folder, or everything that is wrong with it: a CRM that nobody can connect to, too."""
    loaded = load(folder)
    if not isinstance(loaded, Playbook):
        return loaded
    strange = [crm for crm in loaded.crms if crm not in CRMS]
    hint = did_you_mean(strange[0], CRMS) if strange else ""
    problems = (
        Problem(f"crm/{crm}.yaml", 1, 1, Id.UNKNOWN_FILE, f"there is no connector for a CRM called {crm!r}", hint)
        for crm in strange
    )
    return tuple(problems) if strange else loaded


def read_playbook(settings: Settings) -> Playbook:
    """The configuration as the files say it now; PlaybookProblems with everything that is wrong."""
    if not settings.config.is_dir():
        raise SettingsError(
            f"there is no folder {settings.config}: start Fairlead in the folder that holds config/, or name it "
            "with --config or FAIRLEAD_CONFIG"
        )
    return playbook_in(settings.config)


def playbook_in(folder: Path) -> Playbook:
    """The configuration of a folder that is there; PlaybookProblems with everything that is wrong."""
    loaded = load_for_connectors(folder)
    if isinstance(loaded, Playbook):
        return loaded
    raise PlaybookProblems(loaded)


def bring_into_force(ledger: Ledger, playbook: Playbook, settings: Settings) -> None:
    """Store the texts and make them the active ones; running workers follow within a second."""
    with ledger.writing() as tx:
        if playbooks.active(tx) != playbook.version:
            playbooks.activate(tx, playbook.version, playbook.texts, settings.clock.now())


def _nobody_listens(job: str, crm: str, lane: str) -> None:
    """No broker is named: whoever asks does the work himself, as `fairlead backfill` does."""


class ActivePlaybook:
    """The configuration in force. The ledger is asked at most once a second; a decision that was made under an older
    one does not commit (see `runtime.deciding`), so that second is safe."""

    ASK_EVERY = timedelta(seconds=1)

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = Lock()
        self._loaded: Playbook | None = None
        self._asked = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> Playbook:
        with self._lock:
            at = machine_now()
            if self._loaded is None or at - self._asked >= self.ASK_EVERY:
                self._loaded = self._look(self._loaded)
                self._asked = at
            return self._loaded

    def _look(self, loaded: Playbook | None) -> Playbook:
        with self._ledger.reading() as tx:
            version = playbooks.active(tx)
            if loaded and loaded.version == version:
                return loaded
            texts = playbooks.texts(tx, version) if version else None
        compiled = load_texts(texts or {})
        if isinstance(compiled, Playbook):
            return compiled
        raise PlaybookProblems(compiled)


class SignedIn(Mapping[str, Crm]):
    """The CRMs of a configuration by name, each signed in to when it is first asked for.

    One that is out of reach thus does not keep the others waiting, and is tried again with the next job. With `sharing`
    their limits and tokens are those of all workers.
    """

    def __init__(self, settings: Settings, playbook: Callable[[], Playbook], sharing: Sharing | None = None) -> None:
        self._settings, self._playbook, self._sharing = settings, playbook, sharing
        # One for each: who waits for a CRM that is out of reach keeps nobody from another.
        self._locks: defaultdict[str, Lock] = defaultdict(Lock)
        self._open: dict[str, tuple[CrmMapping, Crm]] = {}

    def __getitem__(self, crm: str) -> Crm:
        playbook = self._playbook()
        mapping = playbook.crms[crm]
        with self._locks[crm]:
            if crm not in self._open or self._open[crm][0] != mapping:
                connector = connector_of(self._settings, crm, mapping, playbook.not_people, self._sharing)
                connector.sign_in()
                self._open[crm] = mapping, connector
            return self._open[crm][1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._playbook().crms)

    def __len__(self) -> int:
        return len(self._playbook().crms)


def connector_of(
    settings: Settings, crm: str, mapping: CrmMapping, not_people: frozenset[str], sharing: Sharing | None = None
) -> Crm:
    """A connector that is not signed in yet. With `sharing` its limits and its token are those of all workers; a
    refresh token that rotates is everybody's in any case.

    SettingsError where credentials are missing.
    """
    credentials = settings.credentials(crm)
    shared = sharing.of_account(crm, credentials, CRMS[crm].limits) if sharing else Shared()
    kept = KeptRefreshTokens(crm, settings.database_url)
    return connect(crm, credentials, mapping, not_people, replace(shared, refresh_tokens=kept))


class Teller:
    """Sends a notification by the channels that notifications.yaml names for its event; the terminal where it names
    none, or where the address of a channel is not set."""

    def __init__(self, settings: Settings, playbook: Callable[[], Playbook]) -> None:
        self._settings, self._playbook = settings, playbook

    def __call__(self, notice: Notify) -> None:
        told = self._playbook().notifications
        _, by = told.events.get(notice.event, ((), ()))
        notifiers = [notifier for channel in by if (notifier := self._channel(channel, told.channels))]
        for notifier in notifiers or [Terminal(sys.stdout)]:
            notifier.send(notice.event, notice.to, notice.text)

    def _channel(self, channel: str, variables: Mapping[str, str]) -> Notifier | None:
        url = self._settings.environment.get(variables.get(channel, ""))
        if channel == "terminal":
            return Terminal(sys.stdout)
        return Slack(url) if channel == "slack" and url else None
