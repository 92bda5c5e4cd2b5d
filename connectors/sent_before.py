"""Tasks that may have been sent before: creating one twice would put it twice on a rep's list, so it is looked for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.base import ConnectorError, NotSignedIn, TaskWrite, Written
from connectors.batches import Row


@dataclass(frozen=True, slots=True)
class Looked:
    """The tokens of the tasks that are there, and the leads whose tasks could not all be read just now, with why."""

    tokens: Collection[str]
    later: Mapping[str, str] = field(default_factory=dict)


def there_already(wanted: Sequence[TaskWrite], look: Callable[[Sequence[str]], Looked]) -> dict[str, Written]:
    """What is settled without sending, by token: of those that are sent again, the ones that are there, the ones of
    leads that could not be looked at, and all of them where looking failed. `look` reads what is there on these leads.
    NotSignedIn is the only error that is raised."""
    doubtful = [task for task in wanted if task.again]
    if not doubtful:
        return {}
    try:
        looked = look(sorted({task.key.id for task in doubtful}))
    except NotSignedIn:
        raise
    except ConnectorError as error:
        return {task.token: Row(task.token, task.key, {}).became(error) for task in doubtful}
    wait = [task for task in doubtful if task.key.id in looked.later]
    there = [task for task in doubtful if task.token in looked.tokens]
    settled = {task.token: Written(task.key, "later", looked.later[task.key.id]) for task in wait}
    return settled | {task.token: Written(task.key, "applied") for task in there}
