"""The night's binder on its way to another house: by https, signed in, whole, or said why not."""

from pathlib import Path

import pytest

from dispatcher.binder.making import Binder
from dispatcher.binder.shelving import NotShelved, shelve
from tests.tls_servers import Certificate, certificate
from tests.tls_stores import Store, serving

BINDER = Binder("classeur-99117-2026-11-24.tocsin", b"sealed" * 100_000, 1)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    made = certificate(tmp_path, days=30)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.ca_file))
    return made


@pytest.mark.parametrize("folder", ["classeurs", "classeurs/"])
async def test_it_is_put_whole_beside_the_others_and_its_place_is_told_without_the_password(
    trusted: Certificate, folder: str
) -> None:
    store = Store()
    async with serving(store, trusted) as port:
        told = await shelve(
            BINDER, f"https://mairie:mot-secret@127.0.0.1:{port}/{folder}", keep_days=14
        )
    assert store.files == {f"/classeurs/{BINDER.name}": BINDER.sealed}
    assert BINDER.name in told
    assert "mot-secret" not in told


@pytest.mark.parametrize(("answers", "name"), [(507, "mairie"), (307, "mairie"), (201, "autre")])
async def test_what_the_other_house_refuses_is_told_and_followed_nowhere(
    trusted: Certificate, answers: int, name: str
) -> None:
    store = Store(answers=answers)
    async with serving(store, trusted) as port:
        with pytest.raises(NotShelved, match="refuse le classeur") as said:
            await shelve(BINDER, f"https://{name}:mot-secret@127.0.0.1:{port}/", keep_days=14)
    assert store.files == {}
    assert "mot-secret" not in str(said.value)
    assert str(401 if name == "autre" else answers) in str(said.value)


async def test_a_house_that_nobody_vouches_for_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = certificate(tmp_path, days=30)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    store = Store()
    async with serving(store, made) as port:
        with pytest.raises(NotShelved, match="ne répond pas"):
            await shelve(BINDER, f"https://mairie:mot-secret@127.0.0.1:{port}/", keep_days=14)
    assert store.files == {}
