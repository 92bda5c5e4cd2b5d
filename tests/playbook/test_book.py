"""A whole folder: what loads, what does not, and that nothing is passed over in silence."""

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from domain.decisions import Outcome
from domain.leads import Lead, LeadKey
from playbook.book import Playbook, Problem, load, load_texts
from playbook.problems import Id
from playbook.schema import schemas
from router.case import Case
from router.decide import Standing, State, decide
from scripts.check import check
from tests.playbook.writing import CRM, GOOD, folder, ids, loaded, places, problems, with_files

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config"
EXAMPLE = loaded(
    {
        path.relative_to(CONFIG).as_posix(): path.read_text("utf-8")
        for path in CONFIG.rglob("*.*")
        if path.relative_to(CONFIG).parts[0] not in ("examples", "schema", "tests")
    }
)


def test_the_worked_example_loads() -> None:
    found = load(CONFIG)
    assert isinstance(found, Playbook), found
    assert sorted(found.crms) == ["hubspot", "salesforce"]


def test_the_worked_example_loads_with_the_service_levels_of_the_demo(tmp_path: Path) -> None:
    copy = shutil.copytree(CONFIG, tmp_path / "config")
    shutil.copy(CONFIG / "examples" / "demo" / "sla.yaml", copy / "sla.yaml")
    assert isinstance(load(copy), Playbook)


def test_every_lead_of_the_worked_example_has_a_tier() -> None:
    book = load(CONFIG)
    assert isinstance(book, Playbook)
    assert list(book.policy.tiers) == [tier.name for tier in book.rules.tiers] == ["hot", "standard", "relaxed"]


@pytest.mark.parametrize("country", [None, "Germany", "GB", "USA", "FR"])
@pytest.mark.parametrize("hour", range(0, 168, 7))
def test_every_lead_of_the_worked_example_reaches_somebody_at_any_hour_of_the_week(
    country: str | None, hour: int
) -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour)
    key = LeadKey("salesforce", "org", "Lead", "00Q1")
    lead = Lead(key, created_at=now, modified_at=now, values={"company": "Bank Ltd", "country": country})
    standing = {rep: Standing() for rep in EXAMPLE.rules.reps}
    decision = decide(Case("d/0", lead), EXAMPLE.rules, State(standing=standing), now)
    assert decision.outcome == Outcome.ASSIGNED or (decision.outcome == Outcome.WAITING and decision.until)
    assert decision.responsible in EXAMPLE.rules.reps
    assert decision.tier == "relaxed"


def test_stored_texts_load_to_the_same_playbook_as_their_folder() -> None:
    found = load(CONFIG)
    assert isinstance(found, Playbook)
    assert load_texts(found.texts) == found


def test_the_version_changes_with_any_word_of_any_file() -> None:
    one = loaded(GOOD).version
    assert re.fullmatch("[0-9a-f]{12}", one)
    assert loaded({**GOOD, "sla.yaml": GOOD["sla.yaml"] + "# a note\n"}).version != one
    assert loaded(GOOD).version == one


def test_only_the_files_that_are_needed_must_exist() -> None:
    texts = {name: GOOD[name] for name in ("calendars.yaml", "teams.yaml", "routing.yaml")}
    assert loaded(texts).notifications.channels == {"terminal": ""}


def test_an_unknown_key_is_a_problem_and_reading_goes_on_as_if_the_right_one_had_been_written() -> None:
    texts = with_files(
        sla="tiers: { hot: { whn: otherwise, first_respons: { within: 15 minutes }, max_reassignmnts: many } }"
    )
    assert sorted(ids(texts)) == ["K101", "K101", "K101", "V101", "V102"]


def test_a_key_misspelt_beside_the_right_one_does_not_win() -> None:
    texts = with_files(sla="tiers: { hot: { when: otherwise, wen: 7, first_response: { within: 1 h } } }")
    assert places(texts) == ["sla.yaml:1:34 K101"]


@pytest.mark.parametrize(
    ("file", "id_"),
    [
        pytest.param("team.yaml", "S104", id="nearly the right name"),
        pytest.param("teams.yml", "S104", id="another ending"),
        pytest.param("absence.csv", "S104", id="a table that would be left out"),
        pytest.param("crm/hubspott.yaml", "S104", id="nearly the name of a CRM"),
    ],
)
def test_a_file_that_would_be_ignored_is_a_problem(file: str, id_: str) -> None:
    assert ids({**GOOD, file: ""}) == [id_]


def test_names_of_a_file_that_is_not_yaml_are_not_reported_as_missing() -> None:
    texts = {**GOOD, "teams.yaml": "pools: [\n"}
    assert [each.split()[1] for each in places(texts)] == ["S101"]


def test_a_folder_that_is_not_there_and_a_file_that_is_no_text_are_problems(tmp_path: Path) -> None:
    (missing,) = problems_of(tmp_path / "nowhere")
    assert missing.id == "S105"
    (folder(tmp_path) / "teams.yaml").write_bytes(b"\xff\xfe\x00")
    assert [each.id for each in problems_of(tmp_path)] == ["S103"]


