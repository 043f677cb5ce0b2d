"""Somebody without a mouse on a page of the console: keys only, and what the focus does is kept."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Error, Locator, expect

from tests.browsing import Visit, visit

Role = Literal[
    "button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "group", "region"
]
MOST_TABS = 250
REST_MS = 60  # what a key starts in the page is done
PATIENCE_MS = 180_000
# Counts what only a pointing device makes; a key on a button makes a click without any of these.
POINTED = """for (const kind of ["pointerdown", "pointermove", "mousedown", "mousemove", "wheel",
  "touchstart"]) addEventListener(kind, (one) => { if (one.isTrusted) pointed(kind); }, true);"""
# What stands on the focus: nothing, or something that looks otherwise than without it, in sight.
# How things look at rest is kept by element, from the first look at each page on.
FOCUS = """() => {
  const look = (one) => { const style = getComputedStyle(one); return [style.boxShadow,
    style.outlineStyle === "none" ? "" : style.outlineWidth + style.outlineColor].join("|"); };
  const known = window.looksAtRest ??= new WeakMap();
  const one = document.activeElement;
  for (const other of document.querySelectorAll("a, button, input, select, textarea, summary, [tabindex]"))
    if (other !== one && !known.has(other)) known.set(other, look(other));
  const page = performance.timeOrigin;
  if (!one || one === document.body) return {page, where: ""};
  const box = one.getBoundingClientRect();
  const across = [box.left + 2, (box.left + box.right) / 2, box.right - 2];
  const down = [box.top + 2, (box.top + box.bottom) / 2, box.bottom - 2];
  const meets = (x, y) => { const top = document.elementFromPoint(x, y);
    return top && (one.contains(top) || top.contains(one) || top.closest("label")?.control === one); };
  return {page,
    where: `${one.tagName.toLowerCase()} ${(one.getAttribute("aria-label") ?? one.innerText
      ?? "").trim().slice(0, 50) || one.name || one.id}`,
    marked: !known.has(one) || known.get(one) !== look(one),
    inSight: across.some((x) => down.some((y) => meets(x, y))),
  };
}"""  # noqa: E501 - a script


class Hand:
    """Keys on a page, nothing else; `faults` is what the focus did wrong, `pointed` any mouse."""

    def __init__(self, seen: Visit) -> None:
        """Sit down before `seen`."""
        self.seen, self.page = seen, seen.page
        self.faults: list[str] = []
        self.pointed: list[str] = []

    async def key(self, *keys: str) -> None:
        """Press keys one after the other; the focus has to stand somewhere after each."""
        for one in keys:
            before = await self._stands()
            await self.page.keyboard.press(one)
            await self.page.wait_for_timeout(REST_MS)
            after = await self._stands()
            if before and after and before["page"] == after["page"] and not after["where"]:
                self.faults.append(f"{self.page.url}: {one} left the focus nowhere")

    async def write(self, label: str, text: str) -> None:
        """Tab to a field by what is written over it; type there in the place of what it held."""
        await self.to(self.field(label))
        await self.page.keyboard.press("Control+A")
        await self.page.keyboard.type(text)

    async def press(self, name: str, *, role: Role = "button", to: str = "") -> None:
        """Tab to a button or a link by its words and press it; `to` is the page it leads to."""
        await self.reach(role, name)
        await self.key("Enter")
        if to:
            await self.page.wait_for_url(re.compile(to))

    async def choose(self, label: str, words: str) -> None:
        """Tab to a list and type the beginning of a choice."""
        await self.to(self.field(label))
        await self.page.keyboard.type(words)

    async def reach(self, role: Role, name: str) -> None:
        """Tab until something of this role and name has the focus, as it is read out."""
        await self.to(self.page.get_by_role(role, name=re.compile(name)))

    async def to(self, wanted: Locator, *, back: bool = False) -> None:
        """Tab until one of these has the focus, looking at each stop."""
        await expect(wanted.first).to_be_attached(timeout=PATIENCE_MS)
        for _ in range(MOST_TABS):
            if await focused(wanted):
                return
            await self.page.keyboard.press("Shift+Tab" if back else "Tab")
            await self._looks()
        raise AssertionError(f"no Tab leads to {wanted} on {self.page.url}")

    def blames(self) -> list[str]:
        """Return all that went wrong: the page's faults, the focus's, a mouse that was used."""
        return [*self.seen.problems, *self.faults, *self.pointed]

    def field(self, label: str) -> Locator:
        """Find a field by what is written over it."""
        fields = self.page.locator("input, textarea, select")
        return self.page.get_by_label(re.compile(label)).and_(fields)

    async def _looks(self) -> None:
        """Look where a Tab led: marked, and not under anything."""
        stands = await self._stands()
        if not stands or not stands["where"]:
            return  # the browser's own bar, between the end of a page and its beginning
        for fault in ("marked", "inSight"):
            if not stands[fault]:
                self.faults.append(f"{self.page.url}: {stands['where']}: not {fault}")

    async def _stands(self) -> dict[str, Any]:
        """Say what has the focus; nothing while one page goes and the next comes."""
        try:
            stands: dict[str, Any] = await self.page.evaluate(FOCUS)
        except Error:
            return {}
        return stands


async def focused(wanted: Locator) -> bool:
    """Return whether one of these has the focus."""
    return bool(await wanted.evaluate_all("(all) => all.includes(document.activeElement)"))


@asynccontextmanager
async def hand(chromium: Path, url: str) -> AsyncIterator[Hand]:
    """Open a browser whose pages report whatever a pointing device does on them."""
    async with visit(chromium, url) as seen:
        made = Hand(seen)
        await seen.page.expose_function("pointed", lambda kind: made.pointed.append(kind))
        await seen.page.add_init_script(POINTED)
        yield made


async def read_otherwise(one: Hand, paths: Sequence[str]) -> list[str]:
    """Return where Tab goes up the page in one column: what is read lower was reached before.

    A next column may begin higher, and what is fixed to the screen stands beside the page.
    """
    found = []
    for path in paths:
        await one.seen.open(path)
        before: dict[str, Any] | None = None
        for _ in range(MOST_TABS):
            await one.page.keyboard.press("Tab")
            stop: dict[str, Any] | None = await one.page.evaluate(STOP)
            if stop is None:
                break
            if before and above(stop, before):
                found.append(f"{path}: {before['what']} before {stop['what']}")
            before = None if stop["fixed"] else stop
    return found


def above(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether a stop stands over another in the same column."""
    shared = one["left"] < other["right"] and other["left"] < one["right"]
    return bool(shared and one["bottom"] <= other["top"])


STOP = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  let fixed = false;
  for (let up = one; up; up = up.parentElement)
    fixed ||= ["fixed", "sticky"].includes(getComputedStyle(up).position);
  return {what: `${one.tagName.toLowerCase()} ${(one.innerText || one.name || one.id).trim().slice(0, 40)}`,
    left: box.left, right: box.right, top: box.top + scrollY, bottom: box.bottom + scrollY, fixed};
}"""  # noqa: E501 - a script
