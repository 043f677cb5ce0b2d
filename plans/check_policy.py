"""Checks of the alert policy: who sends, and targets that reach somebody."""

from plans import check_sentences, word_sentences
from plans.case import Case
from plans.check_words import POLICY_FILE
from plans.faults import Sentence, Spot
from plans.senders import is_mobile, is_number, sender_of
from plans.sentences import MISSING_FILE

_DEFAULT_POLICY = Sentence(
    "sites sensibles puis habitants, SMS puis appel puis e-mail, sont le règlement par défaut",
    "sensitive sites then residents, SMS then call then e-mail, are the default policy",
)


def check_policy(case: Case) -> None:
    """Somebody wrote the policy, and each of its targets reaches somebody."""
    if not case.written.policy and not case.unread(POLICY_FILE):
        case.findings.warn(Spot(POLICY_FILE), MISSING_FILE, prevents=_DEFAULT_POLICY)
    for target in case.plan.policy.targets:
        spot = case.findings.spot_of("target", target.id, file=POLICY_FILE)
        if not target.assets and not target.sectors:
            case.findings.fault(spot, check_sentences.UNSEEN_KIND, ident=target.id)
        if not any(case.plan.policy.uses(medium) for medium in target.media):
            case.findings.warn(spot, check_sentences.IDLE_MEDIUM, ident=target.id)


def check_sender(case: Case) -> None:
    """Check that the SMS sender is one that French operators let through (DOMAIN §0.1, §0.2)."""
    if case.unread(POLICY_FILE, "pcs.yaml"):
        return
    spot = case.findings.spot_of("policy", key="emetteur_sms", file=POLICY_FILE)
    sender = case.written.sender
    if sender is None:
        _check_derived(spot, case)
    elif is_number(sender):
        if is_mobile(sender):
            case.findings.fault(spot, word_sentences.MOBILE_SENDER)
        elif not case.plan.policy.two_way:
            case.findings.fault(spot, word_sentences.NUMBER_SENDER)
    else:
        reason = case.sender_fault(sender)
        if reason is not None:
            case.findings.fault(spot, word_sentences.BAD_SENDER, sender=sender, reason=reason)


def _check_derived(spot: Spot, case: Case) -> None:
    sender = sender_of(case.plan.commune.name, case.sender_fault)
    if sender is None:
        case.findings.fault(spot, word_sentences.NO_LEGAL_SENDER)
    else:
        case.findings.warn(spot, word_sentences.NO_SENDER, sender=sender)


def check_caller(case: Case) -> None:
    """Check that calls do not show the number of a person (DOMAIN §4.2)."""
    caller = case.plan.policy.caller_number
    spot = case.findings.spot_of("policy", key="numero_appelant", file=POLICY_FILE)
    if caller is not None and is_mobile(caller):
        case.findings.fault(spot, word_sentences.MOBILE_CALLER)
    elif caller is None and case.written.policy and case.plan.policy.uses("voice"):
        case.findings.warn(spot, word_sentences.NO_CALLER)
