"""What `config/` says about a lead's meaning: tables, rates, named accounts, references, enrichment, fields to set."""

from domain.hours import Span
from router.conditions import Compare, InFile
from router.rules import Arrival, Assign, FromAccount, FromService, FromTable, NamedAccount, Recent
from router.values import Money
from tests.playbook.writing import CRM, GOOD, loaded, places, problems, with_words

RULE = "{ country: DE }"
ASSIGN = "assign: { pool: enterprise }\nfallback"


def with_rule(when: str, **tables: str) -> dict[str, str]:
    return {**with_words("routing", RULE, when), **{f"{name}.csv": text for name, text in tables.items()}}


def with_routing(text: str, **tables: str) -> dict[str, str]:
    routing = f"{text}\n{GOOD['routing.yaml']}"
    return {**GOOD, "routing.yaml": routing, **{f"{name}.csv": table for name, table in tables.items()}}


def test_a_table_is_read_by_the_column_of_the_field_or_else_the_first() -> None:
    table = "name,country\nAcme,Deutschland\nOther,AT\n"

    assert loaded(with_rule("{ country: { in_file: t.csv } }", t=table)).rules.rules[0].when == InFile(
        "country", "t.csv", frozenset({"de", "at"})
    )
    assert loaded(with_rule("{ company: { in_file: t.csv } }", t=table)).rules.rules[0].when == InFile(
        "company", "t.csv", frozenset({"acme", "other"})
    )


def test_postcodes_in_a_table_are_prefixes_and_ranges() -> None:
    book = loaded(with_rule("{ postcode: { in_file: t.csv } }", t="postcode\n940-949\n95\n"))

    assert book.rules.rules[0].when == Compare("postcode", "starts_with", ("94", "95"))


def test_a_country_in_a_table_that_nobody_knows_is_a_problem() -> None:
    assert [str(each.id) for each in problems(with_rule("{ country: { in_file: t.csv } }", t="x\nGermny\n"))] == [
        "N115"
    ]


def test_where_leads_are_watched_the_signals_that_their_intent_depends_on_are() -> None:
    intent = "intent:\n  hot: { signals.demo: { within: 4 h elapsed }, signals.call: 2, score: 5 }"
    rules = "rules:\n  - { name: Warm, when: { intent: hot }, nurture: { queue: marketing, watch: true } }"
    texts = with_routing(intent)

    book = loaded({**texts, "routing.yaml": texts["routing.yaml"].replace("rules:", rules, 1)})

    assert book.watched == {"score", *(f"signals.{each}" for each in ("demo", "demo.at", "call", "call.at"))}


def test_what_conditions_ask_for_beyond_fields_is_known_to_the_rules() -> None:
    book = loaded(with_rule("{ signals.demo: { within: 4 h elapsed }, arrived: { inside: berlin } }"))

    assert book.rules.asked == (
        Recent("signals.demo within 4 h elapsed", "signals.demo", Span(14_400, "elapsed")),
        Arrival("arrived.berlin", "berlin"),
    )


# Money -------------------------------------------------------------------------------------------------------------


def test_amounts_in_rules_are_converted_by_rates() -> None:
    texts = with_rule("{ deal_size: { between: [100 USD, 2000.5 EUR] } }", rates="currency,rate\nusd,0.5\n")
    texts["crm/salesforce.yaml"] = f"{CRM.strip()[:-1]}, custom.budget: {{ field: Budget__c, type: amount }} }}\n"
    rules = loaded(texts).rules

    assert rules.rules[0].when == Compare("deal_size", "between", (50, 2000.5))
    assert rules.money == Money("EUR", {"USD": 0.5}, frozenset({"deal_size", "revenue", "custom.budget"}))


def test_a_rate_that_is_none_is_a_problem_in_its_line() -> None:
    rates = "currency,rate\nUSD,0\nCHF,NaN\nEUR,2\nDollar,1\nGBP,1.1\nGBP,1.2\n"

    assert places({**GOOD, "rates.csv": rates}) == [
        "rates.csv:2:5 V106", "rates.csv:3:5 V106", "rates.csv:4:5 V106", "rates.csv:5:1 V101", "rates.csv:7:1 N201",
    ]  # fmt: skip


# Named accounts ----------------------------------------------------------------------------------------------------


def test_named_accounts_are_found_by_domain_and_by_a_name_that_only_one_has() -> None:
    bank_and_twins = "Bank AG,www.bank.example,Ana@acme.example,1\nTwin,,ana@acme.example\nTwin,,ben@acme.example\n"
    table = f"name,domain,owner,tier\n{bank_and_twins}"
    rules = loaded(with_rule("{ named_account.exists: true }", named_accounts=table)).rules
    bank = NamedAccount("Bank AG", "ana@acme.example", "bank.example", "1")

    assert (rules.named_domains, rules.named_names) == ({"bank.example": bank}, {"bank": bank})


def test_a_named_account_that_cannot_be_meant_is_a_problem_in_its_line() -> None:
    table = (
        "name,domain,owner,tier\nBank,bank,ana@acme.example,1\nB,b.example,nobody@acme.example,1\n"
        "C,b.example,ben@acme.example,1\nD,d.example,,1\n"
    )

    assert places({**GOOD, "named_accounts.csv": table}) == [
        "named_accounts.csv:2:6 V105", "named_accounts.csv:3:13 N102", "named_accounts.csv:4:3 N201",
        "named_accounts.csv:5:13 K102",
    ]  # fmt: skip


def test_a_lead_goes_to_whoever_a_reference_names() -> None:
    texts = with_words(
        "routing",
        ASSIGN,
        "assign: { to: account.open_opportunity.owner, cover_after: 3 business days, else: { to: account.team.csm } }\n"
        "fallback",
    )

    assert loaded(texts).rules.rules[0].then == Assign(
        "account.open_opportunity.owner",
        otherwise=Assign("account.team.csm"),
        cover_after=Span(3, "business_days"),
    )


