"""The general register as a machine: sign-ups, files, departures, against a model that knows it.

Who somebody is, to the model, is a name and a contact together: what she holds and says is hers.
Zoé is there twice: files have her by a landline, and she signs up by a mobile, at one door. Until
the town hall says that she is one, each number is somebody; then both are.
"""

import asyncio
import itertools
from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from dispatcher.alerts.office import Actor, Office
from dispatcher.signup.asking import joined
from dispatcher.signup.doubles import one_person, two_people
from dispatcher.signup.telling import Place, said_of
from dispatcher.store import own_changes, registered
from dispatcher.store.consents import WARNED
from dispatcher.store.doubles import doubled
from dispatcher.store.enrolment import put_residents
from dispatcher.store.everyone import Enrolled, everyone
from dispatcher.store.own_links import Own
from dispatcher.store.people import Contact
from dispatcher.store.register_rows import Register
from dispatcher.store.registers import Home, Resident
from dispatcher.store.replies import Reply, keep_reply
from dispatcher.store.signup_ends import Enrolling
from tests.signing_up import HOME, SCHOOL

NAMES = ("Ana Lopez", "LOPEZ Ana", "Yves Henry")
PHONES = ("+33639980042", "+33639980043")
DOORS = dict(zip(PHONES, (HOME, SCHOOL), strict=True))  # a file knows people by their doors too
LANDLINE = "+33199000042"
ZOE, ZOE_FILED = ("roux zoé", PHONES[0]), ("roux zoé", LANDLINE)
BOTH = (ZOE, ZOE_FILED)
CLERK = Actor("secretaire", "operator")
IN, LEFT, GONE = "in", "left", "gone"
Key = tuple[str, str]  # a name, whatever the order of its words; a number


def contact_of(phone: str) -> Contact:
    """Return a number as a contact."""
    return Contact("fixed" if phone == LANDLINE else "mobile", phone)


def key_of(name: str, phone: str) -> Key:
    """Return who somebody is."""
    return " ".join(sorted(name.casefold().split())), phone


