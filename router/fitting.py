"""Whether a rep fits a lead: conditions on the rep, and covering what the lead has."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from domain.leads import Value
from domain.people import Rep
from router.conditions import ALWAYS, Condition, Facts, check, is_missing, plain_text, said

Match = Literal["skills", "languages"]


@dataclass(frozen=True, slots=True)
class Fit:
    """What a rep must be: `when` holds for him, and his skills or languages cover what the lead has."""

    when: Condition = ALWAYS
    match: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Fits:
    """What a pool asks of whoever gets a lead, and whom it would rather have, the best first."""

    require: Fit | None = None
    prefer: tuple[Fit, ...] = ()


def facts_of(rep: Rep) -> dict[str, Value]:
    """What conditions on a rep may ask about."""
    return {
        "email": rep.email,
        "name": rep.name,
        "manager": rep.manager,
        "level": rep.level,
        "region": rep.region,
        "team": rep.team,
        "languages": rep.languages,
        "started": rep.started.isoformat() if rep.started else None,
        **{f"skills.{kind}": skills for kind, skills in rep.skills.items()},
    }


def kinds_of(reps: Collection[Rep]) -> tuple[str, ...]:
    """The kinds of skills that any of them has: only these tell the ones from the others."""
    return tuple(sorted({kind for rep in reps for kind, skills in rep.skills.items() if skills}))


def misfit(fit: Fit, rep: Rep, lead: Facts, kinds: Sequence[str]) -> str | None:
    """Why the rep does not fit the lead, in words; None where he does. What the lead does not say, anybody covers."""
    held = check(fit.when, facts_of(rep))
    if not held.held:
        return held.because
    if "languages" in fit.match and (lacking := _lacking(lead.get("language"), rep.languages, _same_language)):
        return f"does not speak {lacking}"
    if "skills" in fit.match:
        for kind in kinds:
            if lacking := _lacking(lead.get(kind), rep.skills.get(kind, ()), str.__eq__):
                return f"{kind} {lacking} is not among the skills"
    return None


def _lacking(wanted: Value, has: Sequence[str], same: Callable[[str, str], bool]) -> str:
    values = () if is_missing(wanted) else wanted if isinstance(wanted, tuple) else (wanted,)
    return ", ".join(
        said(value) for value in values if not any(same(plain_text(value), plain_text(one)) for one in has)
    )


def _same_language(wanted: str, spoken: str) -> bool:
    """Whoever speaks `de` speaks `de-AT` too."""
    return wanted == spoken or wanted.replace("_", "-").partition("-")[0] == spoken