def test_cover_after_is_for_persons_and_named_accounts_need_their_table() -> None:
    pool = with_words("routing", ASSIGN, "assign: { pool: enterprise, cover_after: 2 h }\nfallback")
    named = with_words("routing", ASSIGN, "assign: { to: named_account.owner }\nfallback")

    assert places(pool) == ["routing.yaml:4:33 K101"]
    assert places(named) == ["routing.yaml:4:19 S105"]


# Enrichment --------------------------------------------------------------------------------------------------------

ENRICH = "enrich: [ account, { csv: firms.csv, key: domain } ]"


def test_enrichment_is_read_as_rules_see_it() -> None:
    texts = with_routing(
        f"normalise: {{ industry: {{ banking: [Bank] }} }}\n{ENRICH}",
        firms="domain,employees,industry,country,tags,custom.rank\nwww.Bank.example,250 to 499,Bank,Schweiz,a;b,7\n",
    )

    assert loaded(texts).rules.enrich == (
        FromAccount(),
        FromTable(
            "firms.csv",
            "domain",
            {
                "bank.example": {
                    "employees": 250, "industry": "banking", "country": "CH", "tags": ("a", "b"), "custom.rank": "7",
                }
            },
        ),
    )  # fmt: skip


def test_what_a_table_says_that_cannot_be_read_is_a_problem_in_its_line() -> None:
    table = "domain,employees,country,colour\na.example,many,FR,red\nb.example,1,Atlantis\na.example,2,DE\n"

    assert places(with_routing(ENRICH, firms=table)) == [
        "firms.csv:1:26 K101", "firms.csv:2:11 V110", "firms.csv:3:13 V110", "firms.csv:4:1 N201",
    ]  # fmt: skip


def test_enrichment_that_cannot_be_meant_is_a_problem() -> None:
    assert places(with_routing("enrich: [ acount ]")) == ["routing.yaml:1:11 V105"]
    assert places(with_routing("enrich: [ { csv: none.csv, key: domain } ]")) == ["routing.yaml:1:18 S105"]
    assert places(with_routing("enrich: [ { csv: f.csv, key: domian } ]", f="domain\n")) == ["routing.yaml:1:30 K105"]
    assert places(with_routing("enrich: [ { csv: f.csv } ]", f="domain\n")) == ["routing.yaml:1:11 K102"]


def test_a_service_is_asked_for_as_long_as_and_as_often_as_is_written() -> None:
    book = loaded(
        with_routing("enrich: [ { http: env:FIRMS_URL }, { http: env:B, key: email, timeout: 1 s, budget: 5 } ]")
    )

    assert book.rules.enrich == (
        FromService("FIRMS_URL", "domain", 2.0, Span(7, "calendar_days")),
        FromService("B", "email", 1.0, Span(7, "calendar_days"), 5),
    )


def test_a_service_that_cannot_be_meant_is_a_problem() -> None:
    assert places(with_routing("enrich: [ { http: 'https://firms.example/key' } ]")) == ["routing.yaml:1:19 V107"]
    assert places(with_routing("enrich: [ { http: env:A, timeout: 1 min } ]")) == ["routing.yaml:1:35 V106"]
    assert places(with_routing("enrich: [ { http: env:A, timeout: 1 business day } ]")) == ["routing.yaml:1:35 V106"]
    assert places(with_routing("enrich: [ { http: env:A, key: play, budget: 0 } ]")) == [
        "routing.yaml:1:31 K105", "routing.yaml:1:45 V106",
    ]  # fmt: skip


# Fields to set, owners of segments ---------------------------------------------------------------------------------


def test_a_rule_sets_fields_that_every_crm_has() -> None:
    texts = with_words(
        "routing", ASSIGN, "assign: { pool: enterprise }\n    set: { custom.x: smb, score: 5 }\nfallback"
    )
    crm = f"{CRM.strip()[:-1]}, custom.x: X__c, score: Score__c }}\n"

    assert loaded({**texts, "crm/salesforce.yaml": crm}).rules.rules[0].sets == {"custom.x": "smb", "score": 5}
    assert places({**texts, "crm/salesforce.yaml": crm, "crm/hubspot.yaml": CRM.replace("Lead", "contact")}) == [
        "routing.yaml:5:12 N117", "routing.yaml:5:27 N117",
    ]  # fmt: skip


def test_what_fairlead_finds_out_itself_cannot_be_set() -> None:
    texts = with_words("routing", ASSIGN, "assign: { pool: enterprise }\n    set: { play: x, colour: red }\nfallback")

    assert places(texts) == ["routing.yaml:5:12 K105", "routing.yaml:5:21 K105"]


def test_somebody_answers_for_a_segment() -> None:
    segments = "segments: { big: { when: { employees: { at_least: 500 } }, owner: tom@acme.example } }"

    assert loaded(with_routing(segments)).rules.segments[0].owner == "tom@acme.example"
    assert places(with_routing(segments.replace("tom", "tim"))) == ["routing.yaml:1:67 N102"]


def test_a_signal_is_mapped_by_its_count_and_its_times() -> None:
    crm = f"{CRM.strip()[:-1]}, signals.demo: Demos__c, signals.demo.at: Last_Demo__c }}\n"

    mapping = loaded({**GOOD, "crm/salesforce.yaml": crm}).crms["salesforce"]
    assert mapping.fields["signals.demo.at"] == "Last_Demo__c"
    assert places({**GOOD, "crm/salesforce.yaml": crm.replace("signals.demo:", "signals.:")}) == [
        "crm/salesforce.yaml:3:26 K105"
    ]
