"""`fairlead up`: everything in one terminal, started in order, ended in the reverse order."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
import requests

from connectors.base import ConnectorError, NotSignedIn
from connectors.registry import CRMS
from ledger import playbooks
from ledger.store import is_there, open_ledger
from runtime import beat, worker
from runtime.clocks import machine_now
from runtime.recompute import forecast
from runtime.running import AlreadyRunning, Running, find, only_one, tell
from runtime.settings import Settings, SettingsError
from runtime.supervisor import Part, PartFailed, Stopped, Supervisor
from runtime.valkey import answers, embedded
from runtime.web import listen
from runtime.wiring import open_process, read_playbook
from scripts.sandbox import CREDENTIALS, READY, addresses, settle

PYTHON = (sys.executable, "-m")
MACOS_FORKS = {"OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES"} if sys.platform == "darwin" else {}
"""The worker forks. Without this macOS ends a child that asks the system for its proxies, as `requests` does."""


@click.command()
@click.option("--sandbox", is_flag=True, help="Bring stand-in CRMs, with the people of config/ in them.")
@click.option("--config", type=click.Path(path_type=Path), help="The folder that RevOps edit (default: config).")
@click.option("--port", type=click.IntRange(0, 65535), help="Where the web process listens (default: 8080; 0: any).")
def up(sandbox: bool, config: Path | None, port: int | None) -> None:
    """Run Fairlead in this terminal: web, worker and beat, and whatever they need that no URL names.

    Ctrl-C lets the work in hand finish; a second one does not.

    Exit status: 0 stopped by you, 1 something did not start or ended by itself, 2 wrong usage.
    """
    named = {"FAIRLEAD_CONFIG": str(config.absolute())} if config else {}
    if port is not None:
        named["FAIRLEAD_PORT"] = str(port)
    settings = Settings.from_environment({**os.environ, **named})
    try:
        with launched(settings, click.echo, sandbox=sandbox) as installation:
            click.echo(f"running; webhooks and health on {installation.web} (Ctrl-C stops it)")
            installation.supervisor.watch()
    except Stopped:
        pass
    except PartFailed as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo("stopped")


@dataclass(slots=True)
class Installation:
    """What has been started so far, and the variables that lead to it."""

    settings: Settings
    supervisor: Supervisor
    say: Callable[[str], None]
    started: str
    found: dict[str, str] = field(default_factory=dict)
    sandbox: str | None = None
    """Where the stand-in CRMs are, if they were asked for."""

    @property
    def web(self) -> str:
        """The address of the web process."""
        return f"http://{self.settings.host}:{self.settings.port}"

    def start(self, part: Part) -> None:
        """Start a part with everything that has been found so far, and let other commands know of it."""
        self.supervisor.start(part)
        tell(self.settings.var, Running(os.getpid(), self.started, self.web, self.supervisor.pids, self.found))

    def learn(self, found: Mapping[str, str]) -> None:
        """Variables that every part started from now on gets."""
        self.found |= found
        self.settings = self.settings.with_environment(self.found)


@contextmanager
def launched(
    settings: Settings,
    say: Callable[[str], None],
    *,
    sandbox: bool = False,
    sandbox_words: tuple[str, ...] = (),
    prepare: Callable[[Installation], None] = lambda _: None,
) -> Iterator[Installation]:
    """A running installation, for `up` and the demo; leaving the block ends it. `prepare` is called when the CRMs and
    the queue are there, before anything polls.

    Raises SettingsError, PlaybookProblems, NotSignedIn, AlreadyRunning and NoServer before or while starting,
    PartFailed where a part does not start, Stopped where somebody asked us to stop.
    """
    playbook = read_playbook(settings)
    if not sandbox:
        for crm in playbook.crms:
            settings.credentials(crm)
    _refuse_a_second(settings)
    listener = listen(settings.host, settings.port)
    port = listener.getsockname()[1]
    listener.close()
    with only_one(settings.var), Supervisor(settings.var / "log", say) as supervisor:
        installation = Installation(settings, supervisor, say, machine_now().isoformat())
        named = {name: value for name, value in settings.environment.items() if name.startswith("FAIRLEAD_")}
        installation.learn(named | {"FAIRLEAD_PORT": str(port), "FAIRLEAD_CONFIG": str(settings.config)})
        if sandbox:
            _start_sandbox(installation, sandbox_words)
        _start_queue(installation)
        prepare(installation)
        _bring_into_force(installation)
        _start_daemon(installation)
        yield installation


def _refuse_a_second(settings: Settings) -> None:
    """AlreadyRunning where the port is taken by the one that runs in the same folder: another port would not help."""
    running = find(settings.var)
    if running and settings.port and running.web.endswith(f":{settings.port}"):
        raise AlreadyRunning(
            f"port {settings.port} is in use by the `fairlead up` that runs in {settings.var} (process {running.pid}): "
            "stop it first, or run this one beside it, with another --port and another folder in FAIRLEAD_VAR"
        )


def _start_sandbox(installation: Installation, words: tuple[str, ...]) -> None:
    var, supervisor = installation.settings.var, installation.supervisor
    log = supervisor.log_of("sandbox")
    database = ("--db", str(var / "sandbox.db")) if "--db" not in words else ()
    command = (*PYTHON, "sandbox", *database, *words)
    installation.start(Part("sandbox", command, _said(log, READY)))
    url = log.read_text("utf-8").partition(READY)[2].split()[0]
    installation.learn({**CREDENTIALS, **addresses(url), "SLACK_URL": f"{url}/slack/hook/sales"})
    installation.sandbox = url
    secret, web = CREDENTIALS["HUBSPOT_CLIENT_SECRET"], installation.web
    _subscribe(url, "hubspot/webhooks", {"url": f"{web}/hubspot/webhook", "secret": secret})
    _subscribe(
        url, "salesforce/outbound", {"url": f"{web}/salesforce/webhook/{CREDENTIALS['SALESFORCE_WEBHOOK_SECRET']}"}
    )
    installation.say(f"sandbox: stand-ins for Salesforce and HubSpot on {url}")


def _subscribe(sandbox: str, path: str, wish: Mapping[str, str]) -> None:
    requests.post(f"{sandbox}/sandbox/{path}", json=wish, timeout=10).raise_for_status()


def _start_queue(installation: Installation) -> None:
    settings = installation.settings
    if settings.redis_url:
        if not answers(settings.redis_url):
            raise SettingsError("no Redis answers at REDIS_URL: start it, or unset REDIS_URL to use the embedded one")
        installation.say("queue: the Redis of REDIS_URL")
        return
    server = embedded(settings.var)
    installation.start(Part("queue", server.command, lambda: answers(server.url), remove=server.folder))
    installation.learn({"REDIS_URL": server.url})
    installation.say("queue: embedded Valkey")


def _forecast(settings: Settings) -> str | None:
    """What the configuration will do to clocks that run; None where there are none, or it is in force already."""
    if not is_there(settings.database_url):
        return None
    written = read_playbook(settings)
    with open_ledger(settings.database_url) as ledger, ledger.reading() as tx:
        if playbooks.active(tx) in (None, written.version):
            return None
        told = forecast(tx, written, settings.clock.now())
    return str(told) if told.running else None


def _bring_into_force(installation: Installation) -> None:
    """Activate the configuration and sign in to each CRM: what is wrong with a credential is said now, not in a log."""
    if told := _forecast(installation.settings):
        installation.say(told)
    process = open_process(installation.settings, activate=True)
    try:
        playbook = process.services.playbook()
        installation.say(f"configuration: {installation.settings.config}, version {playbook.version}")
        for crm in process.services.crms:
            try:
                connector = process.services.crms[crm]
                installation.say(f"{crm}: signed in, account {connector.account}")
                if installation.sandbox:
                    settle(installation.sandbox, connector, playbook)
                # One question of the kind that the poll asks: a queue or a field that is not there is said now.
                connector.arrived(connector.now())
            except NotSignedIn:
                raise
            except ConnectorError as problem:
                url = CRMS[crm].signs_in_with.url
                where = f" at the address in {url}" if installation.settings.environment.get(url) else ""
                installation.say(f"{crm}: {problem}; Fairlead goes on trying{where}")
    finally:
        process.close()


def _start_daemon(installation: Installation) -> None:
    supervisor = installation.supervisor
    web, work, tick = ((*PYTHON, f"runtime.{name}") for name in ("web", "worker", "beat"))
    installation.start(
        Part("web", web, lambda: _alive(installation.web), environment=installation.settings.environment)
    )
    installation.say(f"web: {installation.web}")
    ready = _said(supervisor.log_of("worker"), worker.READY)
    told = {**installation.settings.environment, **MACOS_FORKS}
    installation.start(Part("worker", work, ready, environment=told, loud=True))
    installation.say(f"worker: {installation.settings.workers} processes")
    ready = _said(supervisor.log_of("beat"), beat.READY)
    installation.start(Part("beat", tick, ready, environment=installation.settings.environment))
    installation.say(f"beat: ticking; logs are in {installation.settings.var / 'log'}")


def _said(log: Path, words: str) -> Callable[[], bool]:
    """Whether a part has written these words and ended the line."""
    return lambda: words in log.read_text("utf-8", "replace").rpartition("\n")[0]


def _alive(web: str) -> bool:
    try:
        return requests.get(f"{web}/healthz", timeout=2).ok
    except requests.RequestException:
        return False
