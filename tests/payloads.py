"""Texts that try to become more than text, typed into every field of a form; what became of them.

Forms are sent from the page itself, as its own script would: same origin, same session. What comes
back is read by the browser's own parser, which runs nothing but makes every element that a screen
would have.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.browsing import Visit
from tests.situations import PASSWORD

PAYLOADS = (
    "<script data-hit>alert(1)</script>",
    "\"'><img data-hit src=//x.example onerror=alert(2)>",
    "</textarea></title><svg data-hit onload=alert(3)>",
    "javascript:alert(4)//{{1337*7331}}${1337*7331}",
    "' onmouseover=alert(5) \" onfocus=alert(5) x='",
)
JOINED = " ".join((PAYLOADS[3], *PAYLOADS))
WORKED_OUT = str(1337 * 7331)  # what a template would make of it
PLAUSIBLE = {
    "password": PASSWORD,
    "tel": "+33639980042",
    "email": "b@foyer.example",
    "number": "3",
    "time": "12:00",
    "date": "2026-03-02",
    "week": "2026-W10",
    "datetime-local": "2026-03-02T12:00",
}

WOUNDS = """
const FLESH = ["[data-hit]", "script:not([src])", "[src^='javascript:' i]",
  "[href^='javascript:' i]", "[action^='javascript:' i]", "[formaction^='javascript:' i]"];
const wounds = (root) => {
  const found = [];
  const strange = (text) => {
    try { return !["data:", "blob:"].includes(new URL(text, location).protocol)
      && new URL(text, location).origin !== location.origin; } catch { return true; }
  };
  for (const one of root.querySelectorAll("*")) {
    const said = one.outerHTML.slice(0, 160);
    if (one.matches(FLESH.join(", "))) found.push(said);
    if ([...one.attributes].some((each) => each.name.startsWith("on"))) found.push(said);
    if (one.matches("[src]") && strange(one.getAttribute("src"))) found.push(said);
    if (one.matches("link[href]") && strange(one.getAttribute("href"))) found.push(said);
  }
  if ((root.body ?? root).textContent.includes(WORKED_OUT)) found.push("a template worked it out");
  return found;
};
const typable = (one) => one.name && one.matches("textarea, input") && !["hidden", "checkbox",
  "radio", "submit", "button", "image", "reset"].includes(one.type);
"""

ATTACK = """
const free = (one) => one.matches("textarea") || ["text", "search", "url"].includes(one.type)
  && !one.matches("[inputmode=numeric], [inputmode=decimal], [pattern], [readonly], [name=id],"
  + " [name=login], [name=code]");
const at = (form) => new URL(form.getAttribute("action") || location.href, location).pathname;
const twins = (root, form) => [...root.forms].filter((one) =>
  at(one) === at(form) && one.method === form.method && names(one) === names(form));
const names = (form) => [...form.elements].filter(typable).map((one) => one.name).join(" ");
const parse = (text) => new DOMParser().parseFromString(text, "text/html");

const filled = (form, {turn, all, joined}) => {
  form.querySelectorAll("select").forEach((one) => {
    if (!one.value) one.value = [...one.options].map((each) => each.value).find(Boolean) ?? "";
  });
  form.querySelectorAll("[type=radio], [type=checkbox][required]").forEach((one) => {
    if (![...form.elements].some((each) => each.name === one.name && each.checked)) one.checked = true;
  });
  const data = new FormData(form);
  const fields = [...form.elements].filter(typable);
  fields.forEach((one) => data.delete(one.name));
  fields.forEach((one, place) => {
    const payload = joined ? JOINED : PAYLOADS[(turn + place) % PAYLOADS.length];
    if (one.type === "file") data.append(one.name, file(one, payload));
    else if (all || free(one)) data.append(one.name, payload);
    else data.append(one.name, one.value || (PLAUSIBLE[one.type] ?? "3"));
  });
  const presses = [...form.elements].filter((one) => one.type === "submit" && one.name);
  if (presses.length) {
    const press = presses[turn % presses.length];
    data.set(press.name, press.value);
  }
  return data;
};
const file = (one, payload) => {
  const here = [[5.01, 47.775], [5.02, 47.775], [5.02, 47.785], [5.01, 47.775]];
  const drawn = {type: "FeatureCollection", [payload]: payload, features: [{type: "Feature",
    properties: {name: payload, nom: payload, id: payload},
    geometry: {type: "Polygon", coordinates: [here]}}]};
  const table = `id,nom,prenom,libelle,${payload}\\n${payload},${payload},${payload},"a","b"`;
  const drawing = (one.accept ?? "").includes("json");
  return new File([drawing ? JSON.stringify(drawn) : table], payload + (drawing ? ".geojson" : ".csv"));
};
const send = (form, data) => {
  const target = new URL(form.getAttribute("action") || location.href, location);
  if (form.method !== "post") {
    target.search = new URLSearchParams(data);
    return fetch(target);
  }
  const whole = form.enctype.startsWith("multipart") ? data : new URLSearchParams(data);
  return fetch(target, {method: "POST", body: whole});
};

