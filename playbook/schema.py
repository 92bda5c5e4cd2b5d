"""JSON Schemas of the files, so that an editor completes and checks while one types.

They come from the same descriptions that `load` reads by. What only the whole of `config/` can tell (does that pool
exist?) is left to `fairlead check`.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from domain.mapping import CRMS
from playbook import calendars, conditions, crm, evidence, notifications, routing, rule_tests, sla, teams, territories

_ABOUT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, str]:
    """File name under `config/schema/` -> its text."""
    kinds = {
        "calendars": calendars.CALENDARS.schema,
        "teams": teams.TEAMS.schema,
        "routing": routing.ROUTING.schema,
        "territories": territories.TERRITORIES.schema,
        "sla": sla.SLA.schema,
        "notifications": notifications.NOTIFICATIONS.schema,
        "evidence": evidence.EVIDENCE.schema,
        "tests": rule_tests.schema(),
        **{name: crm.kind(name).schema for name in CRMS},
    }
    return {f"{name}.json": _text(name, schema) for name, schema in kinds.items()}


def _text(name: str, schema: Mapping[str, Any]) -> str:
    parts = _referred(schema, {**conditions.schemas(), "assign": routing.assign_schema()})
    if parts:
        schema = {**schema, "$defs": parts}
    return json.dumps({"$schema": _ABOUT, "title": f"Fairlead: {name}.yaml", **schema}, indent=1) + "\n"


def _referred(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The definitions that the schema refers to, and those that these refer to."""
    found: dict[str, Any] = {}
    waiting = [schema]
    while waiting:
        text = json.dumps(waiting.pop())
        for name, each in definitions.items():
            if name not in found and f'"#/$defs/{name}"' in text:
                found[name] = each
                waiting.append(each)
    return dict(sorted(found.items()))


def write(folder: Path) -> None:
    """Write the schemas, as `python -m playbook.schema config/schema` does after the language has changed."""
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
