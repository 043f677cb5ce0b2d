"""What comes in from the field, many at once in one transaction: messages, reports, desk items."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from dispatcher.ciphers import Ring
from dispatcher.store.clock import db_now
from dispatcher.store.desk_items import DeskItem, keep_for_desk
from dispatcher.store.field_filing import TURN, file_reports
from dispatcher.store.field_reports import Filed, Report
from dispatcher.store.partner_messages import (
    Answer,
    Message,
    keep_answers,
    key_of,
    taken_before,
)
from dispatcher.store.turns import take_turns_in

OTHER_BODY = Answer(409, {})  # the same id over another body: told by the door, never kept


class Incoming(NamedTuple):
    """One thing that came in: its reports and desk items, and how what they come to is answered.

    `message` is the signed message that it came in, if any: taken once.
    """

    commune: str
    reports: tuple[Report, ...]
    answer: Callable[[Sequence[Filed]], Answer]
    desk: tuple[DeskItem, ...] = ()
    message: Message | None = None


def take_in(
    connection: Connection, came: Sequence[Incoming], *, key: bytes, ring: Ring
) -> list[Answer]:
    """Take all of it in, in one transaction; return the answer to each, in order."""
    for commune in sorted({one.commune for one in came}):
        take_turns_in(connection, TURN, commune=commune)
    messages = [one.message for one in came if one.message is not None]
    answered = {
        key: (one.digest, one.answer) for key, one in taken_before(connection, messages).items()
    }
    answers: list[Answer | None] = [None] * len(came)
    fresh: list[int] = []
    repeats: list[int] = []
    seen = set(answered)
    for number, one in enumerate(came):
        if one.message is None or key_of(one.message) not in seen:
            fresh.append(number)
        else:
            repeats.append(number)
        if one.message is not None:
            seen.add(key_of(one.message))
    made = _file(connection, [came[number] for number in fresh], key=key, ring=ring)
    for number, answer in zip(fresh, made, strict=True):
        answers[number] = answer
        message = came[number].message
        if message is not None:
            answered[key_of(message)] = (message.digest, answer)
    for number in repeats:
        answers[number] = _again(came[number].message, answered)
    return [one for one in answers if one is not None]


def _again(
    message: Message | None, answered: dict[tuple[str, str, str], tuple[str, Answer]]
) -> Answer:
    if message is None:
        raise ValueError("What is no message repeats none.")
    digest, answer = answered[key_of(message)]
    return answer if digest == message.digest else OTHER_BODY


def _file(
    connection: Connection, fresh: Sequence[Incoming], *, key: bytes, ring: Ring
) -> list[Answer]:
    now = connection.execute(select(db_now())).scalar_one()
    answers: dict[int, Answer] = {}
    for commune in sorted({one.commune for one in fresh}):
        mine = [number for number, one in enumerate(fresh) if one.commune == commune]
        reports = [report for number in mine for report in fresh[number].reports]
        told = file_reports(connection, commune, reports, key=key, ring=ring) if reports else ()
        filed = iter(told)
        items = [item for number in mine for item in fresh[number].desk]
        if items:
            keep_for_desk(connection, commune, items, now=now, key=key)
        for number in mine:
            one = fresh[number]
            answers[number] = one.answer([next(filed) for _ in one.reports])
    kept = [
        (one.message, answers[number])
        for number, one in enumerate(fresh)
        if one.message is not None
    ]
    keep_answers(connection, kept, now=now)
    return [answers[number] for number in range(len(fresh))]
