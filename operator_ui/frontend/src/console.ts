// First-screen script: htmx, server-sent events, and what tells a frozen figure from a live one.
import "htmx.org/dist/htmx.esm.js";
import "htmx.org/dist/ext/hx-sse.js";
import "./countdown";

// The server says something at least every 3 s (operator_ui/live.py); silence is a broken line.
const SILENCE_MS = 9_000;

const live = document.querySelector<HTMLElement>("[data-live]");
if (live) watch(live);

function watch(stream: HTMLElement): void {
  const pill = document.querySelector<HTMLElement>("[data-live-state]");
  let timer = 0;

  const say = (state: "on" | "off"): void => {
    document.documentElement.dataset.line = state;
    if (!pill || pill.dataset.state === state) return;
    pill.dataset.state = state;
    pill.className = state === "on" ? "pill ok" : "pill danger";
    pill.textContent = pill.dataset[state] ?? "";
  };
  const heard = (): void => {
    say("on");
    window.clearTimeout(timer);
    timer = window.setTimeout(() => say("off"), SILENCE_MS);
  };
  const leave = (): void => window.location.reload();

  stream.addEventListener("htmx:sse:after:connection", heard);
  stream.addEventListener("htmx:sse:after:message", heard);
  stream.addEventListener("htmx:sse:close", () => say("off"));
  window.addEventListener("offline", () => say("off"));
  stream.addEventListener("signed-out", leave);
  stream.addEventListener("htmx:sse:error", (event) => {
    say("off");
    const status = (event as CustomEvent<{ status?: number }>).detail?.status;
    if (status === 401 || status === 403) leave();
  });
}

// The map is heavy: it is fetched after the figures are on the screen, and only where it is shown.
const map = document.querySelector<HTMLElement>("[data-map]");
if (map?.dataset.script) {
  const script = map.dataset.script;
  const load = (): void => {
    import(script).catch(() => map.closest(".map")?.classList.add("broken"));
  };
  if ("requestIdleCallback" in window) window.requestIdleCallback(load, { timeout: 500 });
  else setTimeout(load, 50);
}

// Passkeys: only where a page has a use for one. Without its script that part of the page stays hidden.
const passkeys = document.querySelector<HTMLElement>("[data-passkey][data-script]");
if (passkeys?.dataset.script) {
  import(passkeys.dataset.script).catch(() => {
    for (const one of document.querySelectorAll<HTMLElement>("[data-passkey]")) one.dataset.state = "none";
  });
}

// The sound for calls for help, and the summary on a key: only where something is followed.
const following = document.querySelector<HTMLElement>("[data-following][data-script]");
if (following?.dataset.script) {
  // Without its script that part stays hidden: nothing promises a sound that cannot come.
  import(following.dataset.script).catch(() => undefined);
}

// Missions dragged onto teams: only on the board; its lists and buttons do the same without it.
const board = document.querySelector<HTMLElement>("[data-board][data-script]");
if (board?.dataset.script) import(board.dataset.script).catch(() => undefined);

// One click, one answer: a form that acts cannot be sent twice by an impatient thumb.
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) form.removeAttribute("data-sent");
});

// Alt and a letter go to the field that names it, in every browser: access keys alone differ between them.
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase();
  const field = letter && document.querySelector<HTMLElement>(`[accesskey="${letter}"]`);
  if (!field) return;
  event.preventDefault();
  field.focus();
});
