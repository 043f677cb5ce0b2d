"""Which kinds of provider account there are: one line a channel."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final

from channels.contract import AccountSettings, Channel
from channels.email import SmtpMail
from channels.http_sms import HttpSms
from channels.rehearsal import Rehearsal
from channels.sms import TwilioSms
from channels.voice import TwilioVoice
from channels.webhook import WebhookPost

CHANNELS: Final[Mapping[str, type[Channel]]] = {
    "twilio-sms": TwilioSms,
    "http-sms": HttpSms,
    "twilio-voice": TwilioVoice,
    "smtp": SmtpMail,
    "webhook": WebhookPost,
    "rehearsal": Rehearsal,
}


class NoSuchKind(LookupError):
    """An account is of a kind that no channel serves."""


def open_channel(
    account: AccountSettings, *, public_url: str
) -> AbstractAsyncContextManager[Channel]:
    """Connect an account by its kind. Raises NoSuchKind; ValueError on unusable settings."""
    channel = CHANNELS.get(account.kind)
    if channel is None:
        kinds = ", ".join(sorted(CHANNELS))
        raise NoSuchKind(f"{account.name}: {account.kind!r} is no kind of account, use {kinds}.")
    return channel.open(account, public_url=public_url)
