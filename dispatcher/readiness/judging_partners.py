"""Whether partners' systems take the events that are posted to them."""

from collections.abc import Iterable, Sequence

from dispatcher.readiness.desk import Desk
from dispatcher.readiness.lines import Line, ready, warning
from dispatcher.store.partner_registry import Registered, registered

LONG_S = 15 * 60.0  # as long as the longest wait between two tries


async def judge_partners(desk: Desk) -> Sequence[Line]:
    """Judge each partner that gave an address; nothing is said of a commune that has none."""
    found = await registered(desk.round.ledger, desk.commune)
    return judged(found, now=desk.now().timestamp())


def judged(partners: Iterable[Registered], *, now: float) -> list[Line]:
    """Judge them by what the ledger holds. Pure."""
    return [_judge(one, now=now) for one in partners if one.state == "live" and one.asked.url]


def _judge(one: Registered, *, now: float) -> Line:
    subject, name, pushed = f"partner:{one.asked.partner}", one.asked.name, one.pushed
    if pushed.stopped_at is not None:
        said = "Le système « %(name)s » a répondu qu'il ne veut plus rien recevoir (410)."
        remedy = "Appelez son éditeur, puis pressez « Reprendre les envois » sur sa page."
        return warning(subject, said, remedy, name=name)
    if pushed.failing_at is not None and now - pushed.failing_at >= LONG_S:
        minutes = int((now - pushed.failing_at) / 60)
        said = "Le système « %(name)s » ne reçoit rien depuis %(minutes)s minutes."
        remedy = "Appelez son éditeur : rien n'est perdu, et sa page dit sa dernière réponse."
        return warning(subject, said, remedy, name=name, minutes=minutes)
    if pushed.passed:
        said = "Événements que le système « %(name)s » refuse, et qui ont été passés : %(count)s."
        remedy = "Appelez son éditeur, puis renvoyez-les depuis sa page."
        return warning(subject, said, remedy, name=name, count=pushed.passed)
    return ready(subject, "Le système « %(name)s » reçoit ses événements.", name=name)
