"""The books of the main courante: what is written stands, and is corrected by what comes after."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from dispatcher.logbook.books import (
    Keeper,
    LineRefused,
    Spot,
    Told,
    close_books,
    close_line,
    correct_line,
    open_books,
    write_line,
)
from dispatcher.logbook.chain import verify_ledger
from dispatcher.logbook.searching import Search, Shown, folded, search
from dispatcher.store import books as store
from dispatcher.store import logbook
from dispatcher.store.books import NewBook
from dispatcher.store.ledger import Ledger
from dispatcher.store.logbook import Entry, digest_of
from dispatcher.store.migrate import migrate
from dispatcher.store.pages_of_lines import Wanted
from tests.keyring import opened

KEY, COMMUNE, CRISIS = b"k" * 32, "99117", "crue-2026"
BOOKS = (
    NewBook("pcc", "Poste de commandement", "general"),
    NewBook("logistique", "Cellule logistique"),
    NewBook("gymnase", "Gymnase du Plateau", "centre"),
)
PCC, LOGISTICS = Spot("pcc", CRISIS), Spot("logistique", CRISIS)


def keeper(ledger: Ledger) -> Keeper:
    return Keeper(ledger, COMMUNE, KEY)


@pytest.fixture
async def kept(ledger: Ledger) -> Keeper:
    await open_books(keeper(ledger), BOOKS, event_id=CRISIS, by="maire")
    return keeper(ledger)


async def wrote(kept: Keeper, said: str, spot: Spot = PCC, **more: str) -> int:
    told = replace(Told(said), **more)  # type: ignore[arg-type]
    return await write_line(kept, told, spot=spot, by="rac")


async def whole(kept: Keeper) -> bool:
    return (await verify_ledger(kept.ledger, COMMUNE, key=KEY)).valid


async def found(kept: Keeper, words: str = "", **more: object) -> list[Shown]:
    return await search(kept, Search(words=words, **more))  # type: ignore[arg-type]


async def numbers(kept: Keeper, words: str) -> list[int]:
    return [one.line.number for one in await found(kept, words)]


async def refused(kept: Keeper, told: Told, spot: Spot = PCC) -> str:
    with pytest.raises(LineRefused) as why:
        await write_line(kept, told, spot=spot, by="rac")
    return str(why.value)


async def test_books_are_opened_once_with_one_line(kept: Keeper) -> None:
    assert await open_books(kept, BOOKS, event_id=CRISIS, by="rac") == []
    (line,) = await logbook.read(kept.ledger, COMMUNE)
    assert (line.kind, line.event, line.author) == ("logbook.opened", CRISIS, "maire")
    assert [one.code for one in await store.all_books(kept.ledger, COMMUNE)] == [
        "gymnase", "logistique", "pcc",
    ]  # fmt: skip


async def test_a_line_keeps_all_columns_of_the_main_courante(kept: Keeper) -> None:
    at = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
    told = Told("Eau dans la rue Basse", "SDIS", "radio", "Barrières", "Fermer", "DOS", "ST1", at)
    number = await write_line(kept, told, spot=PCC, by="rac")
    line = (await logbook.read(kept.ledger, COMMUNE))[-1]
    assert (line.number, line.book, line.event, line.channel) == (number, "pcc", CRISIS, "radio")
    assert (line.origin, line.request, line.decision) == ("SDIS", "Barrières", "Fermer")
    assert (line.decision_by, line.execution_by, line.happened) == ("DOS", "ST1", at)
    assert line.recorded_at > line.at + 3600
    assert await whole(kept)


async def test_a_line_of_a_crisis_is_found_by_the_event_among_its_data(kept: Keeper) -> None:
    entry = Entry("worker", "crisis.activated", "Crise ouverte", {"event": CRISIS})
    await logbook.write(kept.ledger, commune=COMMUNE, entry=entry, key=KEY)
    of_it = await search(kept, Search(Wanted(event=CRISIS, written=False)))
    assert [one.line.kind for one in of_it] == ["crisis.activated", "logbook.opened"]
    assert await whole(kept)


async def test_a_correction_is_a_new_line_and_the_old_one_stays(kept: Keeper) -> None:
    first = await wrote(kept, "Pont fermé")
    second = await correct_line(kept, Told("Pont ouvert"), number=first, spot=PCC, by="dos")
    newest, oldest = (await found(kept, "pont"))[:2]
    assert (newest.line.number, newest.line.supersedes) == (second, first)
    assert oldest.corrected_by == newest.line
    assert oldest.line.text == "Pont fermé"


async def test_a_line_is_corrected_once_and_then_its_correction(kept: Keeper) -> None:
    first = await wrote(kept, "Pont fermé")
    second = await correct_line(kept, Told("Pont ouvert"), number=first, spot=PCC, by="dos")
    with pytest.raises(LineRefused, match=f"corrigez la ligne {second}"):
        await correct_line(kept, Told("Autre"), number=first, spot=PCC, by="dos")
    assert await correct_line(kept, Told("Pont barré"), number=second, spot=PCC, by="dos") > second


async def test_two_who_correct_one_line_at_once_make_one_correction(kept: Keeper) -> None:
    first = await wrote(kept, "Pont fermé")
    done = await asyncio.gather(
        *(
            correct_line(kept, Told(f"Pont {n}"), number=first, spot=PCC, by="dos")
            for n in range(5)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(one, int) for one in done) == 1
    assert sum(isinstance(one, LineRefused) for one in done) == 4


async def test_what_tocsin_wrote_is_not_corrected(kept: Keeper) -> None:
    with pytest.raises(LineRefused, match="écrite par Tocsin"):
        await correct_line(kept, Told("Non"), number=1, spot=PCC, by="dos")
    with pytest.raises(LineRefused, match="n'existe pas"):
        await correct_line(kept, Told("Non"), number=99, spot=PCC, by="dos")


async def test_a_request_is_open_until_its_follow_up_is_told(kept: Keeper) -> None:
    asked = await wrote(kept, "Rue Basse coupée", request="Barrières")
    await wrote(kept, "Pluie plus faible")
    assert [one.line.number for one in await found(kept, open_only=True)] == [asked]
    end = await close_line(kept, Told("Barrières posées"), number=asked, spot=PCC, by="st1")
    assert await found(kept, open_only=True) == []
    (one,) = await found(kept, "rue basse")
    assert one.closing is not None
    assert (one.closing.number, one.closing.closes) == (end, asked)
    with pytest.raises(LineRefused, match=f"déjà classée, par la ligne {end}"):
        await close_line(kept, Told("Encore"), number=asked, spot=PCC, by="st1")


async def test_an_end_counts_for_the_correction_made_since(kept: Keeper) -> None:
    asked = await wrote(kept, "Rue Basse", request="Barrières")
    await close_line(kept, Told("Posées"), number=asked, spot=PCC, by="st1")
    again = await correct_line(
        kept, Told("Rue Haute", request="Barrières"), number=asked, spot=PCC, by="dos"
    )
    assert await found(kept, open_only=True) == []
    with pytest.raises(LineRefused, match="déjà classée"):
        await close_line(kept, Told("Encore"), number=again, spot=PCC, by="st1")


@pytest.mark.parametrize(
    ("words", "hits"),
    [("eleves", 1), ("ÉLÈVES évacués", 1), ("coeur", 1), ("sdis", 1), ("barriere", 1), ("zzz", 0)],
)
async def test_words_are_found_without_their_accents(kept: Keeper, words: str, hits: int) -> None:
    await wrote(kept, "Élèves évacués du cœur de bourg", origin="SDIS", request="Barrière")
    await wrote(kept, "Rien", LOGISTICS)
    assert len(await numbers(kept, words)) == hits


async def test_lines_are_found_by_book_author_and_time(kept: Keeper) -> None:
    early = datetime.now(UTC) - timedelta(hours=3)
    await write_line(kept, Told("Tôt", at=early), spot=PCC, by="cellule")
    await wrote(kept, "Tard")
    await wrote(kept, "Ailleurs", LOGISTICS)

    async def texts(**wanted: object) -> list[str]:
        asked = Search(Wanted(written=True, **wanted))  # type: ignore[arg-type]
        return [one.line.text for one in await search(kept, asked)]

    assert await texts(book="pcc", event=CRISIS) == ["Tard", "Tôt"]
    assert await texts(author="cellule") == ["Tôt"]
    assert await texts(until=early.timestamp() + 60) == ["Tôt"]
    assert await texts(since=early.timestamp() + 60) == ["Ailleurs", "Tard"]
    assert await texts(event="") == []


async def test_pages_of_a_search_join_and_stop(kept: Keeper) -> None:
    for n in range(7):
        await wrote(kept, f"ligne {n}")
    first = await search(kept, Search(words="ligne", limit=4))
    rest = await search(kept, Search(words="ligne", limit=4, before=first[-1].line.number))
    assert [one.line.text[-1] for one in first + rest] == [*"6543210"]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (Told(), "Écrivez ce qui s'est passé"),
        (Told(" \x00\x07 "), "Écrivez ce qui s'est passé"),
        (Told("x" * 4001), "4000 caractères"),
        (Told("x", channel="fumée"), "n'est pas un canal"),
        (Told("x", at=datetime(2126, 1, 1, tzinfo=UTC)), "dans l'avenir"),
        (Told("x", at=datetime(1226, 1, 1, tzinfo=UTC)), "trop ancienne"),
    ],
)
async def test_what_is_not_a_line_is_refused_in_words(kept: Keeper, told: Told, why: str) -> None:
    assert why in await refused(kept, told)


async def test_a_closed_book_takes_paper_and_corrections_alone(kept: Keeper) -> None:
    first = await wrote(kept, "Avant")
    assert await close_books(kept, event_id=CRISIS, by="maire") == 3
    assert await close_books(kept, event_id=CRISIS, by="maire") == 0
    assert "clos" in await refused(kept, Told("Après"))
    at = datetime.now(UTC) - timedelta(hours=2)
    assert await write_line(kept, Told("Papier", channel="paper", at=at), spot=PCC, by="rac")
    assert await correct_line(kept, Told("Avant !"), number=first, spot=PCC, by="rac")


async def test_a_crisis_that_is_not_there_is_refused(kept: Keeper) -> None:
    with pytest.raises(LineRefused, match="Cet événement n'existe pas"):
        await write_line(kept, Told("x"), spot=Spot(event_id="nulle-part"), by="rac")


async def test_a_book_that_is_not_there_is_refused(kept: Keeper) -> None:
    assert "n'existe pas" in await refused(kept, Told("x"), Spot("inconnu", CRISIS))
    assert "n'existe pas" in await refused(kept, Told("x"), Spot("pcc", "autre"))
    with pytest.raises(LineRefused, match="sorte"):
        await open_books(kept, [NewBook("a", "A", "roman")], event_id="", by="x")
    with pytest.raises(LineRefused, match="code"):
        await open_books(kept, [NewBook("", "A")], event_id="", by="x")


@given(st.text(max_size=200))
def test_folding_twice_is_folding_once(said: str) -> None:
    assert folded(folded(said)) == folded(said)


OLD = {
    "commune": COMMUNE, "number": 1, "at": 1764000000.25, "recorded_at": 1764000001.5,
    "author": "maire", "kind": "alert.launched", "text": "Alerte « é » lancée",
    "data": {"people": 12}, "previous": "0" * 64,
}  # fmt: skip


async def test_lines_from_before_the_columns_still_verify(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'old.sqlite'}"
    await migrate(url, to="0013")
    spelled = json.dumps(OLD, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    digest = digest_of(OLD, KEY)
    row = {**OLD, "data": json.dumps(OLD["data"]), "digest": digest}
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    told = text(f"INSERT INTO logbook ({names}) VALUES ({values})")  # noqa: S608
    async with opened(url) as ledger, ledger.writing() as connection:
        await connection.execute(told, row)
    await migrate(url)
    async with opened(url) as ledger:
        kept = keeper(ledger)
        (line,) = await logbook.read(ledger, COMMUNE)
        assert logbook.canonical(logbook.signed_values(line)) == spelled
        await open_books(kept, BOOKS, event_id=CRISIS, by="maire")
        await wrote(kept, "Nouvelle ligne", request="x")
        found = await verify_ledger(ledger, COMMUNE, key=KEY)
        assert (found.entries, found.valid) == (3, True)


@pytest.mark.parametrize("column", ["book", "event", "request", "channel"])
async def test_a_particular_that_is_changed_breaks_the_chain(kept: Keeper, column: str) -> None:
    number = await wrote(kept, "Rue Basse", request="Barrières", channel="radio")
    async with kept.ledger.writing() as connection:
        if kept.ledger.dialect == "sqlite":
            await connection.execute(text("DROP TRIGGER logbook_no_UPDATE"))
        else:
            await connection.execute(text("ALTER TABLE logbook DISABLE TRIGGER ALL"))
        await connection.execute(
            text(f"UPDATE logbook SET {column} = NULL WHERE number = {number}")  # noqa: S608
        )
    assert (await verify_ledger(kept.ledger, COMMUNE, key=KEY)).first_bad == number


async def test_six_minutes_ahead_is_the_future_and_four_a_fast_watch(kept: Keeper) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=6)
    assert "dans l'avenir" in await refused(kept, Told("x", at=ahead))
    assert await write_line(kept, Told("x", at=ahead - timedelta(minutes=2)), spot=PCC, by="rac")
