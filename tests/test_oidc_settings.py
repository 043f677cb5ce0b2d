"""What a provider may be set to, where it may lead, and what is said of it."""

import httpx
import orjson
import pytest
from pydantic import SecretStr, ValidationError

from dispatcher.access.oidc_provider import Provider
from dispatcher.access.oidc_refusals import SENTENCES, ProviderDown
from dispatcher.settings import OidcSettings, guarded_address
from operator_ui.words import translations
from tests.oidc_pretender import Pretender, told

pytest_plugins = ("tests.oidc_fixtures",)


@pytest.mark.parametrize("named", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
async def test_a_provider_out_in_the_world_leads_nowhere_on_this_machine(
    pretender: Pretender, named: str
) -> None:
    issuer = "https://connexion.example"

    def answer(request: httpx.Request) -> httpx.Response:
        sound = {
            "issuer": issuer,
            **{one: f"{issuer}/{one}" for one in ("authorization_endpoint", "token_endpoint")},
            "jwks_uri": f"{issuer}/jwks",
        }
        said = orjson.dumps({**sound, named: "http://127.0.0.1:6379/"})
        return httpx.Response(200, stream=httpx.ByteStream(said))

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as line:
        provider = Provider(told(pretender, issuer=issuer), line)
        with pytest.raises(ProviderDown) as down:
            await provider.description()
    assert down.value.kind == "plain_endpoint"


@pytest.mark.parametrize(
    ("url", "loopback", "guarded"),
    [
        ("https://connexion.example/api/v2", False, True),
        ("http://localhost:8080", True, True),
        ("http://127.0.0.9", True, True),
        ("http://[::1]:9", True, True),
        ("http://localhost:8080", False, False),
        ("http://connexion.example", True, False),
        ("http://localhost.evil.example", True, False),
        ("http://127.0.0.1.evil.example", True, False),
        ("https://user@connexion.example", True, False),
        ("https://", True, False),
        ("connexion.example", True, False),
        ("https://connexion.example/\n", True, False),
        ("https://connexion.éxample", True, False),
    ],
)
def test_an_address_is_https_or_of_this_machine(url: str, loopback: bool, guarded: bool) -> None:
    assert guarded_address(url, loopback=loopback) is guarded


@pytest.mark.parametrize(
    "values",
    [
        {"issuer": "http://connexion.example", "client_id": "tocsin"},
        {"issuer": "https://connexion.example"},
        {"issuer": "https://connexion.example", "client_id": "t", "scopes": "email"},
        {"issuer": "https://connexion.example", "client_id": "t", "label": "100 %"},
    ],
)
def test_settings_that_cannot_be_are_refused(
    values: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"TOCSIN_OIDC_{name}".upper(), value)
    with pytest.raises(ValidationError):
        OidcSettings()


def test_the_secret_is_not_shown() -> None:
    settings_ = OidcSettings(client_secret=SecretStr("un secret"))
    assert "un secret" not in repr(settings_)


def test_every_refusal_has_its_english_and_keeps_the_providers_name() -> None:
    english = translations("en")
    for said in SENTENCES:
        assert english.gettext(said) != said
        assert ("%(label)s" in said) == ("%(label)s" in english.gettext(said))
