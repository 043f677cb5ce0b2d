"""Forms of the register of vulnerable people: what was typed, as the verbs take it."""

from datetime import date

from starlette.datastructures import FormData

from dispatcher.alerts.refusals import NotSo
from dispatcher.vulnerable.declaration import MOST_PHONES, Declared, Whom, as_day


def declared_in(form: FormData) -> Declared:
    """Return the person whom a form describes; nothing of it is checked yet."""

    def typed(name: str) -> str:
        return str(form.get(name, ""))

    return Declared(
        surname=typed("surname"),
        first_names=typed("first_names"),
        born=as_day(typed("born")),
        quality=typed("quality"),
        address=typed("address"),
        asked_by=typed("asked_by"),
        phones=tuple(typed(f"phone_{number}").strip() for number in range(MOST_PHONES)),
        email=typed("email").strip(),
        service=typed("service"),
        service_phone=typed("service_phone").strip(),
        to_warn=_whom(form, "to_warn"),
        requester=_whom(form, "requester"),
    )


def _whom(form: FormData, who: str) -> Whom:
    name, link, phone = (str(form.get(f"{who}_{one}", "")) for one in ("name", "link", "phone"))
    return Whom(name.strip(), link or "other", phone.strip())


def received_in(form: FormData, today: date) -> date:
    """Return the day on which the request came in; today where nothing is said. Raises NotSo."""
    text = as_day(str(form.get("received", "")))
    if not text:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise NotSo("La date de réception ne se lit pas : écrivez-la comme 03/11/2026.") from fault


def filled(one: Declared) -> dict[str, str]:
    """Return a person as the fields of the form hold her."""
    fields = {name: value for name, value in vars(one).items() if isinstance(value, str)}
    for who in ("to_warn", "requester"):
        fields |= {f"{who}_{name}": value for name, value in vars(getattr(one, who)).items()}
    numbers = {f"phone_{number}": phone for number, phone in enumerate(one.phones)}
    return {**fields, **numbers, "born": written(one.born)}


def written(day: str) -> str:
    """Return a day, YYYY-MM-DD, as people write it in a form; nothing for nothing."""
    return date.fromisoformat(day).strftime("%d/%m/%Y") if day else ""
