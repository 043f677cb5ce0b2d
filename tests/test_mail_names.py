"""SPF, DKIM and DMARC of the sender's domain, asked of a real DNS server and judged."""

import pytest

from dispatcher.readiness.judging_mail import judge_mail, judge_names
from dispatcher.readiness.mail_names import ask_all, ask_names, domains_of
from tests.dns_server import dns_server

TOWN = "alerte.vaubrenne.example"
GOOD = {
    TOWN: ["google-site-verification=x", "v=spf1 ip4:192.0.2.1 -all"],
    f"_dmarc.{TOWN}": ["v=DMARC1; p=reject; rua=mailto:dmarc@vaubrenne.example"],
    f"k1._domainkey.{TOWN}": ["v=DKIM1; k=rsa; p=" + "A" * 390],
    "_spf.host.example": ["v=spf1 ip4:192.0.2.0/24 -all"],
    "_spf.open.example": ["v=spf1 a"],
    "_spf.again.example": ["v=spf1 redirect=_spf.host.example"],
}


async def states(texts: dict[str, list[str]], *, selector: str = "k1") -> dict[str, str]:
    """Return the state of each line, by its subject."""
    async with dns_server(texts) as server:
        found = await ask_names(TOWN, selector=selector, server=server)
    return {one.subject: one.state for one in judge_names(found)}


async def test_a_domain_that_refuses_forgeries_is_ready_also_with_a_key_in_two_strings() -> None:
    assert await states(GOOD) == {"spf": "ready", "dkim": "ready", "dmarc": "ready"}


@pytest.mark.parametrize(
    ("name", "texts", "subject", "state"),
    [
        (TOWN, ["no spf here"], "spf", "not_ready"),
        (TOWN, ["v=spf1 -all", "v=spf1 a -all"], "spf", "not_ready"),
        (TOWN, ["v=spf1 a +all"], "spf", "not_ready"),
        (TOWN, ["v=spf1 a all"], "spf", "not_ready"),
        (TOWN, ["v=spf1 a ?all"], "spf", "not_ready"),
        (TOWN, ["v=spf1 a"], "spf", "not_ready"),
        (TOWN, ["v=spf10 -all"], "spf", "not_ready"),
        (TOWN, ["v=spf1 a ~all"], "spf", "ready"),
        (TOWN, ["v=spf1 redirect=_spf.nowhere.example"], "spf", "not_ready"),
        (TOWN, ["v=spf1 redirect=_spf.again.example"], "spf", "unknown"),
        (TOWN, ["v=spf1 redirect=_spf.open.example"], "spf", "not_ready"),
        (TOWN, ["v=spf1 redirect=_spf.host.example"], "spf", "ready"),
        (TOWN, ["v=spf1 redirect=_spf.nowhere.example a -all"], "spf", "ready"),  # RFC 7208, 6.1
        (TOWN, ["v=spf1 -all"], "spf", "not_ready"),
        (TOWN, ["v=spf1 -a ~all"], "spf", "not_ready"),
        (TOWN, ["v=spf1 mx/24 -all"], "spf", "ready"),
        (f"k1._domainkey.{TOWN}", ["v=DKIM1; p="], "dkim", "not_ready"),
        (f"k1._domainkey.{TOWN}", [], "dkim", "not_ready"),
        (f"_dmarc.{TOWN}", ["v=DMARC1; p=none"], "dmarc", "warning"),
        (f"_dmarc.{TOWN}", ["v=DMARC1; p=quarantine"], "dmarc", "warning"),
        (f"_dmarc.{TOWN}", ["v=DMARC1; rua=mailto:a@b.example"], "dmarc", "not_ready"),
        (f"_dmarc.{TOWN}", ["v=DMARC1; p=reject; pct=50"], "dmarc", "warning"),
        (f"_dmarc.{TOWN}", ["v=DMARC1; p=reject; pct=0"], "dmarc", "warning"),
        (f"_dmarc.{TOWN}", ["v=DMARC1; p=reject; pct=100"], "dmarc", "ready"),
        (f"_dmarc.{TOWN}", ["v=DMARC1; p=reject", "v=DMARC1; p=none"], "dmarc", "not_ready"),
        (f"_dmarc.{TOWN}", [], "dmarc", "not_ready"),
    ],
)
async def test_each_weakness_is_seen_alone(
    name: str, texts: list[str], subject: str, state: str
) -> None:
    expected = {"spf": "ready", "dkim": "ready", "dmarc": "ready", subject: state}
    assert await states({**GOOD, name: texts}) == expected


@pytest.mark.parametrize(
    ("record", "state"),
    [
        ("v=DMARC1; p=none; sp=reject", "ready"),
        ("v=DMARC1; p=reject; sp=none", "warning"),
        ("v=DMARC1; p=reject", "ready"),
    ],
)
async def test_a_parents_policy_counts_as_it_says_for_names_below_it(
    record: str, state: str
) -> None:
    below = {name: texts for name, texts in GOOD.items() if not name.startswith("_dmarc")}
    found = await states({**below, "_dmarc.vaubrenne.example": [record]})
    assert found["dmarc"] == state


async def test_a_selector_that_nobody_gave_is_not_taken_for_a_good_key() -> None:
    assert (await states(GOOD, selector=""))["dkim"] == "unknown"


async def test_a_dns_that_is_silent_is_unknown_and_neither_good_nor_bad() -> None:
    async with dns_server(GOOD, silent=True) as server:
        found = judge_names(await ask_names(TOWN, selector="k1", server=server, within_s=0.3))
    assert [one.state for one in found] == ["unknown"] * 3


def test_each_domain_counts_once_and_that_of_bounces_where_it_is_another() -> None:
    accounts = [
        {"sender": "Mairie <alerte@un.example>", "bounces": "b+{token}@retours.example"},
        {"sender": "alerte@UN.example"},
        {"sender": "secours@deux.example", "bounces": "b@deux.example"},
    ]
    assert domains_of(accounts) == (["un.example", "deux.example"], ["retours.example"])
    assert domains_of([{"host": "mail.example"}]) == ([], [])


async def test_a_second_domain_and_that_of_bounces_are_judged_behind_a_good_first_one() -> None:
    deep = ".".join(["long" * 5] * 5)
    async with dns_server(GOOD) as server:
        senders, back = [TOWN, "deux.example", deep], ["back.example"]
        found = judge_mail(*await ask_all(senders, back, selector="k1", server=server))
    states = {one.subject: one.state for one in found}
    assert [states[one] for one in ("spf", "dkim", "dmarc")] == ["ready"] * 3
    assert states["spf:deux.example"] == states["dmarc:deux.example"] == "not_ready"
    assert states["spf:back.example"] == "not_ready"
    assert "dmarc:back.example" not in states  # it is asked of the domain that people see
    assert max(map(len, states)) <= 80
