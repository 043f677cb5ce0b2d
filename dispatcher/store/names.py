"""The names of deliveries: digests, so that making one twice makes it once.

Of the contact's mark, not of the contact: numbers are few enough to try them all.
"""

from hashlib import sha256

ID_CHARS = 30  # 120 bits


def delivery_id(version_id: str, medium: str, contact_mark: str) -> str:
    """Return the one id of a contact's delivery on a medium: making it twice makes it once."""
    return sha256(f"{version_id}\n{medium}\n{contact_mark}".encode()).hexdigest()[:ID_CHARS]


def number_delivery(commune: str, version_id: str, medium: str, *, contact_mark: str) -> str:
    """Return the id that a contact's delivery has, if it has one, in a version of an alert."""
    return delivery_id(f"{commune}{version_id}", medium, contact_mark)