const one_form = async (form, nth) => {
  const told = {action: at(form), method: form.method, wounds: [], sent: 0,
    names: [...new Set([...form.elements].filter(typable).map((one) => one.name))]};
  if (!told.names.length) return told;
  const strict = [...form.elements].some((one) => typable(one) && one.type !== "file" && !free(one));
  const each = [...PAYLOADS.keys()].flatMap((turn) => strict
    ? [{turn, all: true}, {turn, all: false}] : [{turn, all: true}]);
  const slow = /^\\/plan\\/(?!demarrer)/.test(at(form));  // each save reads and checks a whole plan
  const turns = slow ? [{turn: 0, all: true, joined: true}, {turn: told.names.length, all: false}] : each;
  let seen = document;
  for (const how of turns) {
    let fresh = twins(seen, form)[nth];
    if (!fresh && nth >= 0) fresh = twins(parse(await (await fetch(location.href)).text()), form)[nth];
    const answer = await send(fresh ?? form, filled(fresh ?? form, how));
    told.sent += 1;
    const text = await answer.text();
    if (answer.status >= 500) told.wounds.push(`${answer.status} ${how.turn} ${text.slice(0, 200)}`);
    if (!(answer.headers.get("content-type") ?? "").includes("html")) continue;
    seen = parse(text);
    told.wounds.push(...wounds(seen).map((each) => `${how.turn}: ${each}`));
  }
  return told;
};
const every = async (done) => {
  const told = [];
  const measured = [...document.querySelectorAll("[hx-post]")].map((one) => {
    const form = one.closest("form").cloneNode(true);
    form.setAttribute("action", one.getAttribute("hx-post"));
    return form;
  });
  const waiting = [...document.forms, ...measured].map((form) => [document, form]);
  while (waiting.length) {
    const [root, form] = waiting.shift();
    const key = `${at(form)} ${names(form)}`;
    if (at(form) === "/deconnexion" || done.includes(key)) continue;
    done.push(key);
    const one = await one_form(form, twins(root, form).indexOf(form));
    told.push({...one, key});
  }
  return told;
};
"""  # noqa: E501 - scripts


@dataclass(frozen=True)
class Attacked:
    """A form that was sent with every payload: where to, which fields, what became more."""

    action: str
    method: str
    names: tuple[str, ...]
    sent: int
    wounds: tuple[str, ...]


async def attack(seen: Visit, done: list[str]) -> list[Attacked]:
    """Send every form of the page on the screen that is not `done`; which then are.

    Each field meets every payload: once with all fields hostile, once with those that take any
    text while the others are right. The first is mostly refused and shown again, the second kept.
    A record of the plan, whose save takes half a second, meets all of them in one text, and one to
    keep.
    """
    script = f"async (done) => {{ {_given()} {WOUNDS} {ATTACK} return await every(done); }}"
    told: list[dict[str, Any]] = await seen.page.evaluate(script, done)
    done += [one["key"] for one in told]
    return [
        Attacked(one["action"], one["method"], tuple(one["names"]), one["sent"], _of(one["wounds"]))
        for one in told
    ]


async def wounds(seen: Visit) -> list[str]:
    """Return what a payload became on the page on the screen: elements, handlers, addresses."""
    script = f"() => {{ {_given()} {WOUNDS} return wounds(document); }}"
    found: list[str] = await seen.page.evaluate(script)
    return found


async def shown(seen: Visit) -> bool:
    """Tell whether a payload is on the page as a text, or in a field of it."""
    there: bool = await seen.page.evaluate(
        """() => document.body.textContent.includes("alert(")
          || [...document.querySelectorAll("input, textarea")].some((one) => one.value.includes("alert("))"""  # noqa: E501
    )
    return there


def _of(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


def _given() -> str:
    return (
        f"const PAYLOADS = {list(PAYLOADS)!r}; const JOINED = {JOINED!r};"
        f" const WORKED_OUT = {WORKED_OUT!r}; const PLAUSIBLE = {PLAUSIBLE!r};"
    )
