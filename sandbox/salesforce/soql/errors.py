"""Refusals of a query point at the word that they are about."""

from sandbox.salesforce.errors import Refused


def pointed(code: str, text: str, at: int, message: str) -> Refused:
    """The query's line with a caret under the place, the position, and then the message: as recorded."""
    before = text[:at]
    row, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
    line = text.splitlines()[row - 1] if text else ""
    return Refused(code, f"\n{line}\n{' ' * (column - 1)}^\nERROR at Row:{row}:Column:{column}\n{message}")


def malformed(text: str, at: int, message: str) -> Refused:
    return pointed("MALFORMED_QUERY", text, at, message)


def no_column(text: str, at: int, name: str, kind: str) -> Refused:
    return pointed(
        "INVALID_FIELD",
        text,
        at,
        f"No such column '{name}' on entity '{kind}'. If you are attempting to use a custom field, be sure to append"
        " the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate"
        " names.",
    )


def no_relationship(text: str, at: int, name: str) -> Refused:
    return pointed(
        "INVALID_FIELD",
        text,
        at,
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship,"
        " be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe"
        " call for the appropriate names.",
    )


def no_type(text: str, at: int, name: str) -> Refused:
    return pointed(
        "INVALID_TYPE",
        text,
        at,
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the"
        " '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
    )


def no_children(text: str, at: int, name: str) -> Refused:
    return pointed(
        "INVALID_TYPE",
        text,
        at,
        f"Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom"
        " relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or"
        " the describe call for the appropriate names.",
    )
