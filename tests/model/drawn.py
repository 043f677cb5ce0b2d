"""What Hypothesis draws for a story: who, what, when, and how processes end."""

from hypothesis import strategies as st

from dispatcher.store.crash_points import CrashPoint
from tests.fake_channel import ACCEPT, ACCEPTED_AND_LOST, LOST, REFUSE, UNAVAILABLE, UNREACHED
from tests.model.lives import (
    AFTER_TAKEN,
    AFTER_WRITE,
    BEFORE_TAKEN,
    BEFORE_WRITE,
    MOMENTS,
    Fate,
)
from tests.model.process import ACCOUNTS
from tests.model.town import CAST

workers = st.sampled_from((0, 1))
people = st.one_of(st.none(), st.sampled_from([one.id for one in CAST]))
whole = st.integers(0, 999)  # names one of many, whatever their number
names = st.sampled_from([account for _, account, _ in ACCOUNTS])
outcomes = st.sampled_from([REFUSE, UNAVAILABLE, UNREACHED, LOST, ACCEPTED_AND_LOST, ACCEPT])
turns = st.integers(1, 4)
points = st.sampled_from([one.name for one in CrashPoint])
moments = st.sampled_from(MOMENTS)
deaths = st.builds(Fate, st.one_of(points, moments), turns)
frosts = st.builds(Fate, moments, turns, freezes=st.just(True))
# Frozen with something claimed, or on its way.
halfway = st.sampled_from(
    [
        Fate(moment, turn, freezes=True)
        for moment, turn in (
            (AFTER_WRITE, 1),
            (BEFORE_WRITE, 2),
            (BEFORE_TAKEN, 1),
            (AFTER_TAKEN, 2),
        )
    ]
)
ends = st.one_of(st.none(), deaths)
fates = st.one_of(st.none(), deaths, frosts)
waits = st.sampled_from((0.5, 3.0, 6.0, 16.0, 31.0, 61.0, 130.0, 310.0, 620.0, 3700.0))
briefs = st.fixed_dictionaries(
    {
        "sectors": st.sampled_from(("A", "B", "AB")),
        "mode": st.sampled_from(("real", "real", "real", "rehearsal", "exercise")),
        "template": st.sampled_from(("crue", "avis")),
        "life_s": st.sampled_from((900.25, 20_000.25)),
        "escalates": st.booleans(),
    }
)
details = st.sampled_from(("no-answer", "30003"))
