"""An alert of Bruz launched, sent through a fake, and corrected: what the tests of it share."""

from collections import Counter

from dispatcher.alerts import life
from dispatcher.alerts.drafting import Wanted
from dispatcher.alerts.office import Actor, Office
from dispatcher.delivery.drain import drain
from dispatcher.delivery.planning import materialise_next
from tests.fake_channel import FakeChannel, door
from tests.offices import APPROVER, AUTHOR

SMALL, LARGE = "circle_150m", "circle_500m"
OTHER = Actor("adjoint", "deputy")
CRUE = Wanted(scenario="crue", media=("sms",), escalates=False)


async def approve_and_launch(office: Office, alert: str, *, key: str = "k") -> None:
    """Approve and launch, at whatever hour the test runs."""
    await life.submit(office, alert, actor=AUTHOR, night_confirmed=True)
    await life.approve(office, alert, actor=APPROVER)
    await life.launch(office, alert, actor=AUTHOR, launch_key=key, night_confirmed=True)


async def launched(office: Office, wanted: Wanted = CRUE) -> str:
    alert = await life.make_draft(office, wanted, actor=AUTHOR)
    await approve_and_launch(office, alert)
    await plan_all(office)
    return alert


async def plan_all(office: Office) -> None:
    while await materialise_next(office.ledger) is not None:
        pass


async def send(office: Office, fake: FakeChannel) -> FakeChannel:
    await plan_all(office)
    await drain(door(office.ledger, fake))
    return fake


def with_words(fake: FakeChannel, words: str) -> Counter[str]:
    return Counter(one.contact for one in fake.ledger if words in one.text)
