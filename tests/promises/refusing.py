"""A CRM that says no for good, as a customer's trigger or validation rule might."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from connectors.base import Crm, Write, Written
from tests.promises.world import World


class Refusing:
    """A CRM that refuses the rows of which `no` is true, and does everything else."""

    def __init__(self, crm: Crm, no: Callable[[Write], bool]) -> None:
        self._crm, self._no = crm, no

    def __getattr__(self, name: str) -> object:
        return getattr(self._crm, name)

    def write(self, rows: Sequence[Write]) -> list[Written]:
        sent = iter(self._crm.write([row for row in rows if not self._no(row)]))
        return [Written(row.key, "refused", "no trigger likes this") if self._no(row) else next(sent) for row in rows]


def refuse(world: World, *emails: str) -> None:
    """Nobody can be made the owner who is one of these."""
    users = frozenset(world.users[email] for email in emails)
    _through(world, Refusing(world.connector, lambda row: row.owner_id in users))


def refuse_everything(world: World) -> None:
    _through(world, Refusing(world.connector, lambda row: True))


def accept_again(world: World) -> None:
    """Whoever made the trouble has removed it."""
    _through(world, world.connector._crm)  # type: ignore[attr-defined]


def _through(world: World, crm: object) -> None:
    world.services = replace(world.services, crms={world.crm: crm})  # type: ignore[dict-item]
