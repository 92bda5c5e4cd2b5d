"""The `fairlead` command. Sub-commands are imported when they are called, so that `fairlead --help` answers at once.

Exit status: 0 done, 1 problems found, 2 wrong usage. An error is a sentence; `--debug` adds where it came from.
"""

import importlib
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import click


@dataclass(frozen=True, slots=True)
class Known:
    """Where a sub-command lives, and what it is for, so that the overview needs no import."""

    where: str
    about: str
    hidden: bool = False


COMMANDS: Mapping[str, Known] = {
    "up": Known("scripts.up:up", "Run everything in this terminal: web, worker, beat, and what is not there yet."),
    "sandbox": Known("scripts.sandbox:sandbox", "Run the stand-in CRMs alone."),
    "status": Known("scripts.status:status", "Tell what runs, what waits and what is stuck."),
    "check": Known("scripts.check:check", "Name every problem in config/, in one go."),
    "doctor": Known(
        "scripts.doctor:doctor", "Tell what is wrong with settings, ledger, queue and CRMs, and the way out."
    ),
    "match": Known("scripts.match:command", "Find the account of every lead in a file, and say why."),
    "due": Known("scripts.due:command", "Say when targets are due, or how much working time has passed, for a file."),
    "calls": Known("scripts.calls:command", "Make one row for every real call in a telephone system's file."),
    "explain": Known("scripts.explain:explain", "Tell why a lead has this owner, and what happens next."),
    "experiment": Known(
        "scripts.experiment:experiment", "Tell what came of the arms of an experiment, and how sure it is."
    ),
    "attainment": Known(
        "scripts.attainment:attainment", "Tell what each person has kept of what was promised, for bonuses."
    ),
    "replay": Known("scripts.replay:replay", "Make stored decisions again: the same must come out."),
    "simulate": Known("scripts.simulate:simulate", "Decide the leads of a file, and write what would happen."),
    "backfill": Known("scripts.backfill:backfill", "Plan, and with --apply route, the leads that nobody owns yet."),
    "claim": Known("scripts.claim:claim", "Take a waiting lead for a person who is not in the CRM just then."),
    "reassign": Known("scripts.reassign:reassign", "Plan, and with --apply hand on, leads; or answer for them."),
    "away": Known("scripts.away:away", "Say who is away from when to when, and who stands in."),
    "provision": Known("scripts.provision:provision", "Create the fields in the CRM that Fairlead writes."),
    "demo": Known("scripts.demo.demo:demo", "Show what `make demo` shows.", hidden=True),
}


class Fairlead(click.Group):
    """A group that knows its commands by name and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [name for name, known in COMMANDS.items() if not known.hidden]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        known = COMMANDS.get(cmd_name)
        if known is None:
            return None
        module, _, name = known.where.partition(":")
        command = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].about) for name in COMMANDS if not COMMANDS[name].hidden])


@click.group(
    cls=Fairlead,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with `fairlead check`, or see it work: `make demo`",
)
@click.option("--debug", is_flag=True, help="Show where an error came from.")
@click.version_option(package_name="fairlead")
def cli(debug: bool) -> None:
    """Hand every new lead to one right person, and watch that the person answers in time.

    Every command has a help of its own: fairlead COMMAND --help. Each exits with 0 when it is done, 1 when there are
    problems, and 2 when it was called wrongly.
    """
    logging.basicConfig(level=logging.DEBUG if debug else logging.CRITICAL, stream=sys.stderr)
    if not debug:
        quiet()


def quiet() -> None:
    """Commands talk to people in sentences: what the daemon would log stays out of their terminal."""
    import structlog  # noqa: PLC0415 - start-up time of --help

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status. The process edge: the one broad `except` is here."""
    words = list(sys.argv[1:] if words is None else words)
    try:
        result = cli.main(args=words, prog_name="fairlead", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except (click.Abort, KeyboardInterrupt):
        sys.stderr.write("stopped\n")
        return 1
    except BrokenPipeError:
        # Whoever read our output has seen enough (fairlead status | head).
        sys.stderr.close()
        return 0
    except Exception as problem:
        if "--debug" in words:
            logging.getLogger("fairlead").exception("the command failed")
        sys.stderr.write(f"Error: {sentence(problem)}\n")
        return 1


def sentence(problem: Exception) -> str:
    """What a person is told. Our own errors are sentences already; any other is a fault of ours, and says so."""
    ours = ("connectors.", "runtime.", "ledger.", "playbook.", "scripts.")
    if type(problem).__module__.startswith(ours):
        return str(problem)
    return (
        f"Fairlead itself failed ({type(problem).__name__}: {problem}). Nothing that was stored is lost; run it again "
        "as `fairlead --debug …` to see where."
    )


if __name__ == "__main__":
    sys.exit(main())
