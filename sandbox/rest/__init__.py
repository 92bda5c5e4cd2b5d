"""A company's own CRM behind a small REST API: what a third connector is proven against.

JSON under /rest/v1, with `Authorization: Bearer TOKEN`; times are ISO 8601 in UTC. A refusal is {"error", "message"},
with "field" where one is to blame.

    GET   /account                        {"id"}
    GET   /users                          {"users": [{"id", "email", "name", "active", "kind"}]}
    GET   /{leads|companies|activities}   rows in the order of (modified, id), or (created, id) with order=created;
                                          from, until, after (an id, behind which rows of the instant `from` begin),
                                          owner (ids, `none`), empty and filled (names of fields), limit (at most 200)
                                          -> {"rows", "more"}
    POST  /leads/read                     {"ids"} -> {"rows"}; unknown ids are left out, deleted ones say "gone"
    POST  /activities/read                {"leads"} -> {"rows"}
    POST  /leads/count                    {"owners", "not_status"} -> {"counts": {owner: number}}
    PATCH /leads                          {"rows": [{"id", "fields", "if_owner"?}]} -> {"rows": [{"id", "outcome"
                                          (applied, owner_changed, refused), "error"?, "message"?}]}: each row by
                                          itself, and with `if_owner` only while that is still the owner (null: nobody)
    POST  /tasks                          {"rows": [{"key", "lead", "owner", "subject", "due_at"}]} -> like PATCH
    POST  /tasks/read                     {"keys"} -> {"keys"}: those that there are
    GET   /fields                         {"fields": [{"name", "type", "choices"?}]}; POST adds {"fields"}

It sends no webhooks: whoever wants its news asks for them.
"""

from sandbox.rest.api import Rest
from sandbox.world import World


def dialect(world: World) -> Rest:
    """The CRM, over the world that it shares with the others."""
    return Rest(world)
