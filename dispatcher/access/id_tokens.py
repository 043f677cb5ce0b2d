"""ID tokens: believed only where all of OpenID Connect Core §3.1.3.7 is satisfied."""

import hmac
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

ALGORITHMS = ("RS256", "ES256", "PS256")  # never `none`, never a shared secret
LEEWAY_S = 60.0
LONGEST = 16_384  # characters of a token
KEYS_TRIED = 5
RSA_BITS = range(2048, 8193)
LONGEST_EXPONENT = 8  # characters; 65537 has four
TWO_FACTORS = frozenset({"mfa"})  # RFC 8176


class TokenRefused(Exception):
    """The token proves nothing; `why` is for the log and names no value of it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class UnknownKey(Exception):
    """The token names a key that the provider did not publish, or not yet."""


class Header(BaseModel):
    """The part of a token that says how it was signed."""

    model_config = ConfigDict(strict=True, frozen=True)
    alg: Literal["RS256", "ES256", "PS256"]
    kid: str | None = Field(None, max_length=200)


class Claims(BaseModel):
    """What an ID token says; times in epoch seconds."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)
    iss: str
    sub: str = Field(min_length=1, max_length=255)
    aud: str | tuple[str, ...]
    exp: float
    iat: float
    nbf: float | None = None
    nonce: str
    azp: str | None = None
    acr: str | None = None
    amr: tuple[str, ...] | None = None
    auth_time: float | None = None

    @property
    def audience(self) -> tuple[str, ...]:
        """Return whom the token is for."""
        return (self.aud,) if isinstance(self.aud, str) else self.aud


class PublicKey(BaseModel):
    """A key of a provider's key set, its public parts; others of the set are left alone."""

    model_config = ConfigDict(frozen=True)
    kty: Literal["RSA", "EC"]
    kid: str | None = None
    use: str | None = None
    n: str = ""
    e: str = ""
    crv: str = ""
    x: str = ""
    y: str = ""


@dataclass(frozen=True)
class Expected:
    """What the token must say; `started_at` is when we sent her off, epoch seconds."""

    issuer: str
    client_id: str
    nonce: str
    started_at: float


def header_of(token: str) -> Header:
    """Read how a token is signed, before anything of it is believed; raises TokenRefused."""
    if len(token) > LONGEST or token.count(".") != 2 or not token.isascii():
        raise TokenRefused("form")
    first = token.partition(".")[0]
    try:
        return Header.model_validate_json(urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except ValueError as error:  # of base64, and pydantic's own
        raise TokenRefused("algorithm") from error


def claims_of(
    token: str, keys: Sequence[PublicKey], *, expected: Expected, now: float
) -> Claims:  # fmt: skip
    """Return what a token says once all of it is checked; raises TokenRefused, UnknownKey."""
    header = header_of(token)
    kind = "EC" if header.alg == "ES256" else "RSA"
    fitting = [
        key
        for key in keys
        if key.kty == kind and key.use in (None, "sig") and header.kid in (None, key.kid)
    ]
    if not fitting:
        raise UnknownKey
    payload = _signed_by_one_of(token, fitting[:KEYS_TRIED])
    try:
        claims = Claims.model_validate_json(payload)
    except ValidationError as error:
        raise TokenRefused("claims") from error
    wrong = _first_wrong(claims, expected, now)
    if wrong:
        raise TokenRefused(wrong)
    return claims


def two_factors(claims: Claims, *, level: str) -> bool:
    """Tell whether the provider vouches for two factors: by `amr`, or by the level asked for."""
    by_level = bool(level) and claims.acr == level
    return by_level or bool(TWO_FACTORS & set(claims.amr or ()))


def fresh(claims: Claims, started_at: float) -> bool:
    """Tell whether she showed who she is after we sent her off, not in an earlier session."""
    return claims.auth_time is not None and claims.auth_time + LEEWAY_S >= started_at


def _first_wrong(claims: Claims, expected: Expected, now: float) -> str:
    """Name the first claim that is not as it must be; empty where all are."""
    audience = claims.audience
    checks = {
        "iss": claims.iss == expected.issuer,
        "aud": expected.client_id in audience,
        "azp": claims.azp == expected.client_id or (claims.azp is None and len(audience) == 1),
        "exp": claims.exp > now - LEEWAY_S,
        "iat": expected.started_at - LEEWAY_S <= claims.iat <= now + LEEWAY_S,
        "nbf": (claims.nbf or 0.0) <= now + LEEWAY_S,
        "nonce": hmac.compare_digest(claims.nonce.encode(), expected.nonce.encode()),
    }
    return next((name for name, right in checks.items() if not right), "")


def _signed_by_one_of(token: str, keys: Sequence[PublicKey]) -> bytes:
    """Return the signed words of a token; raises TokenRefused where no key signed it."""
    registry = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    for key in keys:
        try:
            signed = jws.deserialize_compact(token, _imported(key), registry=registry)
        except (JoseError, ValueError, TypeError, RecursionError):
            continue
        return signed.payload
    raise TokenRefused("signature")


def _imported(key: PublicKey) -> RSAKey | ECKey:
    """Return a key to verify with; raises what joserfc and cryptography do for a bad one."""
    if key.kty == "EC":
        if key.crv != "P-256":
            raise ValueError(key.crv)
        return ECKey.import_key({"kty": "EC", "crv": key.crv, "x": key.x, "y": key.y})
    bits = int.from_bytes(urlsafe_b64decode(key.n + "=" * (-len(key.n) % 4))).bit_length()
    if bits not in RSA_BITS or len(key.e) > LONGEST_EXPONENT:
        raise ValueError(bits)
    return RSAKey.import_key({"kty": "RSA", "n": key.n, "e": key.e})
