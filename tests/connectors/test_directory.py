"""Users of a CRM are asked for rarely, and again where somebody unknown turns up."""

import pytest

from connectors.base import Refused
from connectors.directory import ASKED_AGAIN, KEPT, Directory
from domain.people import CrmUser

ANA = CrmUser("hubspot", "1", "Ana", "ana@acme.example")
BEN = CrmUser("hubspot", "2", "Ben", "ben@acme.example")
INBOUND = CrmUser("hubspot", "9", "Inbound", None, kind="queue")


class Company:
    """People come to it, time passes in it, and it counts who asks."""

    def __init__(self, *users: CrmUser) -> None:
        self.users = list(users)
        self.asked = 0
        self.time = 0.0
        self.directory = Directory(self._ask, "HubSpot", lambda: self.time)

    def _ask(self) -> list[CrmUser]:
        self.asked += 1
        return list(self.users)


def test_the_crm_is_asked_once_for_many_questions() -> None:
    company = Company(ANA, INBOUND)

    answers = [company.directory.email("1"), company.directory.email("9"), company.directory.email(None)]

    assert answers == ["ana@acme.example", None, None]
    assert company.asked == 1


def test_somebody_who_just_joined_is_known_soon() -> None:
    company = Company(ANA)
    company.directory.user("1")
    company.users.append(BEN)

    at_once, company.time = company.directory.user("2"), ASKED_AGAIN + 1

    assert (at_once, company.directory.user("2")) == (None, BEN)


def test_owners_who_are_long_gone_do_not_cause_a_question_each() -> None:
    company = Company(ANA)

    for id in range(100, 200):
        company.directory.user(str(id))

    assert company.asked == 1


def test_what_is_known_is_believed_for_a_while_only() -> None:
    company = Company(ANA)
    company.directory.user("1")
    company.users.clear()

    company.time = KEPT - 1
    before = company.directory.user("1")
    company.time = KEPT + 1

    assert (before, company.directory.user("1")) == (ANA, None)


def test_the_words_of_new_when_become_ids() -> None:
    company = Company(ANA, BEN, INBOUND)

    assert company.directory.unowned(["nobody", "queue:inbound", "user:ANA@acme.example"]) == (True, ["1", "9"])


def test_a_queue_that_was_just_created_is_found() -> None:
    company = Company(ANA)
    with pytest.raises(Refused, match="queue 'Inbound'"):
        company.directory.unowned(["queue:Inbound"])
    company.users.append(INBOUND)
    company.time = ASKED_AGAIN + 1

    assert company.directory.unowned(["queue:Inbound"]) == (False, ["9"])
