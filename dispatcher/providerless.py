"""An environment without providers: what the process of rehearsals is told, and what it is not."""

import os
from collections.abc import Mapping

OURS = "TOCSIN_"
# All that this process needs. What is not named here it is not given: the accounts file may name
# any variable of ours for a secret.
TOLD = frozenset(
    OURS + name
    for name in (
        "DATA_DIR",
        "DATABASE_URL",
        "PUBLIC_URL",
        "HOST",
        "PORT",
    )
)
# By which a message would reach somebody, or a provider's mailbox be read.
PROVIDERS = ("TWILIO_", "SMTP_", "WEBHOOK_", "BOUNCES_", "ACCOUNTS_FILE")


def strangers(environment: Mapping[str, str] | None = None) -> list[str]:
    """Return the variables of ours that the process of rehearsals has no need of. Pure if told.

    As they are written: settings are read whatever their case.
    """
    return sorted(
        name
        for name in _around(environment)
        if name.upper().startswith(OURS) and name.upper() not in TOLD
    )


def provider_settings(environment: Mapping[str, str] | None = None) -> list[str]:
    """Return the settings of live providers that are set in an environment. Pure if told."""
    around = _around(environment)
    named = tuple(OURS + one for one in PROVIDERS)
    return [name for name in strangers(around) if around[name] and name.upper().startswith(named)]


def _around(environment: Mapping[str, str] | None) -> Mapping[str, str]:
    if environment is None:
        return os.environ  # noqa: TID251 - names are looked for, no setting is read
    return environment
