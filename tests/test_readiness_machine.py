"""What the machine must have, judged; and each sentence of « Prêt ? » has its English."""

import ast
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dispatcher.alarms.certificates import Certified
from dispatcher.readiness.judging_accounts import (
    AccountFound,
    judge_accounts,
    judge_caller,
    judge_sender,
)
from dispatcher.readiness.judging_machine import (
    Copy,
    judge_address,
    judge_backup,
    judge_binder,
    judge_certificate,
    judge_clock,
    judge_disk,
)
from dispatcher.readiness.lines import filled
from operator_ui.words import translations

ROOM = Path(__file__).parents[1] / "dispatcher" / "readiness"
FRIDAY = datetime(2026, 11, 27, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (Certified(refused="est fini"), "not_ready"),
        (Certified(), "unknown"),
        (Certified(until=FRIDAY + timedelta(days=21)), "warning"),
        (Certified(until=FRIDAY + timedelta(days=22)), "ready"),
    ],
)
def test_a_certificate_is_ready_while_it_is_good_for_three_weeks(
    found: Certified, state: str
) -> None:
    assert judge_certificate("mail:587", found, now=FRIDAY).state == state


def test_a_refused_certificate_leaves_no_french_in_an_english_sentence() -> None:
    english = translations("en")
    for refused in ("est fini", "est refusé (self-signed certificate)"):
        line = judge_certificate("mail:587", Certified(refused=refused), now=FRIDAY)
        told = english.gettext(line.said) % line.blanks
        assert not re.search(r"\best\b|refusé|fini", told)
        assert ("self-signed certificate" in told) == ("self-signed" in refused)


@pytest.mark.parametrize("name", ["AB", "36000", "VAU-BRENNE", "ALERTE"])
def test_a_sender_that_is_dropped_is_told_in_english_too(name: str) -> None:
    line = judge_sender(name)
    told = translations("en").gettext(line.said)
    assert told != line.said
    assert name in told % line.blanks


@pytest.mark.parametrize("number", ["0325000001", "+33612345678"])
def test_a_number_that_may_not_call_is_told_in_english_too(number: str) -> None:
    line = judge_caller(number, [])
    told = translations("en").gettext(line.said)
    assert told != line.said
    assert number in told % line.blanks


def test_what_a_provider_says_is_quoted_as_french_where_the_page_is_english() -> None:
    """Accounts say what is wrong in French: the English page does not pass that for its own."""
    english = translations("en")
    broken = AccountFound("un", "sms", sandbox=False, ok=False, problem="Clé refusée.")
    for remedy in ("", "Changez la clé."):
        (line,) = judge_accounts([replace(broken, remedy=remedy)], used=["sms"], people=1)
        assert "in French: “Clé refusée.”" in english.gettext(line.said) % line.blanks
        told = english.gettext(line.remedy) % line.blanks
        assert ("In French: “Changez la clé.”" in told) == bool(remedy)
        assert "“”" not in told


def test_each_medium_without_a_provider_is_told_in_english_too() -> None:
    lines = judge_accounts([], used=["sms", "voice", "email", "webhook"], people=1)
    told = [translations("en").gettext(one.said) for one in lines]
    assert [one.split(",")[0] for one in told] == ["SMS", "Calls", "E-mails", "Webhooks"]


def test_an_address_without_https_is_not_ready() -> None:
    line = judge_address("http://192.0.2.1:8700")
    assert line is not None
    assert line.state == "not_ready"
    assert judge_address("https://alerte.example") is None


@pytest.mark.parametrize(
    ("copy", "backup", "binder"),
    [
        (Copy(wanted=False), "not_ready", "not_ready"),
        (Copy(wanted=True), "not_ready", "not_ready"),
        (Copy(wanted=True, hours=25), "ready", "ready"),
        (Copy(wanted=True, hours=27), "warning", "ready"),
        (Copy(wanted=True, hours=51), "warning", "not_ready"),
        (Copy(wanted=True, hours=73), "not_ready", "not_ready"),
    ],
)
def test_copies_are_ready_while_they_are_a_nights(copy: Copy, backup: str, binder: str) -> None:
    assert (judge_backup(copy).state, judge_binder(copy).state) == (backup, binder)


@pytest.mark.parametrize(
    ("free", "total", "state"),
    [(400, 1000, "ready"), (140, 1000, "warning"), (40, 1000, "not_ready"), (0, 0, "not_ready")],
)
def test_a_disk_that_fills_is_told_before_it_is_full(free: int, total: int, state: str) -> None:
    line = judge_disk(free * 10**9, total * 10**9)
    assert line.state == state
    assert " %)" in filled(line.said, line)


def test_the_disk_of_this_machine_is_no_word_about_that_of_postgresql() -> None:
    """A data folder with room says nothing of a full disk elsewhere, which stops every alert."""
    room = judge_disk(800 * 10**9, 1000 * 10**9, elsewhere=True)
    assert room.state == "warning"
    assert "PostgreSQL" in filled(room.said, room)
    assert "PostgreSQL" in room.remedy
    assert judge_disk(4 * 10**9, 1000 * 10**9, elsewhere=True).state == "not_ready"


@pytest.mark.parametrize(
    ("apart", "state"),
    [(0.1, "ready"), (-2.5, "warning"), (2.5, "warning"), (-11.0, "not_ready"), (11, "not_ready")],
)
def test_a_clock_that_is_wrong_is_told_whichever_way(apart: float, state: str) -> None:
    assert judge_clock(apart).state == state


def sentences() -> set[str]:
    """Return every sentence that a judge may say, read from their source."""
    found = set()
    for path in [*ROOM.glob("judging_*.py"), ROOM / "mail_names.py"]:
        tree = ast.parse(path.read_text("utf-8"))
        documented = {
            ast.get_docstring(node, clean=False)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said = node.value
                if said not in documented and re.search(r"\w \S.*[.…s)]$", said):
                    found.add(said)
    return found


def test_every_sentence_of_a_judge_has_its_english_with_the_same_blanks() -> None:
    english = translations("en")
    said = sentences()
    assert len(said) > 70
    for one in said:
        told = english.gettext(one)
        assert told != one, f"no English for: {one}"
        assert sorted(re.findall(r"%\(\w+\)s|%%", told)) == sorted(re.findall(r"%\(\w+\)s|%%", one))
