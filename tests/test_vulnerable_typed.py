"""What is typed of a person of the register and is wrong: told in a sentence, and nothing kept."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dispatcher.alerts.refusals import NotSo
from dispatcher.store.ledger import Ledger
from dispatcher.vulnerable.declaration import Whom
from dispatcher.vulnerable.register import owed
from tests.registers import LEA, TODAY, filed, kept
from tests.situations import office

WRONG = {
    "nom et le prénom": replace(LEA, surname="  "),
    "adresse": replace(LEA, address=""),
    "date de naissance, comme": replace(LEA, born=""),
    "ne se lit pas": replace(LEA, born="14 juillet"),
    "La date de naissance ne se lit pas": replace(LEA, born="19380714"),
    "donne 51 ans": replace(LEA, born="1975-01-01"),
    "donne -1 ans": replace(LEA, born="2027-01-01"),
    "donne 226 ans": replace(LEA, born="1800-01-01"),
    "n'est pas un numéro": replace(LEA, phones=("112",)),
    "n'est pas une adresse e-mail": replace(LEA, email="lea chez ex"),
    "qui fait la demande": replace(LEA, asked_by="third_party"),
    "Choisissez dans la liste à quel titre": replace(LEA, quality="ill"),
    "le lien": replace(LEA, to_warn=Whom("Ana", "???")),
    "le nom de la personne dont": replace(LEA, to_warn=Whom("", "child", "0639980103")),
    "trop long": replace(LEA, first_names="a" * 121),
    "Quatre numéros": replace(LEA, phones=tuple(f"06 39 98 01 0{one}" for one in range(5))),
}  # fmt: skip


@pytest.mark.parametrize("said", list(WRONG))
async def test_what_is_wrong_is_told_and_nothing_is_kept(ledger: Ledger, said: str) -> None:
    found = await kept(office(ledger))
    with pytest.raises(NotSo, match=said):
        await filed(found, WRONG[said])
    assert await owed(found) == []


async def test_a_request_of_tomorrow_or_of_a_century_ago_is_a_mistake(ledger: Ledger) -> None:
    found = await kept(office(ledger))
    for day in (TODAY + timedelta(days=1), date(1, 1, 1), TODAY.replace(year=1905)):
        with pytest.raises(NotSo, match="réception de la demande est fausse"):
            await filed(found, day=day)
