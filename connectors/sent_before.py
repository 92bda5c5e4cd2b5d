"""Tasks that may have been sent before: creating one twice would put it twice on a rep's list, so it is looked for."""

from collections.abc import Callable, Collection, Sequence

from connectors.base import ConnectorError, NotSignedIn, TaskWrite, Written
from connectors.batches import Row


def there_already(
    wanted: Sequence[TaskWrite], tokens: Callable[[Sequence[str]], Collection[str]]
) -> dict[str, Written]:
    """What is settled without sending, by token: of those that are sent again, the ones that are there, and all of
    them where looking failed. `tokens` reads what is there on these leads. NotSignedIn is the only error that is
    raised."""
    doubtful = [task for task in wanted if task.again]
    if not doubtful:
        return {}
    try:
        there = tokens(sorted({task.key.id for task in doubtful}))
    except NotSignedIn:
        raise
    except ConnectorError as error:
        return {task.token: Row(task.token, task.key, {}).became(error) for task in doubtful}
    return {task.token: Written(task.key, "applied") for task in doubtful if task.token in there}
