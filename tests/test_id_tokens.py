"""Every ID token that proves nothing, and those that do."""

import base64
from collections.abc import Callable

import orjson
import pytest
from joserfc.jwk import OctKey, RSAKey

from dispatcher.access import oidc_refusals as words
from dispatcher.access.oidc import Back, Entered, come_back
from dispatcher.access.oidc_leaving import to_sign_in
from dispatcher.store.ledger import Ledger
from tests.oidc_pretender import (
    BROWSER,
    CLIENT,
    COMMUNE,
    EC,
    OTHER_RSA,
    RSA,
    FromNow,
    Pretender,
    enrol,
    gate_to,
    linked,
    refusal,
    signed,
    tried,
)

pytest_plugins = ("tests.oidc_fixtures",)
HOUR = 3600


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "un autre"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"aud": []},
        {"azp": "another"},
        {"iss": "https://evil.example"},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"exp": FromNow(-61)},
        {"exp": None},
        {"exp": "demain"},
        {"iat": FromNow(HOUR)},
        {"iat": FromNow(-HOUR)},
        {"iat": None},
        {"nbf": FromNow(HOUR)},
    ],
    ids=str,
)
async def test_a_claim_that_is_not_as_it_must_be_opens_nothing(
    ledger: Ledger, pretender: Pretender, changes: dict[str, object]
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger) as gate:
        assert await refusal(tried(gate, pretender, changes)) == words.NOT_PROVEN
        assert isinstance(await tried(gate, pretender), Entered)


@pytest.mark.parametrize(
    "changes", [{"exp": FromNow(HOUR), "aud": [CLIENT]}, {"azp": CLIENT}], ids=str
)
async def test_claims_that_differ_in_nothing_that_counts_are_taken(
    ledger: Ledger, pretender: Pretender, changes: dict[str, object]
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger) as gate:
        assert isinstance(await tried(gate, pretender, changes), Entered)


def unsigned(claims: dict[str, object]) -> str:
    parts = (orjson.dumps({"alg": "none"}), orjson.dumps(claims))
    return ".".join(base64.urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts) + "."


def by_shared_secret(claims: dict[str, object]) -> str:
    """Sign with the provider's own public key, as if it were a shared secret."""
    public = OctKey.import_key(
        RSA.as_pem(private=False).replace(b"-----", b"====="), {"kid": "rsa"}
    )
    return signed(claims, public, alg="HS256")


def damaged(claims: dict[str, object]) -> str:
    head, _, tail = signed(claims).split(".")
    body = base64.urlsafe_b64encode(orjson.dumps({**claims, "sub": "autre"})).rstrip(b"=").decode()
    return f"{head}.{body}.{tail}"


FORGERIES: dict[str, Callable[[dict[str, object]], str]] = {
    "no algorithm": unsigned,
    "a shared secret": by_shared_secret,
    "the client's secret": lambda claims: signed(
        claims, OctKey.import_key("un secret"), alg="HS256", kid=None
    ),
    "another's key": lambda claims: signed(claims, OTHER_RSA, kid="rsa"),
    "a key of its own": lambda claims: signed(claims, OTHER_RSA, jwk=OTHER_RSA.as_dict()),
    "a key that nobody published": lambda claims: signed(claims, OTHER_RSA),
    "another algorithm": lambda claims: signed(claims, RSA, alg="RS512"),
    "another body": damaged,
    "an extension": lambda claims: signed(claims, crit=["x"], x=1),
    "an array": lambda _: signed(b"[1]"),
    "no JSON": lambda _: signed(b"pas du JSON"),
    "a deep array": lambda _: signed(b"[" * 9000),
    "an endless number": lambda claims: signed(
        orjson.dumps({**claims, "exp": 0}).replace(b'"exp":0', b'"exp":1e999')
    ),
    "two parts": lambda _: "abc.def",
    "nothing": lambda _: ".",
    "too long": lambda claims: signed({**claims, "more": "x" * 20_000}),
}


@pytest.mark.filterwarnings("ignore:Key size")
@pytest.mark.parametrize("forged", FORGERIES)
async def test_a_forged_token_opens_nothing(
    ledger: Ledger, pretender: Pretender, forged: str
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger) as gate:
        address = await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
        state = pretender.vouch(address)
        pretender.token = FORGERIES[forged](pretender.claims)
        told = await refusal(come_back(gate, Back(state, "code"), BROWSER))
        assert told == words.NOT_PROVEN
        pretender.token = None
        assert isinstance(await tried(gate, pretender), Entered)


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256"])
async def test_these_algorithms_and_no_others_are_taken(
    ledger: Ledger, pretender: Pretender, alg: str
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger) as gate:
        address = await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
        state = pretender.vouch(address)
        key = EC if alg == "ES256" else RSA
        pretender.token = signed(pretender.claims, key, alg=alg)
        assert isinstance(await come_back(gate, Back(state, "code"), BROWSER), Entered)


@pytest.mark.filterwarnings("ignore:Key size")
async def test_a_key_short_enough_to_be_broken_signs_nothing(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    short = RSAKey.generate_key(1024, {"kid": "short"})
    pretender.keys.append(short.as_dict(private=False))
    async with gate_to(pretender, ledger) as gate:
        address = await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
        state = pretender.vouch(address)
        pretender.token = signed(pretender.claims, short)
        told = await refusal(come_back(gate, Back(state, "code"), BROWSER))
    assert told == words.NOT_PROVEN


async def test_a_new_key_is_looked_for_once_and_found(ledger: Ledger, pretender: Pretender) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    async with gate_to(pretender, ledger) as gate:
        assert isinstance(await tried(gate, pretender), Entered)
        pretender.keys = [OTHER_RSA.as_dict(private=False)]
        address = await to_sign_in(gate, COMMUNE, BROWSER, vers="/")
        state = pretender.vouch(address)
        pretender.token = signed(pretender.claims, OTHER_RSA)
        assert isinstance(await come_back(gate, Back(state, "code"), BROWSER), Entered)
        assert pretender.asked.count("/jwks") == 2
        pretender.token = signed(pretender.claims, OTHER_RSA, kid="nowhere")
        await refusal(tried(gate, pretender))
        assert pretender.asked.count("/jwks") == 3


async def test_a_strange_key_in_the_set_spoils_no_other(
    ledger: Ledger, pretender: Pretender
) -> None:
    await enrol(ledger)
    await linked(ledger, pretender)
    strange = [{"kty": "OKP", "crv": "X"}, {"kty": "EC", "kid": "ec", "x": "?"}, "no key", None, 3]
    pretender.keys = [*strange, EC.as_dict(private=False)]  # type: ignore[list-item]  # strange
    async with gate_to(pretender, ledger) as gate:
        assert isinstance(await tried(gate, pretender), Entered)
