"""Refusals in Salesforce's own words: recorded where we have a recording, else as its documentation has them."""

from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """What the API answers instead of doing it. `fields` is there on errors about a row's values, `more` on few."""

    def __init__(
        self, code: str, message: str, fields: list[str] | None = None, status: int = 400, more: Json | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.fields, self.status = code, message, fields, status
        self.more = more or {}

    def body(self) -> list[Json]:
        """The body of the answer, where this is the whole answer."""
        error: Json = {**self.more, "message": self.message, "errorCode": self.code}
        return [error if self.fields is None else {**error, "fields": self.fields}]

    def row(self) -> Json:
        """The same inside one row of a batch, where the code has another name."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields or []}


def not_found(message: str = "The requested resource does not exist") -> Refused:
    return Refused("NOT_FOUND", message, status=404)


def no_such_record() -> Refused:
    """An id in a write that names nothing."""
    return Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [], 404)


def no_such_column(field: str, kind: str) -> Refused:
    return Refused("INVALID_FIELD", f"No such column '{field}' on sobject of type {kind}")


def no_write_access(fields: list[str]) -> Refused:
    return Refused(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(fields)}. Please check the security settings of this field and"
        " verify that it is read/write for your profile or permission set.",
        fields,
    )


def unreadable_value(type: str, value: object) -> Refused:
    """A JSON value that cannot be what the field is."""
    token = {str: "STRING", bool: "TRUE" if value else "FALSE", int: "NUMBER_INT", float: "NUMBER_FLOAT"}
    kind = f"VALUE_{token[type_of]}" if (type_of := value.__class__) in token else "START_OBJECT"
    return Refused(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {type} from {kind} value {value} or request may be missing a required field",
    )


def bad_request(message: str, code: str = "INVALID_INPUT") -> Refused:
    return Refused(code, message)
