"""The browser is told to run nothing but ours and to show us in nobody's frame (SECURITY T15)."""

import pytest

from operator_ui.headers import EVERYWHERE, POLICY

GRANTED = dict(directive.split(" ", 1) for directive in POLICY.split("; "))


@pytest.mark.parametrize("directive", ["default-src", "frame-ancestors", "base-uri"])
def test_what_is_not_granted_is_refused(directive: str) -> None:
    assert GRANTED[directive] == "'none'"


@pytest.mark.parametrize(
    "directive", ["script-src", "style-src", "connect-src", "form-action", "worker-src"]
)
def test_what_acts_comes_from_us_alone(directive: str) -> None:
    assert GRANTED[directive] == "'self'"


def test_nothing_in_a_page_is_run_or_sent_elsewhere() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert EVERYWHERE["x-frame-options"] == "DENY"
    assert EVERYWHERE["referrer-policy"] == "no-referrer"
