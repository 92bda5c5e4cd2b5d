"""`territories.yaml`: the first territory that covers the lead names its pool."""

from playbook.kinds import Given, mapping_of, name_of, record
from playbook.reading import Node
from playbook.routing import TERRITORY_POOL, WHEN_OR_OTHERWISE, check_reached
from router.rules import Territory

FILE = "territories.yaml"


def _territory(given: Given) -> Territory | None:
    when = given.get("when")
    return None if when is None else Territory(str(given.node.path[-1]), when, given.get("pool"))


_TERRITORY = record({"when": WHEN_OR_OTHERWISE, "pool": name_of("pool")}, required=("when",)).then(_territory)

TERRITORIES = record({"territories": mapping_of(_TERRITORY, "territory", defines="territory")})


def read(root: Node | None) -> tuple[Territory, ...]:
    """The territories in the order of the file."""
    given = TERRITORIES.read(root) if root else None
    found: dict[str, Territory] = given.get("territories", {}) if given else {}
    if given is None:
        return ()
    check_reached(given.at("territories"), "territory", {name: each.when for name, each in found.items()})
    if any(each.pool for each in found.values()):
        given.node.reading.define("territory_pool", TERRITORY_POOL, given.node)
    return tuple(found.values())
