"""A small set of account names in one text column: `|one||two|`, asked by LIKE."""

from sqlalchemy import ColumnElement, literal

Text = ColumnElement[str]


def marked(marks: str, account: str) -> str:
    """Return the marks with this account among them."""
    mark = f"|{account}|"
    return marks if mark in marks else marks + mark


def is_marked(marks: str, account: str) -> bool:
    """Tell whether an account is among the marks."""
    return f"|{account}|" in marks


def mark_of(account: Text) -> Text:
    """Return the mark of an account named by a column, to be added to the others."""
    return literal("|") + account + literal("|")


def lacks(marks: Text, account: Text | str) -> ColumnElement[bool]:
    """Return the condition that an account is not among the marks; names hold no % and no _."""
    if isinstance(account, str):
        return marks.not_like(f"%|{account}|%")
    return marks.not_like(literal("%|") + account + literal("|%"))
