"""What activities prove: which of them count as an attempt and as contact, and why the others do not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.activities import Activity
from sla_monitor.claims import Judged, Reported, judge_all
from sla_monitor.matching import SURE
from sla_monitor.policy import CountsAs, Tier


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the activities prove for one clock's owner and time."""

    first_attempt: Activity | None = None
    first_contact: Activity | None = None
    attempts: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    """(activity id, reason why it does not count). A call too short for contact is named here, and still an attempt."""
    by_others: tuple[tuple[str, str], ...] = ()
    """(activity id, who): what counts and was done by somebody other than the owner."""
    claims: Mapping[str, Judged] = field(default_factory=dict, hash=False)
    """calls that were typed in, by id, where sla.yaml says what they count for"""


@dataclass(frozen=True, slots=True)
class _Weighed:
    """One activity: what it counts as, and why not as more."""

    activity: Activity
    attempt: bool = False
    contact: bool = False
    reason: str = ""


def weigh(
    activities: Sequence[Activity],
    counts: CountsAs,
    since: datetime,
    owner: str | None,
    now: datetime | None = None,
    *,
    proven_after: datetime | None = None,
) -> Evidence:
    """Which activities count as attempt and as contact since `since` (when the cycle was assigned): automated ones and
    those before the assignment do not.

    The promise is made to the lead, so calls and meetings of somebody other than the owner count like the owner's own;
    `by_others` names them, and the first contact says who made it. Mail that somebody else wrote does not count. A
    direction that was not recorded is read as outbound: CRMs leave it empty on what reps log by hand. The order in
    which activities are given, and repetitions, do not matter. Calls that were typed in count as `counts.reported`
    says at `now` (None: they wait for confirmation); those logged after `proven_after` not before they are confirmed.
    What lies in the future then (`AHEAD`) does not count yet.
    """
    distinct = {(activity.crm, activity.kind, activity.id): activity for activity in activities}
    in_order = sorted(distinct.values(), key=lambda one: (one.happened_at, one.crm, one.kind, one.id))
    claims = judge_all(in_order, counts.reported, now or since)
    weighed = [
        _Weighed(activity, reason="it has not happened yet")
        if now and activity.happened_at > now + AHEAD
        else _claimed(claims[activity.id], counts, since, owner, proven_after)
        if activity.id in claims and activity.claimed
        else _weighed(activity, counts, since, owner)
        for activity in in_order
    ]
    counting = [one for one in weighed if one.attempt or one.contact]
    attempts = [one.activity for one in counting if one.attempt]
    return Evidence(
        first_attempt=attempts[0] if attempts else None,
        first_contact=next((one.activity for one in counting if one.contact), None),
        attempts=_times(attempts),
        refused=tuple((one.activity.id, one.reason) for one in weighed if one.reason),
        by_others=tuple(_not_by(owner, (one.activity for one in counting))),
        claims=claims,
    )


AHEAD = timedelta(minutes=5)
"""By how much another system's clock may be ahead of ours. What lies further in the future is planned, or a slip."""

SAME = timedelta(seconds=60)
"""Within it two attempts of one kind are one: the telephone system and the CRM have both told of it, or somebody has
dialled again at once."""


def _times(attempts: Iterable[Activity]) -> int:
    """How often it was tried. `attempts` are in order of time."""
    counted: dict[str, datetime] = {}
    times = 0
    for one in attempts:
        before = counted.get(one.kind)
        if before is None or one.happened_at - before > SAME:
            counted[one.kind] = one.happened_at
            times += 1
    return times


def met_by(tier: Tier, evidence: Evidence) -> Activity | None:
    """The activity that meets the first response under this tier, if there is one. Contact is more than an attempt: a
    lead who calls and is answered meets `met_by: attempt` too."""
    enough = [evidence.first_contact]
    if tier.met_by == "attempt":
        enough.append(evidence.first_attempt)
    return min((one for one in enough if one is not None), key=lambda one: one.happened_at, default=None)


def _not_by(owner: str | None, activities: Iterable[Activity]) -> Iterable[tuple[str, str]]:
    return ((one.id, one.by) for one in activities if one.by is not None and owner is not None and one.by != owner)


def _claimed(
    judged: Judged, counts: CountsAs, since: datetime, owner: str | None, proven_after: datetime | None
) -> _Weighed:
    reason = judged.why_ignored(counts.reported or Reported())
    if not reason and proven_after and judged.claim.logged_at > proven_after:
        reason = "typed in after the due time, and not confirmed"
    return _Weighed(judged.claim, reason=reason) if reason else _weighed(judged.claim, counts, since, owner)


def _weighed(activity: Activity, counts: CountsAs, since: datetime, owner: str | None) -> _Weighed:
    if activity.automated:
        return _Weighed(activity, reason=f"automated: {activity.why_automated or 'no person did this'}")
    if activity.happened_at < since:
        return _Weighed(activity, reason="before the assignment")
    match activity.kind:
        case "call":
            return _call(activity, counts)
        case "email":
            if owner and activity.by not in (None, owner) and activity.direction != "inbound":
                # A newsletter, an invoice or a colleague's other business looks just like an answer.
                return _Weighed(activity, reason=f"written by {activity.by}, and not by the owner")
            return _written(activity, counts.email_outbound, counts.reply_received)
        case "message":
            return _written(activity, counts.message_outbound, counts.reply_received)
        case "meeting":
            held = activity.held and counts.meeting_held
            return _Weighed(activity, contact=held, reason="" if held else "a meeting that was not held")
        case "task" | "note":
            return _Weighed(activity, reason=f"a {activity.kind} proves neither attempt nor contact")


def _call(activity: Activity, counts: CountsAs) -> _Weighed:
    dialled = activity.direction != "inbound" and counts.call_dialled
    reason = _why_no_contact(activity, counts.answered_at_least)
    return _Weighed(activity, attempt=dialled, contact=not reason, reason=reason)


def _why_no_contact(call: Activity, at_least: int) -> str:
    """Why a call is no contact; empty when it is."""
    if call.answered is False or (call.answered is None and not call.talk_seconds):
        return f"{call.direction or 'outbound'} call that nobody answered"
    if call.talk_seconds is None:
        return "answered, but for how long is not known"
    if call.talk_seconds < at_least:
        return f"too short for contact: {call.talk_seconds} s of {at_least} s"
    if call.confidence < SURE:
        return "by the company's number: somebody there answered, and nobody knows whether it was the lead"
    return ""


def _written(activity: Activity, outbound_counts: bool, reply_counts: bool) -> _Weighed:
    """An e-mail or a message: ours is an attempt, the lead's reply to it is contact."""
    if activity.reply and activity.direction != "outbound":
        return _Weighed(activity, contact=reply_counts, reason="" if reply_counts else "replies do not count")
    if activity.direction == "inbound":
        return _Weighed(activity, reason=f"{activity.kind} from the lead that is no reply")
    return _Weighed(
        activity, attempt=outbound_counts, reason="" if outbound_counts else f"{activity.kind}s do not count"
    )
