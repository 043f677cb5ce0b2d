"""Figures that people type into forms: whole numbers, quantities with French commas, clicks."""

from starlette.datastructures import FormData

from dispatcher.alerts.refusals import NotSo

_LONGEST = 12
LONGEST_KEY = 64


def click_of(form: FormData, *told: object) -> str:
    """Return the click of a form: gone back to, with other figures in it, it is another click."""
    key = str(form.get("key", ""))
    return "-".join((key, *map(str, told)))[:LONGEST_KEY] if key else ""


def whole(form: FormData, name: str) -> int | None:
    """Return a whole number; None where nothing was typed. Raises NotSo for what is none."""
    text = str(form.get(name, "")).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST):
        raise NotSo("Écrivez un nombre entier, comme 12.")
    return int(text)


def quantity(form: FormData, name: str) -> float:
    """Return a quantity, zero where nothing was typed. Raises NotSo for what is none."""
    text = str(form.get(name, "")).strip().replace(",", ".")
    if not text:
        return 0.0
    figures = text.replace(".", "", 1)
    if not (figures.isascii() and figures.isdigit() and len(text) <= _LONGEST):
        raise NotSo("Écrivez une quantité, comme 12 ou 2,5.")
    return float(text)
