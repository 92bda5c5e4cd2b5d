"""Bulk API 2.0: many rows as CSV, taken in or queried by jobs that one has to look at until they are done.

A job goes on when it is looked at: the setting `bulk_polls` says how often it is still in progress.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.salesforce import bulk_csv, external_ids, rows
from sandbox.salesforce.api import Answer, Call, Csv, Endpoints
from sandbox.salesforce.errors import Refused, bad_request, not_found
from sandbox.salesforce.ids import new_id
from sandbox.salesforce.rows import Author
from sandbox.salesforce.schema import Kind
from sandbox.salesforce.soql import plan
from sandbox.salesforce.soql.parser import parsed
from sandbox.salesforce.stamps import stamp

Json = dict[str, Any]

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
QUERIES = ("query", "queryAll")
LARGEST_PAGE = 50_000
OVER = ("JobComplete", "Failed", "Aborted")


@dataclass
class Job:
    """One job. Rows of the results are cells in the order of `columns`."""

    about: Json
    state: str
    polls_left: int
    columns: list[str] = field(default_factory=list)
    waiting: list[list[str]] = field(default_factory=list)
    done: list[list[str]] = field(default_factory=list)
    failed: list[list[str]] = field(default_factory=list)
    error: str | None = None

    @property
    def form(self) -> tuple[str, str]:
        return self.about["columnDelimiter"], self.about["lineEnding"]

    def shown(self) -> Json:
        counts = {"numberRecordsProcessed": len(self.done) + len(self.failed)}
        if self.about["jobType"] == "V2Ingest":
            counts["numberRecordsFailed"] = len(self.failed)
        error = {"errorMessage": self.error} if self.error else {}
        return {**self.about, "state": self.state, "retries": 0, "totalProcessingTime": 0, **counts, **error}


class Bulk:
    """The endpoints, and the jobs."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._begun = 0

    def add_to(self, endpoints: Endpoints) -> None:
        for path, kind, create in (("ingest", "V2Ingest", self._take_in), ("query", "V2Query", self._query)):
            endpoints.add(f"jobs/{path}", POST=create, GET=self._list(kind))
            endpoints.add(f"jobs/{path}/{{id}}", GET=self._look, PATCH=self._change, DELETE=self._delete)
        endpoints.add("jobs/ingest/{id}/batches", PUT=self._upload)
        endpoints.add("jobs/ingest/{id}/{results}", GET=self._outcome)
        endpoints.add("jobs/query/{id}/results", GET=self._results)

    def forget(self) -> None:
        self._jobs.clear()
        self._begun = 0

    def _take_in(self, call: Call) -> Answer:
        wish = call.object_body()
        if wish.get("operation") not in OPERATIONS:
            raise bad_request(f"Unable to find operation {wish.get('operation')}", "INVALIDJOB")
        kind = call.org.visible(str(wish.get("object")))
        if kind is None:
            raise bad_request(f"Unable to find object: {wish.get('object')}", "INVALIDJOB")
        about = {"object": kind.name, "contentType": "CSV", "jobType": "V2Ingest"}
        if wish["operation"] == "upsert":
            name = str(wish.get("externalIdFieldName"))
            about["externalIdFieldName"] = external_ids.naming_field(call.org, kind, name).name
        if wish.get("assignmentRuleId"):
            about["assignmentRuleId"] = wish["assignmentRuleId"]
        job = self._begin(call, wish, about, "Open")
        job.about["contentUrl"] = f"{call.base.lstrip('/')}/jobs/ingest/{job.about['id']}/batches"
        return Answer(200, job.shown())

    def _query(self, call: Call) -> Answer:
        wish = call.object_body()
        if wish.get("operation") not in QUERIES or not isinstance(wish.get("query"), str):
            raise bad_request("A query job needs an operation and a query", "INVALIDJOB")
        every = wish["operation"] == "queryAll"
        answer = plan.answered(call.org, parsed(wish["query"]), call.base, deleted=every)
        job = self._begin(call, wish, {"object": "", "jobType": "V2Query"}, "UploadComplete")
        cells = [bulk_csv.flat(answer.render(record)) for record in answer.records]
        job.columns = max((list(row) for row in cells), key=len, default=[])  # a parent that is nothing has one column
        job.waiting = [[row.get(name, "") for name in job.columns] for row in cells]
        return Answer(200, job.shown())

    def _begin(self, call: Call, wish: Json, about: Json, state: str) -> Job:
        delimiter, ending = wish.get("columnDelimiter", "COMMA"), wish.get("lineEnding", "LF")
        if delimiter not in bulk_csv.DELIMITERS or ending not in bulk_csv.LINE_ENDINGS:
            raise bad_request("Unknown columnDelimiter or lineEnding", "INVALIDJOB")
        self._begun += 1
        id, now = new_id("750", self._begun), stamp(call.org.now)
        by = {"createdById": call.org.integration_user, "createdDate": now, "systemModstamp": now}
        form = {"columnDelimiter": delimiter, "lineEnding": ending, "apiVersion": float(call.version[1:])}
        facts = {"id": id, "operation": wish["operation"], "concurrencyMode": "Parallel", **by, **form, **about}
        job = self._jobs[id] = Job(facts, state, call.org.settings.bulk_polls)
        return job

    def _job(self, id: str) -> Job:
        if id not in self._jobs:
            raise not_found()
        return self._jobs[id]

    def _list(self, kind: str) -> Callable[[Call], Answer]:
        def listed(_: Call) -> Answer:
            jobs = [job.shown() for job in self._jobs.values() if job.about["jobType"] == kind]
            return Answer(200, {"done": True, "nextRecordsUrl": None, "records": jobs})

        return listed

    def _look(self, call: Call, id: str) -> Answer:
        """As it is; whoever looks often enough sees it done."""
        job = self._job(id)
        if job.state in ("UploadComplete", "InProgress"):
            job.state = "InProgress"
            job.polls_left -= 1
            if job.polls_left < 0:
                _finish(call, job)
        return Answer(200, job.shown())

    def _change(self, call: Call, id: str) -> Answer:
        """Close it for more data, or abort it."""
        job, wish = self._job(id), call.object_body().get("state")
        if wish not in ("UploadComplete", "Aborted") or job.state in (wish, *OVER):
            raise bad_request(f"The job is {job.state} and cannot become {wish}", "INVALIDJOBSTATE")
        job.state = wish
        return Answer(200, job.shown())

    def _delete(self, _: Call, id: str) -> Answer:
        if self._job(id).state not in OVER:
            raise bad_request("A job that is not over cannot be deleted", "INVALIDJOBSTATE")
        del self._jobs[id]
        return Answer(204)

    def _upload(self, call: Call, id: str) -> Answer:
        """The rows, once."""
        job = self._job(id)
        if job.state != "Open" or job.columns:
            raise bad_request("The job takes no (more) data", "INVALIDJOBSTATE")
        if not isinstance(call.body, Csv):
            raise bad_request("The content type has to be text/csv", "INVALIDJOB")
        try:
            job.columns, job.waiting = bulk_csv.read(call.body, job.form[0])
        except bulk_csv.BadCsv as bad:
            job.error = str(bad)
        return Answer(201)

    def _outcome(self, _: Call, id: str, results: str) -> Answer:
        job = self._job(id)
        kinds: dict[str, tuple[Sequence[str], list[list[str]]]] = {
            "successfulResults": (("sf__Id", "sf__Created"), job.done),
            "failedResults": (("sf__Id", "sf__Error"), job.failed),
            "unprocessedRecords": ((), job.waiting if job.state in OVER else []),
        }
        if results not in kinds:
            raise not_found()
        more, outcome = kinds[results]
        return Answer(200, Csv(bulk_csv.written([*more, *job.columns], outcome, *job.form)))

    def _results(self, call: Call, id: str) -> Answer:
        job = self._job(id)
        if job.state != "JobComplete":
            raise bad_request(f"The job is {job.state} and has no results", "INVALIDJOBSTATE")
        start = _offset(call.params.get("locator"))
        wish = call.params.get("maxRecords", "")
        page = job.done[start : start + min(int(wish) if wish.isdigit() else LARGEST_PAGE, LARGEST_PAGE)]
        end = start + len(page)
        locator = base64.b64encode(str(end).encode()).decode() if end < len(job.done) else "null"
        headers = {"Sforce-Locator": locator, "Sforce-NumberOfRecords": str(len(page))}
        return Answer(200, Csv(bulk_csv.written(job.columns, page, *job.form)), headers)


