"""`tocsin binder …`: a key, a binder sealed with it, and its opening on a bare machine."""

import stat
from pathlib import Path

import pytest

from tests.example_commune import EXAMPLE
from tests.test_cli_failures import tocsin


@pytest.fixture
def place(tmp_path: Path) -> dict[str, str]:
    folder = str(tmp_path / "data")
    assert tocsin("plan", "load", str(EXAMPLE), TOCSIN_DATA_DIR=folder)[0] == 0
    return {"TOCSIN_DATA_DIR": folder}


def test_a_binder_is_made_sealed_and_opened_without_the_server(
    tmp_path: Path, place: dict[str, str]
) -> None:
    secret, share = tmp_path / "cle.txt", tmp_path / "partage"
    share.mkdir()
    code, made = tocsin("binder", "key", str(secret))
    assert code == 0
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert tocsin("binder", "key", str(secret))[0] == 1  # never over another key
    recipient = {"TOCSIN_BINDER_RECIPIENT": made["recipient"]}
    code, built = tocsin("binder", "build", str(share), **place, **recipient)
    assert code == 0
    to = tmp_path / "ouvert"
    nowhere = {"TOCSIN_DATA_DIR": str(tmp_path / "nulle-part")}
    code, opened = tocsin(
        "binder", "open", built["file"], "--key", str(secret), "--to", str(to), **nowhere
    )
    assert (code, "classeur.pdf" in opened["files"]) == (0, True)
    assert (to / "classeur.pdf").read_bytes().startswith(b"%PDF-")
    assert not (tmp_path / "nulle-part").exists()
    assert tocsin("log", "verify", "--against", str(to / "main-courante.jsonl"), **place)[0] == 0


def test_what_is_missing_is_told_in_words(tmp_path: Path, place: dict[str, str]) -> None:
    code, refused = tocsin("binder", "build", str(tmp_path), **place)
    assert (code, "TOCSIN_BINDER_RECIPIENT" in refused["refused"]) == (1, True)
    code, refused = tocsin("binder", "build", **place)
    assert (code, "TOCSIN_BINDER_TO" in refused["refused"]) == (1, True)
    other = tmp_path / "x.tocsin"
    other.write_bytes(b"rien")
    tocsin("binder", "key", str(tmp_path / "k"))
    code, refused = tocsin("binder", "open", str(other), "--key", str(tmp_path / "k"))
    assert (code, "pas un classeur" in refused["refused"]) == (1, True)
    code, refused = tocsin("binder", "open", str(tmp_path / "non"), "--key", str(tmp_path / "k"))
    assert (code, "introuvable" in refused["refused"]) == (1, True)
