"""A real provider in a process of its own: oidc-provider, a certified implementation of others."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from pydantic import SecretStr

from dispatcher.access.oidc import Back
from dispatcher.settings import OidcSettings
from dispatcher.tether import tethered
from tests.real_parts import NODE, ROOT, PartMissing, SuiteSettings, running

RUNNER = ROOT / "tests/judges/oidc_provider.mjs"
CLIENT, SECRET = "tocsin", "un secret de test, avec ses espaces & ses signes"


def packages_of(settings: SuiteSettings) -> Path:
    """Return npm's folder that oidc-provider is in. Raises PartMissing."""
    usual = ROOT / ".venv/judges/node_modules/oidc-provider/lib/index.js"
    found = Path(settings.test_oidc_provider or usual)
    if not found.is_file():
        raise PartMissing(
            "oidc-provider is not on this machine: `python3 -m dispatcher test` installs it"
        )
    return found.parents[2]


@contextmanager
def judge(
    folder: Path, port: int, *, return_to: str, alg: str = "ES256", auth: str = ""
) -> Iterator[str]:
    """Give the issuer of a provider with new keys, on `localhost`: another site than 127.0.0.1."""
    issuer = f"http://localhost:{port}"
    options = (f"ALG={alg}", f"AUTH={auth or 'client_secret_basic'}")
    words = (str(NODE), str(RUNNER), str(packages_of(SuiteSettings())), str(port), return_to)
    argv = tethered((shutil.which("env") or "env", *options, *words))
    with running(argv, ready=lambda: _describes(issuer), log=folder / "judge.log", stop=15):
        yield issuer


def _describes(issuer: str) -> bool:
    try:
        said = httpx.get(f"{issuer}/.well-known/openid-configuration", timeout=2, trust_env=False)
    except httpx.TransportError:
        return False
    return said.status_code == 200


def judged_by(issuer: str, *, second_factor: bool = False) -> OidcSettings:
    """Return the settings of an installation that people sign in to by the judge."""
    return OidcSettings(
        issuer=issuer,
        client_id=CLIENT,
        client_secret=SecretStr(SECRET),
        second_factor=second_factor,
    )


async def shown_at_the_judge(address: str, account: str, *, mfa: bool = False) -> Back:
    """Do what somebody does at the provider, and return what it sends back by her browser."""
    onward = address
    async with httpx.AsyncClient(trust_env=False) as person:
        answer = await person.get(address)
        for _ in range(8):
            if answer.status_code == 200:
                assert re.search(r'<input name="account"', answer.text), answer.text
                form = {"account": account, "go": "yes", **({"mfa": "1"} if mfa else {})}
                answer = await person.post(answer.url, data=form)
            assert answer.status_code in (302, 303), answer.text
            onward = urljoin(str(answer.url), answer.headers["location"])
            if urlsplit(onward).path == "/connexion/retour":
                break
            answer = await person.get(onward)
    said = {name: values[0] for name, values in parse_qs(urlsplit(onward).query).items()}
    return Back(
        said.get("state", ""), said.get("code", ""), said.get("error", ""), said.get("iss", "")
    )
