"""Every call that the portal answers, in one table."""

from sandbox.hubspot import pipelines
from sandbox.hubspot.account import Account
from sandbox.hubspot.association_calls import AssociationCalls
from sandbox.hubspot.lists import Lists
from sandbox.hubspot.objects import Objects
from sandbox.hubspot.owners import Owners
from sandbox.hubspot.paths import Row
from sandbox.hubspot.properties import PropertyBook
from sandbox.hubspot.search import Search
from sandbox.hubspot.sign_in import SignIn
from sandbox.hubspot.webhook_settings import WebhookSettings


def of_objects(objects: Objects, search: Search) -> tuple[Row, ...]:
    """Records by id, by the hundred, and by search."""
    return (
        Row("POST", "objects", "v3", "/{kind}/search", search.find),
        Row("POST", "objects", "v3", "/{kind}/merge", objects.merge),
        Row("POST", "objects", "v3", "/{kind}/gdpr-delete", objects.purge),
        Row("POST", "objects", "v3", "/{kind}/batch/read", objects.read_batch),
        Row("POST", "objects", "v3", "/{kind}/batch/create", objects.create_batch),
        Row("POST", "objects", "v3", "/{kind}/batch/update", objects.update_batch),
        Row("POST", "objects", "v3", "/{kind}/batch/upsert", objects.upsert_batch),
        Row("POST", "objects", "v3", "/{kind}/batch/archive", objects.archive_batch),
        Row("GET", "objects", "v3", "/{kind}", objects.page),
        Row("POST", "objects", "v3", "/{kind}", objects.create),
        Row("GET", "objects", "v3", "/{kind}/{id}", objects.one),
        Row("PATCH", "objects", "v3", "/{kind}/{id}", objects.update),
        Row("DELETE", "objects", "v3", "/{kind}/{id}", objects.archive),
    )


def of_associations(associations: AssociationCalls) -> tuple[Row, ...]:
    """Which records belong together."""
    one = "/{from}/{id}/associations/{to}"
    return (
        Row("GET", "objects", "v4", one, associations.of_one),
        Row("PUT", "objects", "v4", "/{from}/{id}/associations/default/{to}/{to_id}", associations.create_default),
        Row("PUT", "objects", "v4", f"{one}/{{to_id}}", associations.create_one),
        Row("DELETE", "objects", "v4", f"{one}/{{to_id}}", associations.archive_one),
        Row("POST", "associations", "v4", "/{from}/{to}/batch/read", associations.read_batch),
        Row("POST", "associations", "v4", "/{from}/{to}/batch/create", associations.create_batch),
        Row("POST", "associations", "v4", "/{from}/{to}/batch/associate/default", associations.create_default_batch),
        Row("POST", "associations", "v4", "/{from}/{to}/batch/archive", associations.archive_batch),
        Row("POST", "associations", "v4", "/{from}/{to}/batch/labels/archive", associations.archive_types_batch),
        Row("GET", "associations", "v4", "/{from}/{to}/labels", associations.types),
    )


def of_properties(book: PropertyBook) -> tuple[Row, ...]:
    """Property definitions and their groups."""
    return (
        Row("GET", "properties", "v3", "/{kind}/groups", book.groups),
        Row("POST", "properties", "v3", "/{kind}/groups", book.create_group),
        Row("GET", "properties", "v3", "/{kind}/groups/{name}", book.group),
        Row("POST", "properties", "v3", "/{kind}/batch/create", book.create_batch),
        Row("POST", "properties", "v3", "/{kind}/batch/read", book.read_batch),
        Row("POST", "properties", "v3", "/{kind}/batch/archive", book.archive_batch),
        Row("GET", "properties", "v3", "/{kind}", book.list),
        Row("POST", "properties", "v3", "/{kind}", book.create),
        Row("GET", "properties", "v3", "/{kind}/{name}", book.one),
        Row("PATCH", "properties", "v3", "/{kind}/{name}", book.update),
        Row("DELETE", "properties", "v3", "/{kind}/{name}", book.archive),
    )


def of_lists(lists: Lists) -> tuple[Row, ...]:
    """Lists and their members."""
    return (
        Row("POST", "lists", "v3", "", lists.create),
        Row("POST", "lists", "v3", "/search", lists.find),
        Row("GET", "lists", "v3", "/object-type-id/{kind}/name/{name}", lists.named),
        Row("GET", "lists", "v3", "/{list}", lists.one),
        Row("DELETE", "lists", "v3", "/{list}", lists.remove),
        Row("GET", "lists", "v3", "/{list}/memberships", lists.members),
        Row("GET", "lists", "v3", "/{list}/memberships/join-order", lists.members_as_they_joined),
        Row("PUT", "lists", "v3", "/{list}/memberships/add", lists.add),
        Row("PUT", "lists", "v3", "/{list}/memberships/remove", lists.take_off),
        Row("PUT", "lists", "v3", "/{list}/memberships/add-and-remove", lists.add_and_take_off),
    )


def of_the_account(account: Account, sign_in: SignIn, owners: Owners) -> tuple[Row, ...]:
    """Sign-in, the account, its people and its pipelines."""
    return (
        Row("POST", "oauth", "v1", "/token", sign_in.token, open=True),
        Row("POST", "oauth", "v3", "/token", sign_in.token, open=True),
        Row("POST", "oauth", "v2", "/private-apps/get/access-token-info", sign_in.about_key, open=True, dated=False),
        Row("GET", "account-info", "v3", "/details", account.details),
        Row("GET", "account-info", "v3", "/api-usage/daily/private-apps", account.usage),
        Row("GET", "owners", "v3", "", owners.page),
        Row("GET", "owners", "v3", "/{owner}", owners.one),
        Row("GET", "users", "v3", "", owners.users),
        Row("GET", "users", "v3", "/teams", owners.teams),
        Row("GET", "pipelines", "v3", "/{kind}", pipelines.page),
        Row("GET", "pipelines", "v3", "/{kind}/{pipeline}", pipelines.one),
        Row("GET", "pipelines", "v3", "/{kind}/{pipeline}/stages", pipelines.stages),
    )


def of_webhooks(settings: WebhookSettings) -> tuple[Row, ...]:
    """An app's webhooks, as its developer sets them; on dated paths the family has two names."""
    calls = (
        ("GET", "/{app}/settings", settings.settings),
        ("PUT", "/{app}/settings", settings.configure),
        ("DELETE", "/{app}/settings", settings.clear),
        ("GET", "/{app}/subscriptions", settings.subscriptions),
        ("POST", "/{app}/subscriptions", settings.subscribe),
        ("PATCH", "/{app}/subscriptions/{subscription}", settings.activate),
        ("DELETE", "/{app}/subscriptions/{subscription}", settings.unsubscribe),
    )
    families = (("webhooks", "v3"), ("app-webhooks", "2026-09"))
    return tuple(
        Row(method, family, version, path, serve, open=True)
        for family, version in families
        for method, path, serve in calls
    )