def test_examples_schemas_and_hidden_folders_are_not_part_of_a_configuration(tmp_path: Path) -> None:
    folder(tmp_path)
    for name in ("examples", ".git", "tests"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "other.yaml").write_text("a: [", encoding="utf-8")
    found = load(tmp_path)
    assert isinstance(found, Playbook)
    assert sorted(found.texts) == sorted([*GOOD, "crm/salesforce.yaml"])


@pytest.mark.parametrize("name", ["notifications.yaml", "absences.csv", "crm/hubspot.yaml"])
def test_a_folder_in_the_place_of_a_file_is_a_problem(tmp_path: Path, name: str) -> None:
    (folder(tmp_path) / name).mkdir()
    assert [(each.file, each.id) for each in problems_of(tmp_path)] == [(name, "S103")]


def test_a_configuration_without_any_crm_is_a_problem_that_names_the_files(tmp_path: Path) -> None:
    (folder(tmp_path) / "crm" / "salesforce.yaml").unlink()
    (problem,) = problems_of(tmp_path)
    assert problem.id == "S108"
    assert problem.hint == "add crm/salesforce.yaml or crm/hubspot.yaml"


def test_what_was_decided_without_a_crm_in_the_configuration_can_still_be_replayed() -> None:
    assert loaded(GOOD).crms == {}


def problems_of(folder: Path) -> tuple[Problem, ...]:
    found = load(folder)
    assert isinstance(found, tuple)
    return found


def test_every_key_of_the_language_is_read_or_said_to_be_of_later(tmp_path: Path) -> None:
    """`language/` holds the examples of the language's definition; the only problems are what is not built yet."""
    found = load(Path(__file__).parent / "language")
    assert isinstance(found, tuple)
    assert {str(each.id) for each in found} == {"K103"}, [str(each) for each in found if each.id != "K103"]


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_schema_for_editors_is_up_to_date(name: str) -> None:
    assert (CONFIG / "schema" / name).read_text(encoding="utf-8") == schemas()[name], (
        "run: .venv/bin/python -m playbook.schema config/schema"
    )


@pytest.mark.parametrize("path", sorted(CONFIG.rglob("*.yaml")), ids=lambda path: str(path.relative_to(CONFIG)))
def test_each_example_names_its_schema_in_the_first_line(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named and (path.parent / named[1]).resolve().is_file()


def test_every_id_is_explained_in_the_documentation() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([A-Z]\d{3})` \|", text, re.MULTILINE))
    assert explained == {str(each) for each in Id} | {"P101", "P102", "P103", "P104"}


# --- the command --------------------------------------------------------------------------------------------------


def test_the_command_says_that_a_good_folder_has_no_problems() -> None:
    result = CliRunner().invoke(check, ["--config", str(CONFIG)])
    assert result.exit_code == 0
    assert "no problems" in result.output


def test_the_command_names_every_problem_in_one_run_with_file_line_and_column(tmp_path: Path) -> None:
    copy = shutil.copytree(CONFIG, tmp_path / "config")
    _exchange(copy / "teams.yaml", "\npools:", "\npoolz:")
    _exchange(copy / "routing.yaml", "assign: { pool: dach }", "assign: { pool: dahc }")
    _exchange(
        copy / "routing.yaml",
        "\nfallback:",
        "\n  - { name: All, assign: { pool: uk } }"
        "\n  - { name: Late, when: { country: FR }, assign: { pool: us } }\nfallback:",
    )
    result = CliRunner().invoke(check, ["--config", str(copy)])
    assert result.exit_code == 1
    for at, words in (
        (
            _place(copy / "teams.yaml", "poolz:"),
            r"`poolz` is not a key that belongs here \[K101\]\n    did you mean 'pools'\?",
        ),
        (_place(copy / "routing.yaml", "dahc"), r".*'dahc' is not a pool \[N101\]\n    did you mean 'dach'\?"),
        (_place(copy / "routing.yaml", "{ name: Late"), r"rule 'Late' .*'All'.* \[P101\]"),
    ):
        assert re.search(f"^{re.escape(at)}: {words}", result.output, re.MULTILINE), result.output
    assert "3 problems in 2 files" in result.output


def _place(path: Path, words: str) -> str:
    """`routing.yaml:45:21`: where these words stand."""
    before = path.read_text(encoding="utf-8").partition(words)[0]
    return f"{path}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def _exchange(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_command_prints_data_on_request(tmp_path: Path) -> None:
    (tmp_path / "crm").mkdir()
    (tmp_path / "crm" / "salesforce.yaml").write_text(CRM, encoding="utf-8")
    (tmp_path / "routing.yaml").write_text("rules: []\n", encoding="utf-8")
    result = CliRunner().invoke(check, ["--config", str(tmp_path), "--format", "json"])
    assert result.exit_code == 1
    (problem,) = json.loads(result.output)["problems"]
    assert (problem["file"], problem["id"]) == ("routing.yaml", "R101")


def test_a_folder_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    assert CliRunner().invoke(check, ["--config", str(tmp_path / "nowhere")]).exit_code == 2


def test_nothing_is_wrong_with_the_good_configuration_of_these_tests() -> None:
    assert problems(GOOD) == ()
