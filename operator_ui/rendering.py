"""Templates in two languages: their filters, the words of the ledger, the bundled files."""

import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from dispatcher.access.codes import in_groups
from dispatcher.alerts.local_hour import local_hour
from dispatcher.delivery.content import LINK_BLANK
from dispatcher.logbook.readable import is_late
from dispatcher.residents.phones import as_at_home, dictated
from operator_ui.people_named import NAMING
from operator_ui.plan_words import VOCABULARY as PLAN_WORDS
from operator_ui.vocabulary import MAP_WORDS, VOCABULARY
from operator_ui.words import sentence, translations

HERE = Path(__file__).parent
WORDS = {**VOCABULARY, **PLAN_WORDS}
STATIC = HERE / "static"
ANSWER_LINK = re.compile(r"https?://[^\s/]+(/a/[\w-]{16,64})(?![\w-])")


@lru_cache
def _file_names() -> Mapping[str, str]:
    """Read which file holds `console.js` and the others; empty before the pages are bundled."""
    try:
        names: Mapping[str, str] = json.loads((STATIC / "names.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return names


def asset(name: str) -> str:
    """Return the address of a bundled file."""
    return f"/static/{_file_names().get(name, name)}"


@lru_cache
def _environment(language: str) -> Environment:
    catalogue = translations(language)
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(  # type: ignore[attr-defined]  # of the extension
        catalogue, newstyle=True
    )
    environment.globals |= {
        "asset": asset,
        "once": lambda: secrets.token_urlsafe(16),  # names a form: sent twice, it is done once
        "lang": language,
        "mode_shown": "",  # of the alert or the event that a page is about, where it is about one
        "open_event": None,
        "map_words": {key: catalogue.gettext(word) for key, word in MAP_WORDS.items()},
    }

    link = f"[{catalogue.gettext('lien personnel')}]"

    def said(word: str, family: str) -> str:
        """Say a word of the ledger; one that we do not know is shown as it is."""
        french = WORDS[family].get(word)
        return word if french is None else catalogue.gettext(french)

    @pass_context
    def function_name(context: Context, function: str) -> str:
        """Say a function as the commune calls it, else in the usual word."""
        own: Mapping[str, str] = context.get("function_names") or {}
        return own.get(function) or said(function, "function")

    environment.filters |= {
        **NAMING,
        "number": lambda value: format_decimal(value, locale=language),
        "surface": lambda hectares: surface(hectares, language),
        "clock": _clock,
        "day": _day,
        "date": _date,
        "birth": _birth,
        "moment": _moment,
        "browser": browser,
        "groups": in_groups,
        "function_name": function_name,
        "said": said,
        "translated": catalogue.gettext,
        "phone": dictated,  # a mail or a web address stays as it is
        "own_phone": as_at_home,
        "unlinked": lambda text: text.replace(LINK_BLANK, link),
        "sentence": lambda text: sentence(text, language),
        "linked": _linked,
        "late": is_late,
    }
    return environment


def surface(hectares: float, language: str) -> str:
    """Say a surface: in square metres below a hectare, then in hectares."""
    if hectares < 1:
        return f"{format_decimal(round(hectares * 10_000), locale=language)}\u00a0m²"
    return f"{format_decimal(round(hectares, 1), locale=language)}\u00a0ha"


def _instant(context: Context, at: float | datetime) -> datetime:
    aware = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    return aware.astimezone(context["zone"])


def _linked(text: str) -> list[tuple[str, str]]:
    """Cut a text at its links to answering pages: words, and their page here where they have one.

    Only the path is kept: a message shown on the console leads to no other site.
    """
    pieces, at = [], 0
    for found in ANSWER_LINK.finditer(text):
        pieces += [(text[at : found.start()], ""), (found[0], found[1])]
        at = found.end()
    return [*pieces, (text[at:], "")]


@pass_context
def _clock(context: Context, at: float | datetime) -> str:
    return local_hour(_instant(context, at), context["zone"])


@pass_context
def _date(context: Context, at: float | datetime) -> str:
    return format_date(_instant(context, at), "d MMMM y", locale=context["lang"])


@pass_context
def _birth(context: Context, born: str) -> str:
    """Say a calendar day, YYYY-MM-DD, which is the same on every clock."""
    return format_date(date.fromisoformat(born), "d MMMM y", locale=context["lang"])


@pass_context
def _moment(context: Context, at: float | datetime) -> str:
    """Say a day and an hour, the day left out when it is today."""
    then, now = _instant(context, at), _instant(context, context["now"])
    hour = local_hour(then, context["zone"])
    if then.date() == now.date():
        return hour
    return f"{format_date(then, 'd MMM', locale=context['lang'])} {hour}"


BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
MACHINES = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def browser(agent: str) -> str:
    """Name a browser and its machine as people call them, from what it says of itself."""
    name = next((word for sign, word in BROWSERS if sign in agent), "")
    machine = next((word for sign, word in MACHINES if sign in agent), "")
    return " · ".join(word for word in (name, machine) if word) or agent[:40] or "?"


@pass_context
def _day(context: Context, at: float | datetime) -> str:
    return format_date(_instant(context, at), "EEEE d MMMM", locale=context["lang"])


def render(template: str, language: str, values: Mapping[str, object]) -> str:
    """Fill a template; `values` hold `zone`, the clock of the place that it speaks of."""
    now = datetime.now(UTC)
    moment = {"now": now, "now_s": now.timestamp()}
    return _environment(language).get_template(template).render(moment, **values)
