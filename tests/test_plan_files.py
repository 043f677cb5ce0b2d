"""The files of a plan's folder: what stands in their place, or bears nearly their name, is told."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from plans.folder import files_of
from tests.plan_folders import copy_of_model, only, read_from


def _as_folder(folder: Path) -> None:
    (folder / "equipes.yaml").unlink()
    (folder / "equipes.yaml").mkdir()


def _as_pipe(folder: Path) -> None:
    (folder / "equipes.yaml").unlink()
    os.mkfifo(folder / "equipes.yaml")


def _as_link(folder: Path, to: str | Path) -> None:
    (folder / "equipes.yaml").rename(folder.parent / "outside.yaml")
    (folder / "equipes.yaml").symlink_to(to)


def _to_private_file(folder: Path) -> None:
    (folder / "equipes.yaml").rename(folder / "prive" / "equipes.yaml")
    (folder / "equipes.yaml").symlink_to(folder / "prive" / "equipes.yaml")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (_as_folder, "dossier"),
        (_as_pipe, "fichier"),
        (lambda folder: _as_link(folder, folder.parent / "outside.yaml"), "lien"),
        (lambda folder: _as_link(folder, "nowhere.yaml"), "lien"),
        (lambda folder: _as_link(folder, "equipes.yaml"), "lien"),
        (_to_private_file, "lien"),
    ],
    ids=["folder", "pipe", "link out", "broken link", "link to itself", "link to private data"],
)
def test_what_stands_in_the_place_of_a_file_is_refused_not_taken_for_a_missing_file(
    tmp_path: Path, change: Callable[[Path], None], word: str
) -> None:
    folder = copy_of_model(tmp_path)
    change(folder)
    reading = read_from(folder)
    assert word in only(reading.faults, "equipes.yaml", "").message
    assert len(reading.faults) == 1
    assert not any(one.file == "equipes.yaml" for one in reading.warnings)


def test_a_file_in_the_place_of_a_folder_is_one_fault(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    (folder / "fiches").rename(folder / "documents")
    (folder / "fiches").write_text("")
    assert "dossier" in only(read_from(folder).faults, "fiches", "").message


@pytest.mark.parametrize("name", [b"fiches/caf\xe9.yaml", b"fiches/a\nb.yaml", b"notes\xff.yaml"])
def test_a_file_name_that_nothing_can_show_is_refused_and_not_kept(
    tmp_path: Path, name: bytes
) -> None:
    folder = copy_of_model(tmp_path)
    Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text("id: F\ntitre: T\n")
    fault = read_from(folder).faults[0]
    assert "renommez-le" in fault.message
    assert fault.file.isprintable()
    assert all(kept.isprintable() for kept in files_of(folder))


@pytest.mark.parametrize(
    ("there", "meant"),
    [
        ("Equipes.YAML", "equipes.yaml"),
        ("équipes.yaml", "equipes.yaml"),
        ("equipes.yaml.txt", "equipes.yaml"),
        ("equipes.yml", "equipes.yaml"),
        ("alerte/equipes.yaml", "equipes.yaml"),
    ],
)
def test_a_file_that_bears_nearly_the_right_name_is_told_with_the_right_one(
    tmp_path: Path, there: str, meant: str
) -> None:
    folder = copy_of_model(tmp_path)
    (folder / "equipes.yaml").rename(folder / there)
    assert f"vouliez-vous dire {meant}" in only(read_from(folder).warnings, there, "").message


def test_a_missing_file_that_all_else_leans_on_is_one_fault(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    (folder / "annuaire.yaml").unlink()
    (folder / "organisation.yaml").unlink()
    told = [fault.file for fault in read_from(folder).faults]
    assert told == ["annuaire.yaml", "organisation.yaml"]


def test_a_folder_that_may_not_be_opened_is_a_fault_not_an_empty_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of_model(tmp_path)
    allowed = os.access
    # Root opens everything, so the answer of the system is stood in for.
    monkeypatch.setattr(
        os, "access", lambda path, mode: path != folder / "fiches" and allowed(path, mode)
    )
    assert "droits" in only(read_from(folder).faults, "fiches", "").message