def _offset(locator: str | None) -> int:
    if not locator:
        return 0
    try:
        return int(base64.b64decode(locator, validate=True))
    except (binascii.Error, ValueError) as wrong:
        raise bad_request("The locator is invalid", "INVALID_QUERY_LOCATOR") from wrong


def _finish(call: Call, job: Job) -> None:
    """Everything at once; nothing stays unprocessed unless the job as a whole fails."""
    if job.about["jobType"] == "V2Query":
        job.state, job.done, job.waiting = "JobComplete", job.waiting, []
        return
    kind = rows.kind_of(call.org, job.about["object"])
    unknown = [name for name in job.columns if not kind.field(name)]
    if job.error or unknown:
        job.error = job.error or f"InvalidBatch : Field name not found : {unknown[0]}"
        job.state = "Failed"
        return
    author = Author(call.org.integration_user, assignment_rules=bool(job.about.get("assignmentRuleId")))
    for row in job.waiting:
        _take(call, job, kind, author, row)
    job.state, job.waiting = "JobComplete", []


def _take(call: Call, job: Job, kind: Kind, author: Author, row: list[str]) -> None:
    values = bulk_csv.values(kind, job.columns, row)
    id = next((str(value) for name, value in values.items() if name.lower() == "id"), "")
    try:
        id, created = _written(call, job.about, kind, author, id, values)
    except Refused as refused:
        at = f"{', '.join(refused.fields)} --" if refused.fields else "--"
        job.failed.append([id, f"{refused.code}:{refused.message}:{at}", *row])
    else:
        job.done.append([id, "true" if created else "false", *row])


def _written(call: Call, about: Json, kind: Kind, author: Author, id: str, values: Json) -> tuple[str, bool]:
    """The record's id, and whether it is new."""
    match about["operation"]:
        case "insert":
            return rows.created(call.org, kind, values, author).id, True
        case "update":
            return rows.updated(call.org, kind, id, values, author).id, False
        case "upsert":
            naming = kind.fields[about["externalIdFieldName"].lower()]
            record, created = external_ids.upserted_row(call.org, kind, author, naming, values)
            return record.id, created
    rows.deleted(call.org, kind, id, author)
    return id, False
