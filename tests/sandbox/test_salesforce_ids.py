"""Record ids: their checksum is Salesforce's."""

import pytest

from sandbox.salesforce.ids import long, new_id, read_id

RECORDED = ["00Do0000000e0vQEAQ", "04k1N0000008pXOQAY", "00Q1N00000bS2eOUAS", "001Da00000xnAkBIAU"]


@pytest.mark.parametrize("id", RECORDED)
def test_the_checksum_is_that_of_recorded_ids(id: str) -> None:
    assert long(id[:15]) == id


def test_an_id_whose_checksum_does_not_fit_is_none() -> None:
    assert read_id("00Do0000000e0vQEAA") is None


def test_many_ids_differ_even_where_case_is_lost() -> None:
    ids = {new_id("00Q", number).lower() for number in range(1, 10_000)}

    assert len(ids) == 9_999
