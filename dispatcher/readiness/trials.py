"""A test to three telephones: a real SMS and a real call, marked « ESSAI », that people confirm."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from dispatcher.alerts.drafting import digest_of, new_id
from dispatcher.alerts.office import Actor, Office, utc_now
from dispatcher.alerts.plan_in_force import (
    PlanInForce,
    called_up,
    directory,
    in_force,
    is_mobile,
)
from dispatcher.alerts.refusals import NotNow, NotSo
from dispatcher.delivery.accounts import Route
from dispatcher.delivery.content import Content, Texts
from dispatcher.readiness.judging_people import TRIED_PHONES, Tried, judge_trial
from dispatcher.readiness.lines import Line, not_ready
from dispatcher.store import enrolment, phone_trials
from dispatcher.store.ledger import Ledger
from dispatcher.store.phone_trials import NewTrial
from plans.people import Contact
from plans.plan import Plan

LIFE = timedelta(hours=2)  # to answer in
AGAIN_S = 300.0  # a second click is no second test
BY = ("sms", "voice")
NOWHERE = {"type": "GeometryCollection", "geometries": []}  # it has no area, so no resident


def may_be_tried(plan: Plan) -> list[Contact]:
    """Return the people of the plan who are called up in a crisis and have a mobile."""
    called = set(called_up(plan))
    return [one for one in plan.contacts if one.id in called and any(map(is_mobile, one.phones))]


async def try_phones(office: Office, people: Sequence[str], *, actor: Actor) -> str:
    """Send an SMS and a call to three people; return the trial's id.

    Raises NotSo where they are not three people of the plan with a mobile, NotNow where a trial
    has just left, NotThere without a plan.
    """
    chosen = tuple(dict.fromkeys(people))
    current = await in_force(office)
    known = {one.id for one in may_be_tried(current.plan)}
    if len(chosen) != TRIED_PHONES or not known.issuperset(chosen):
        raise NotSo("Choisissez trois personnes du plan qui ont un mobile.")
    await enrolment.put_directory(office.ledger, directory(current.plan), commune=office.commune)
    content, expires_at = content_of(current).as_json(), utc_now() + LIFE
    new = NewTrial(
        trial_id=new_id(),
        people=chosen,
        content=content,
        digest=digest_of(content, expires_at=expires_at, people=len(chosen)),
        expires_at=expires_at.timestamp(),
        by=actor.login,
    )
    line = office.line(
        actor.login, "ready.phones_tried", "Essai vers trois téléphones", people=list(chosen)
    )
    if not await phone_trials.launch(
        office.ledger, office.commune, new, line=line, again_s=AGAIN_S
    ):
        raise NotNow("Un essai vient de partir : attendez cinq minutes avant le suivant.")
    return new.trial_id


def content_of(current: PlanInForce) -> Content:
    """Word a test in French and English, ESSAI first."""
    plan = current.plan
    town = plan.commune.name
    fr = Texts(
        sms=f"ESSAI - Mairie de {town}: test des alertes, il ne se passe rien. Confirmez: {{lien}}",
        voice=f"Essai. Mairie de {town}. Ceci est un test des alertes, il ne se passe rien.",
        email_subject="ESSAI - test des alertes",
        email_body=f"ESSAI. La mairie de {town} teste ses alertes. Il ne se passe rien.",
    )
    en = Texts(
        sms=f"TEST - {town} town hall: alert test, nothing is happening. Confirm: {{lien}}",
        voice=f"Test. {town} town hall. This is a test of alerts, nothing is happening.",
        email_subject="TEST - alert test",
        email_body=f"TEST. {town} town hall is testing its alerts. Nothing is happening.",
    )
    texts = {"fr": fr, "en": en}
    language = plan.policy.language if plan.policy.language in texts else "fr"
    return Content(
        mode="public_test",
        route="live",
        title=texts[language].email_subject,
        issuer=f"Mairie de {town}",
        sender=plan.policy.sender,
        language=language,
        texts=texts,
        area=NOWHERE,
        margin_m=0.0,
        media=BY,
        plan_digest=current.digest,
        template="",
        two_way=plan.policy.two_way,
        offers_help=False,
    )


async def last_tried(ledger: Ledger, plan: Plan, commune: str) -> Tried | None:
    """Return the last test with what each person confirmed by each medium.

    Only what a real provider took counts: the sandbox answers for telephones that nobody holds.
    """
    trial = await phone_trials.last_trial(ledger, commune)
    if trial is None:
        return None
    names = told_apart(plan, trial.people)
    sent = await phone_trials.sent_of(ledger, commune, trial.trial_id)
    return Tried(
        trial.asked_at,
        {
            names[person]: frozenset(
                one.medium for one in sent if one.contact_id == person and one.confirmed
            )
            for person in trial.people
        },
    )


def told_apart(plan: Plan, people: Sequence[str]) -> Mapping[str, str]:
    """Return how each of these people is named, by id: namesakes with their id beside. Pure."""
    known = {one.id: one.full_name for one in plan.contacts}
    names = {person: known.get(person, person) for person in people}
    told = Counter(names.values())
    return {one: name if told[name] == 1 else f"{name} [{one}]" for one, name in names.items()}


async def judge_phones(
    ledger: Ledger, plan: Plan, commune: str, *, accounts: Sequence[Route], now: float
) -> Line:
    """Judge the last test; where `accounts` are the sandbox's alone no test reaches anybody."""
    media = {one.medium for one in accounts if not one.account.sandbox}
    if not media & set(BY):
        return not_ready(
            "trial",
            "Les SMS et les appels restent dans le bac à sable : un essai n'atteint personne.",
            "Renseignez un compte d'envoi pour les SMS et les appels, puis lancez l'essai.",
        )
    return judge_trial(await last_tried(ledger, plan, commune), now=now)
