"""A small configuration that loads, of which each test changes what it is about."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from playbook.book import Playbook, Problem, load_texts

GOOD: Mapping[str, str] = {
    "calendars.yaml": "calendars: { berlin: { timezone: Europe/Berlin, hours: { mon-fri: 09:00-17:00 } } }\n",
    "teams.yaml": dedent(
        """\
        defaults: { hours: berlin }
        reps:
          - { email: ana@acme.example, name: Ana, manager: tom@acme.example, team: field, level: senior }
          - { email: ben@acme.example, name: Ben, manager: tom@acme.example, team: field }
          - { email: tom@acme.example, name: Tom }
        pools:
          enterprise: { manager: tom@acme.example, members: [ { rep: ana@acme.example }, { rep: ben@acme.example } ] }
        queues: { marketing: { manager: tom@acme.example } }
        """
    ),
    "routing.yaml": dedent(
        """\
        rules:
          - name: Germans
            when: { country: DE }
            assign: { pool: enterprise }
        fallback: { assign: { pool: enterprise } }
        """
    ),
    "sla.yaml": "tiers: { hot: { when: otherwise, first_response: { within: 15 min } } }\n",
}


CRM = "object: Lead\nnew_when: { owner: [nobody] }\nfields: { email: Email }\n"


def folder(at: Path) -> Path:
    """The good configuration as files, with the CRM that a folder has to name."""
    (at / "crm").mkdir()
    for name, text in {**GOOD, "crm/salesforce.yaml": CRM}.items():
        (at / name).write_text(text, encoding="utf-8")
    return at


def with_files(**files: str) -> dict[str, str]:
    """The good configuration with other files: `teams=...` is teams.yaml."""
    return {**GOOD, **{f"{name}.yaml": dedent(text) for name, text in files.items()}}


def with_words(file: str, old: str, new: str) -> dict[str, str]:
    """The good configuration with some words of one file exchanged."""
    name = f"{file}.yaml"
    assert old in GOOD[name], f"{old!r} is not in {name}"
    return {**GOOD, name: GOOD[name].replace(old, new)}


def loaded(texts: Mapping[str, str]) -> Playbook:
    """The playbook; fails with the problems where there are any."""
    found = load_texts(texts)
    assert isinstance(found, Playbook), "\n".join(str(problem) for problem in found)
    return found


def problems(texts: Mapping[str, str]) -> tuple[Problem, ...]:
    """The problems; empty where there are none."""
    found = load_texts(texts)
    return () if isinstance(found, Playbook) else found


def ids(texts: Mapping[str, str]) -> list[str]:
    return [str(problem.id) for problem in problems(texts)]


def places(texts: Mapping[str, str]) -> list[str]:
    """`teams.yaml:6:1 K101`, in order."""
    return [f"{each.file}:{each.line}:{each.column} {each.id}" for each in problems(texts)]
