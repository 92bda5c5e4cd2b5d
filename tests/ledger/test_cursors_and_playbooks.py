"""How far each stream was read, and which configuration decides."""

from ledger import cursors, playbooks
from ledger.store import Ledger
from tests.ledger.examples import NINE, minutes


def test_a_cursor_moves_forward_only(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        before = cursors.get(tx, "salesforce", "00D", "leads")
        cursors.move(tx, "salesforce", "00D", "leads", NINE)
        cursors.move(tx, "salesforce", "00D", "leads", NINE - minutes(1))
        late = cursors.get(tx, "salesforce", "00D", "leads")
        cursors.move(tx, "salesforce", "00D", "leads", NINE + minutes(1))

        assert (before, late) == (None, NINE)
        assert cursors.get(tx, "salesforce", "00D", "leads") == NINE + minutes(1)


def test_streams_and_accounts_have_cursors_of_their_own(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        cursors.move(tx, "salesforce", "00D", "leads", NINE)

        assert cursors.get(tx, "salesforce", "00D", "activities") is None
        assert cursors.get(tx, "salesforce", "another", "leads") is None
        assert cursors.get(tx, "hubspot", "00D", "leads") is None


def test_a_stream_that_is_forgotten_starts_from_its_beginning_again(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        cursors.move(tx, "salesforce", "00D", "unrouted", NINE)
        cursors.forget(tx, "salesforce", "00D", "unrouted")

        assert cursors.get(tx, "salesforce", "00D", "unrouted") is None


def test_the_playbook_activated_last_is_the_active_one(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        before = playbooks.active(tx)
        playbooks.activate(tx, "v1", {"routing.yaml": "rules: []\n"}, NINE)
        playbooks.activate(tx, "v2", {"routing.yaml": "rules: [é]\n"}, NINE)
        second = playbooks.active(tx)
        playbooks.activate(tx, "v1", {"routing.yaml": "rules: []\n"}, NINE)

        assert (before, second, playbooks.active(tx)) == (None, "v2", "v1")


def test_every_playbook_that_was_ever_active_is_kept_word_for_word(ledger: Ledger) -> None:
    with ledger.writing() as tx:
        for version in ("v1", "v2", "v2"):
            playbooks.activate(tx, version, {"routing.yaml": f"# {version} é\n"}, NINE)

        assert playbooks.texts(tx, "v1") == {"routing.yaml": "# v1 é\n"}
        assert playbooks.texts(tx, "none") is None
