"""The larger installation: its compose file and its image, as the tools of that field read them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.real_parts import ROOT

_PROGRAMS = Path(sys.prefix) / "bin"


def composed(*settings: str) -> "subprocess.CompletedProcess[str]":
    program = str(_PROGRAMS / "docker-compose")
    words = ["env", "-u", "TOCSIN_DATABASE_PASSWORD", *settings, program]
    here = ["--project-directory", str(ROOT), "--env-file", "/dev/null"]
    return subprocess.run(
        [*words, *here, "config", "--format", "json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    done = composed("TOCSIN_DATABASE_PASSWORD=s3cret")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)["services"]
    assert isinstance(found, dict)
    return found


def test_the_house_is_whole(services: dict[str, Any]) -> None:
    assert set(services) == {
        "web", "public", "worker", "rehearsals", "migrate", "postgres", "valkey",
    }  # fmt: skip
    assert "--appendonly" in services["valkey"]["command"]
    for process in ("web", "public", "worker", "rehearsals"):
        needs = services[process]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
        assert needs["valkey"]["condition"] == "service_healthy"


def test_the_process_of_rehearsals_is_given_no_provider_and_reaches_nobody_outside() -> None:
    settings = ("TOCSIN_DATABASE_PASSWORD=s3cret", "TOCSIN_PUBLIC_URL=https://a.example")
    one = json.loads(composed(*settings, "TOCSIN_SMTP_HOST=mail.example").stdout)["services"]
    rehearsals = one["rehearsals"]
    assert set(rehearsals["networks"]) == {"inside"}
    written = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert written["rehearsals"]["env_file"] == []  # `.env` holds every provider's settings
    given = {name for name, value in rehearsals["environment"].items() if value}
    assert given == {"TOCSIN_DATABASE_URL", "TOCSIN_PUBLIC_URL"}


def test_nothing_listens_beyond_the_machine_itself(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert [port["host_ip"] for port in ports] == ["127.0.0.1"] * 2


def test_every_service_may_do_little_and_says_how_it_is(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert name == "migrate" or service["healthcheck"]["test"], name


def test_the_database_and_the_queue_reach_nobody_outside(services: dict[str, Any]) -> None:
    for name in ("postgres", "valkey"):
        assert set(services[name]["networks"]) == {"inside"}
    done = json.loads(composed("TOCSIN_DATABASE_PASSWORD=x").stdout)
    assert done["networks"]["inside"]["internal"] is True


def test_a_read_only_service_takes_no_secret_from_the_environment(services: dict[str, Any]) -> None:
    """Compose copies such a secret into the container, and refuses to for a read-only one."""
    document = json.loads(composed("TOCSIN_DATABASE_PASSWORD=s3cret").stdout)
    for service in services.values():
        secrets = [document["secrets"][one["source"]] for one in service.get("secrets", [])]
        assert all("file" in secret for secret in secrets)
    assert services["postgres"]["environment"]["POSTGRES_PASSWORD"] == "s3cret"


def test_the_image_is_built_once_for_all_who_run_it(services: dict[str, Any]) -> None:
    assert [name for name, one in services.items() if "build" in one] == ["migrate"]
    ours = {services[name]["image"] for name in ("web", "worker", "migrate")}
    assert len(ours) == 1


def test_without_a_password_nothing_starts_and_the_sentence_says_where_to_put_it() -> None:
    done = composed()
    assert done.returncode != 0
    assert "put it into .env" in done.stderr


def test_the_linter_of_images_finds_nothing() -> None:
    dockerfile = ROOT / "dispatcher" / "Dockerfile"
    done = subprocess.run(
        [_PROGRAMS / "hadolint", dockerfile], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_runs_as_a_number_and_names_no_host() -> None:
    lines = (ROOT / "dispatcher" / "Dockerfile").read_text().splitlines()
    user = next(line for line in lines if line.startswith("USER "))
    assert all(part.isdigit() for part in user.split()[1].split(":"))
    images = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert images
    assert all("." not in image.split("/")[0].split(":")[0] for image in images)
