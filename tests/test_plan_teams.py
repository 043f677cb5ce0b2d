"""What a team may be doing, and how it gets from one status to another."""

import pytest

from plans.teams import STATUSES, by_radio, may_become

_ALLOWED = {
    ("off_duty", "available"),
    ("returning", "available"),
    ("available", "alerted"),
    ("alerted", "en_route"),
    ("returning", "en_route"),
    ("available_on_scene", "en_route"),
    ("en_route", "on_scene"),
    ("on_scene", "available_on_scene"),
    ("on_scene", "returning"),
    ("available_on_scene", "returning"),
    ("available", "resting"),
    ("returning", "resting"),
}


def test_a_team_moves_only_as_the_domain_says() -> None:
    codes = [status.code for status in STATUSES]
    moves = {(old, new) for old in codes for new in codes if may_become(new, old=old)}
    assert moves == _ALLOWED | {(old, "off_duty") for old in codes if old != "off_duty"}


def test_a_status_that_does_not_exist_is_not_reached() -> None:
    with pytest.raises(KeyError):
        may_become("flying", old="available")
    with pytest.raises(KeyError):
        may_become("available", old="flying")


def test_the_radio_codes_of_the_fire_service_are_understood() -> None:
    radio = {status.radio: status.code for status in STATUSES if status.radio is not None}
    assert {code: by_radio(code) and radio[code] for code in radio} == radio
    assert radio[1] == "en_route"
    assert by_radio(3) is None
