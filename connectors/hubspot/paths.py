"""Where each of our calls lives at HubSpot: the classic paths that hubspot-api-client 12 sends, and the dated ones.

Version 1 of OAuth ends on 2027-02-16, version 4 of associations on 2027-03-30, versions 1 to 3 in September 2027. The
dated paths serve the same bodies. 2026-03 is taken and not 2026-09: the latter refuses writes that an admin's
validation rules do not allow, and its specification knows no 207. To move on, change the dates in this table.
"""

from dataclasses import dataclass

from connectors.base import NotSignedIn

CLASSIC, DATED = "classic", "dated"
VARIABLE = "HUBSPOT_API_VERSION"


@dataclass(frozen=True, slots=True)
class Move:
    """One family of paths: how they begin, how they begin when dated, and when the classic ones end. With `whole` the
    path is that and nothing more."""

    classic: str
    dated: str
    ends: str
    whole: bool = False

    def covers(self, path: str) -> bool:
        """Whether this is a classic path of the family."""
        return path == self.classic if self.whole else path.startswith(self.classic + "/")

    def moved(self, path: str) -> str:
        """Where the same call lives when dated."""
        return self.dated + path[len(self.classic) :]


MOVES = (
    Move("/crm/v3/objects", "/crm/objects/2026-03", "2027-09"),
    Move("/crm/v3/properties", "/crm/properties/2026-03", "2027-09"),
    Move("/crm/v3/owners/", "/crm/owners/2026-03", "2027-09", whole=True),
    Move("/crm/v4/associations", "/crm/associations/2026-03", "2027-03-30"),
    Move("/account-info/v3/details", "/account-info/2026-03/details", "2027-09", whole=True),
    Move("/oauth/v1/token", "/oauth/2026-03/token", "2027-02-16", whole=True),
    # What a private app's token may do; no dated path for it is known, and only `fairlead doctor` asks.
    Move(
        "/oauth/v2/private-apps/get/access-token-info",
        "/oauth/v2/private-apps/get/access-token-info",
        "2027-09",
        whole=True,
    ),
)


def path_for(classic: str, version: str) -> str:
    """The path to call. LookupError for one that the table does not know, so that nothing goes past it; NotSignedIn
    where the version is none."""
    if version not in (CLASSIC, DATED):
        raise NotSignedIn(f"{VARIABLE} is {version!r}: it has to be {CLASSIC} or {DATED} (the default)")
    for move in MOVES:
        if move.covers(classic):
            return move.moved(classic) if version == DATED else classic
    raise LookupError(f"{classic} is not in connectors/hubspot/paths.py: add it there, with its dated path")
