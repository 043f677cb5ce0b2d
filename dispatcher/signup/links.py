"""Links to a resident's page: what their secret is, and the digest that the ledger knows it by."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

LINK_CHARS = 22  # of base64: 128 bits
MOST_PAGES = 12  # behind one contact: a household, not a town hall's own number


def form_token(key: bytes, once: str, words: str) -> str:
    """Return the secret of the link that a form leads to: of nobody else's form, or words.

    `once` names the form, so that two clicks are one sign-up, with one code. Empty without it.
    """
    if not once:
        return ""
    digest = hmac.digest(key, f"signup\n{once}\n{words}".encode(errors="surrogatepass"), "sha256")
    return urlsafe_b64encode(digest)[:LINK_CHARS].decode()


def own_token(signup_token: str, number: int = 0) -> str:
    """Return the secret of a link to a page that a sign-up opens, each the same whenever asked for.

    Whoever holds the sign-up's own secret has typed its code back: nothing more is proved by it.
    """
    digest = hashlib.sha256(f"own page {number}\n{signup_token}".encode(errors="surrogatepass"))
    return urlsafe_b64encode(digest.digest())[:LINK_CHARS].decode()


def link_of(token: str) -> str:
    """Return the digest that a link is kept by."""
    return hashlib.sha256(b"own link\n" + token.encode(errors="surrogatepass")).hexdigest()


def links_of(signup_token: str) -> list[str]:
    """Return the digests of all links that a sign-up may open."""
    return [link_of(own_token(signup_token, number)) for number in range(MOST_PAGES)]
