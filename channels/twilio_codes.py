"""Twilio's words as data: statuses, fields of its callbacks, error codes with a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from channels.contract import Status

Language = Literal["fr", "en"]
Fault = Literal["recipient", "account", "pace"]

STATUSES: Mapping[str, Status] = {
    "accepted": Status.ACCEPTED,
    "scheduled": Status.ACCEPTED,
    "queued": Status.QUEUED,
    "initiated": Status.QUEUED,
    "sending": Status.SENDING,
    "ringing": Status.SENDING,
    "sent": Status.SENT,
    "in-progress": Status.SENT,
    "answered": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.DELIVERED,
    # The words were heard, by a person or a machine; a pressed key is another fact.
    "completed": Status.DELIVERED,
    "undelivered": Status.UNDELIVERED,
    "busy": Status.UNDELIVERED,
    "no-answer": Status.UNDELIVERED,
    "failed": Status.FAILED,
    "canceled": Status.FAILED,
}

_PLACES: Final = frozenset(
    f"{side}{part}"
    for side in ("Called", "Caller", "From", "To")
    for part in ("", "City", "Country", "State", "Zip")
)
# What Twilio posts about a message: its reference, and the fields its SDKs have met since.
MESSAGE_FIELDS: Final = _PLACES | {
    *("AccountSid", "ApiVersion", "MessageSid", "MessageStatus", "MessagingServiceSid"),
    *("SmsSid", "SmsStatus", "SmsMessageSid", "ErrorCode", "ErrorMessage", "RawDlrDoneDate"),
    *("ChannelPrefix", "ChannelInstallSid", "ChannelStatusMessage", "ChannelToAddress"),
    *("EventType", "NumSegments", "NumMedia", "Price", "PriceUnit", "StructuredMessage"),
}
# About a call: its status, or the key pressed in it.
CALL_FIELDS: Final = _PLACES | {
    *("AccountSid", "ApiVersion", "CallSid", "CallStatus", "CallDuration", "Duration"),
    *("Direction", "Timestamp", "CallbackSource", "SequenceNumber", "SipResponseCode"),
    *("AnsweredBy", "MachineDetectionDuration", "ParentCallSid", "ForwardedFrom", "CallerName"),
    *("QueueTime", "ErrorCode", "ErrorMessage", "StirVerstat", "StirStatus", "CallToken"),
    *("Digits", "FinishedOnKey", "msg", "Reason"),
}


@dataclass(frozen=True)
class TwilioCode:
    """One code: a `recipient` is never tried again here, an `account` is repaired, a `pace` waits.

    A fault of the account is no verdict on the person: nothing left, and the same message can go
    once the setting, the credit or the permission is put right.
    """

    fault: Fault
    fr: str
    en: str

    def sentence(self, language: Language) -> str:
        """Return the sentence in this language."""
        return self.fr if language == "fr" else self.en


def _recipient(fr: str, en: str) -> TwilioCode:
    return TwilioCode("recipient", fr, en)


def _account(fr: str, en: str) -> TwilioCode:
    return TwilioCode("account", fr, en)


_SENDER = _account(
    "L'émetteur n'est pas permis sur ce compte Twilio : vérifiez le nom ou le numéro configuré.",
    "The sender is not allowed on this Twilio account: check the configured name or number.",
)
_CALLBACK = _account(
    "Twilio refuse l'adresse des accusés : TOCSIN_PUBLIC_URL doit être une adresse web publique.",
    "Twilio refuses the callback address: TOCSIN_PUBLIC_URL must be a public web address.",
)
_SUSPENDED = _account(
    "Le compte Twilio n'est pas actif : crédit épuisé ou compte suspendu.",
    "The Twilio account is not active: credit used up or account suspended.",
)
_PACE = TwilioCode(
    "pace",
    "Twilio demande de ralentir. Rien n'est parti.",
    "Twilio asks to slow down. Nothing left.",
)
_NO_NUMBER = _recipient("Ce numéro n'existe pas ou ne peut pas être joint.", "No such number.")
_REGION = _recipient(
    "Les envois vers ce pays ne sont pas ouverts sur le compte Twilio.",
    "Sending to this country is not open on the Twilio account.",
)
_TRIAL = _recipient(
    "Compte d'essai : ce numéro n'y est pas vérifié.",
    "Trial account: this number is not verified there.",
)
_BODY = _recipient("Le texte est vide ou trop long pour un SMS.", "The text is empty or too long.")

CODES: Final[Mapping[int, TwilioCode]] = {
    10001: _SUSPENDED,
    10004: _PACE,  # too many calls in progress
    14107: _PACE,
    20001: _account("Twilio ne comprend pas la demande.", "Twilio does not understand."),
    20003: _account(
        "Identifiants Twilio refusés : vérifiez le compte, la clé et son secret.",
        "Twilio credentials refused: check the account, the key and its secret.",
    ),
    20005: _SUSPENDED,
    20006: _account("Cette clé Twilio n'a pas ce droit.", "This Twilio key lacks this right."),
    20008: _account(
        "Des identifiants de test Twilio n'envoient rien.", "Twilio test credentials send nothing."
    ),
    20404: _account(
        "Compte ou service Twilio introuvable : vérifiez son identifiant.",
        "Twilio account or service not found: check its identifier.",
    ),
    20429: _PACE,
    21205: _CALLBACK,
    21210: _SENDER,
    21211: _NO_NUMBER,
    21212: _SENDER,
    21213: _SENDER,
    21214: _NO_NUMBER,
    21215: _REGION,
    21216: _recipient("Twilio n'appelle pas ce numéro.", "Twilio does not call this number."),
    21217: _NO_NUMBER,
    21219: _TRIAL,
    21408: _REGION,
    21601: _SENDER,
    21602: _BODY,
    21603: _SENDER,
    21604: _NO_NUMBER,
    21606: _SENDER,
    21608: _TRIAL,
    21609: _CALLBACK,
    21610: _recipient(
        "Cette personne a répondu STOP : elle n'est plus joignable par SMS.",
        "This person answered STOP: no longer reachable by SMS.",
    ),
    21611: _PACE,  # the queue of this sender is full
    21612: _recipient(
        "Ce numéro ne peut pas être joint depuis cet émetteur.",
        "This number cannot be reached from this sender.",
    ),
    21614: _recipient("Ce numéro n'est pas un mobile.", "This number is no mobile."),
    21617: _BODY,
    21635: _recipient("Un poste fixe ne reçoit pas de SMS.", "A landline takes no SMS."),
    21659: _SENDER,
    21660: _SENDER,
    21701: _SENDER,
    21703: _SENDER,
    21704: _SENDER,
    21705: _SENDER,
    30001: _PACE,
    30002: _SUSPENDED,
    30003: _recipient(
        "Téléphone injoignable : éteint ou hors réseau.",
        "Phone unreachable: off or out of coverage.",
    ),
    30004: _recipient(
        "Message bloqué par le destinataire ou son opérateur.",
        "Message blocked by the recipient or their operator.",
    ),
    30005: _NO_NUMBER,
    30006: _recipient(
        "Poste fixe ou opérateur injoignable.", "Landline or unreachable carrier."
    ),
    30007: _recipient(
        "Message filtré par l'opérateur.", "Message filtered by the operator."
    ),
    30008: _recipient(
        "L'opérateur ne dit pas pourquoi il n'a pas remis le message.",
        "The operator does not say why it did not deliver.",
    ),
    30022: _PACE,
    30036: _recipient(
        "Le message n'est pas parti avant son expiration.", "The message expired before leaving."
    ),
    30045: _recipient("La durée de validité est refusée.", "The validity period is refused."),
    63038: _PACE,  # the account's daily limit
}  # fmt: skip


def code_sentence(code: str, *, language: Language = "fr") -> str | None:
    """Return what a code of a refusal or a receipt means, None when it is not in the table."""
    known = CODES.get(int(code)) if code.isascii() and code.isdigit() else None
    return known.sentence(language) if known else None