class EnrolledMachine(RuleBasedStateMachine):
    """Sign-ups, files, departures, erasures: who left is reached by nothing, and nobody is lost."""

    def __init__(self, runner: asyncio.Runner, next_office: Callable[[], Office]) -> None:
        super().__init__()
        self.run = runner.run
        self.office = next_office()
        self.known: dict[Key, str] = {}
        self.one = False  # Zoé, since the town hall said so
        self.two = False  # … said that she is not
        self.barred = False  # from files: she was erased at her door
        self.turns = itertools.count()

    @initialize(twice=st.booleans())
    def begins(self, twice: bool) -> None:
        """Half of the stories begin with Zoé in two rows: the town hall comes to judge of them."""
        if twice:
            self.brings_zoe_by_her_landline(numbered=True)
            self.zoe_signs_up()

    @rule(name=st.sampled_from(NAMES), phone=st.sampled_from(PHONES))
    def signs_up(self, name: str, phone: str) -> None:
        """She types her code: she is in, whatever was before."""
        self.run(self._sign_up(name, phone, DOORS[phone]))
        self._is(key_of(name, phone), IN)

    @rule()
    def zoe_signs_up(self) -> None:
        """She whom a file may know by her landline types the code of her mobile."""
        self.signs_up("Zoé Roux", PHONES[0])

    @rule(numbered=st.booleans())
    def brings_zoe_by_her_landline(self, numbered: bool) -> None:
        """Import a file that knows her by the number of her home: danger reaches who lives there.

        Who erased herself there is not brought back, by whatever number.
        """
        home = Home(HOME.label, HOME.place_key, HOME.lon, HOME.lat, HOME.kind)
        said = Resident(
            "zoe" if numbered else None, "ROUX Zoé", ("fr",),
            contacts=(contact_of(LANDLINE),), homes=(home,),
        )  # fmt: skip
        self.run(put_residents(self.office.ledger, [said], commune=self.office.commune))
        if not self.barred:
            self.known.setdefault(ZOE_FILED, IN)

    def _is(self, key: Key, state: str) -> None:
        """Keep what somebody is now: by both numbers, once they are one person's."""
        for one in BOTH if self.one and key in BOTH else (key,):
            self.known[one] = state
        if state == GONE and key in BOTH:
            self.barred, self.one, self.two = True, False, False

    def _pair(self) -> bool:
        """Tell whether the town hall has to say whether Zoé is one."""
        states = [self.known.get(one) for one in BOTH]
        return not (self.one or self.two) and sorted(map(str, states)) in ([IN, IN], [IN, LEFT])

    @precondition(lambda self: self._pair())
    @rule()
    def the_town_hall_says_one_person(self) -> None:
        """Merge: who has left by one number has left by both."""
        (found,) = self.run(doubled(self.office.ledger, self.office.commune, limit=9))
        self.run(one_person(self.office, found, actor=CLERK))
        self.one = True
        self._is(ZOE, LEFT if found.one_left else IN)

    @precondition(lambda self: self._pair())
    @rule()
    def the_town_hall_says_two_people(self) -> None:
        """Keep both: nobody is asked again, and each goes her own way."""
        (found,) = self.run(doubled(self.office.ledger, self.office.commune, limit=9))
        self.run(two_people(self.office, found.pair, actor=CLERK))
        self.two = True

    async def _sign_up(self, name: str, phone: str, place: Place) -> None:
        office = self.office
        said = said_of(office.commune, name=name, contact=phone, places=[place], language="fr")
        resident = said.resident(now=0.0)
        end = Enrolling(resident, joined, lambda *_: line(office, "residents.signed_up"))
        async with office.ledger.writing() as connection:
            register = Register(office.commune, office.ledger.ring)
            await end.reach(connection, register)

    @rule(
        lines=st.lists(
            st.tuples(st.sampled_from(NAMES), st.sampled_from(PHONES), st.booleans()),
            min_size=1, max_size=3,
        )
    )  # fmt: skip
    def brings_a_file(self, lines: list[tuple[str, str, bool]]) -> None:
        """Import a file: who is new is in; who left or was erased stays so."""
        people = dict[Key, Resident]()  # an import merges its own lines first
        for name, phone, numbered in lines:
            key, place = key_of(name, phone), DOORS[phone]
            home = Home(place.label, place.place_key, place.lon, place.lat, place.kind)
            people[key] = Resident(
                "-".join(key) if numbered else None, name, ("fr",),
                contacts=(Contact("mobile", phone),), homes=(home,),
            )  # fmt: skip
        self.run(put_residents(self.office.ledger, [*people.values()], commune=self.office.commune))
        for key in people:
            self.known.setdefault(key, IN)

    def _some(self, state: str, which: int) -> Key | None:
        found = sorted(key for key, has in self.known.items() if has == state)
        return found[which % len(found)] if found else None

    @rule(which=st.integers(0, 9))
    def leaves(self, which: int) -> None:
        """She presses the button of her page."""
        self._acts(IN, which, own_changes.leave, to=LEFT)

    @rule(which=st.integers(0, 9))
    def comes_back(self, which: int) -> None:
        """She presses the other one."""
        self._acts(LEFT, which, own_changes.come_back, to=IN)

    @rule(which=st.integers(0, 9), state=st.sampled_from([IN, LEFT]))
    def is_erased(self, which: int, state: str) -> None:
        """She has herself erased."""
        self._acts(state, which, own_changes.erase, to=GONE)

    def _acts(self, state: str, which: int, act: Callable[..., object], *, to: str) -> None:
        key = self._some(state, which)
        if key is None:
            return
        for own in self._pages(key):
            done = act(self.office.ledger, own, line=line(self.office, "residents.changed"))
            self.run(done)  # type: ignore[arg-type]
        self._is(key, to)

    def _pages(self, key: Key) -> list[Own]:
        """Return the pages that a code sent to her number opens, under her name."""

        async def look() -> list[Own]:
            contact = contact_of(key[1])
            ids = await registered.behind(self.office.ledger, self.office.commune, contact)
            found = []
            for ident in ids:
                own = Own(self.office.commune, ident)
                kept = await own_changes.kept_of(self.office.ledger, own)
                if kept and key_of(kept.resident.name, key[1]) == key:
                    found.append(own)
            return found

        return self.run(look())

    @precondition(lambda self: IN in self.known.values())
    @rule(phone=st.sampled_from(PHONES))
    def sends_stop(self, phone: str) -> None:
        """Somebody sends STOP once more: it is of everybody behind the number."""
        self.run(self._text("stop", "stopped", phone))
        for key, has in [*self.known.items()]:
            if key[1] == phone and has == IN:
                self._is(key, LEFT)

    @rule(phone=st.sampled_from(PHONES), warned=st.sampled_from(WARNED))
    def sends_a_first_stop(self, phone: str, warned: str) -> None:
        """Somebody sends STOP: information ends, and whoever is in stays warned of danger."""
        self.run(self._text("stop", warned, phone))

    @precondition(lambda self: LEFT in self.known.values())
    @rule(phone=st.sampled_from(PHONES))
    def sends_start(self, phone: str) -> None:
        """Somebody sends REPRENDRE: everybody behind the number is back, nobody who was erased."""
        self.run(self._text("start", "started", phone))
        for key, has in [*self.known.items()]:
            if key[1] == phone and has == LEFT:
                self._is(key, IN)

    async def _text(self, kind: str, said: str, phone: str) -> None:
        commune = self.office.commune
        reply = Reply(
            commune=commune, sid=f"{commune}-{next(self.turns)}", kind=kind, medium="sms",
            account="a", said=said, contact=phone, known_in=frozenset((commune,)),
        )  # fmt: skip
        await keep_reply(self.office.ledger, reply, key=self.office.logbook_key)

    @invariant()
    def who_left_is_reached_by_nothing_and_nobody_is_lost(self) -> None:
        """Compare whom an alert would reach with whom the model says it must."""

        async def reached() -> list[Enrolled]:
            return [one async for one in everyone(self.office.ledger, self.office.commune)]

        there = [
            key_of(one.person.name, way.value)
            for one in self.run(reached())
            for way in one.person.contacts
        ]
        wanted = {key for key, has in self.known.items() if has == IN}
        assert set(there) == wanted
        assert len(there) == len(set(there)), "somebody is in the register twice"

    @invariant()
    def what_is_to_be_judged_is_shown(self) -> None:
        """Compare the pairs that the town hall sees with the one that there may be."""
        seen = self.run(doubled(self.office.ledger, self.office.commune, limit=9))
        states = {self.known.get(one) for one in BOTH}
        assert [one.one_left for one in seen] == ([LEFT in states] if self._pair() else [])


def line(office: Office, kind: str):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Return a line of the logbook."""
    return office.line("resident", kind, "Essai")
