// A team's page on its phone: what is pressed is kept, shown at once, and sent in order when it can be.
import { flush, forgetAll, heard, keep, send, serverNow, value, waiting, type Answer, type Kept, type Unsent } from "./phone-queue";
import { hold } from "./phone-hold";
import { smaller } from "./phone-photo";
import { following, place } from "./phone-place";

const POLL_MS = 15_000;
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 60_000;
const page = location.pathname;
const line = one<HTMLElement>("#line");
const now = one<HTMLElement>("#now");

let fragment = now.innerHTML; // as the server last said it, before what waits
let drawn = fragment;
let facts = { ...now.dataset } as Record<string, string>;
let away = false;
let over: "" | "revoked" | "ended" = "";
let retry = 0;
let retry_ms = FIRST_RETRY_MS;
let sent = "";
const lost = new Set<string>(); // what was pressed, and is neither kept here nor sent

function one<T extends Element>(selector: string, root: ParentNode = document): T {
  const found = root.querySelector<T>(selector);
  if (!found) throw new Error(selector);
  return found;
}
const all = <T extends HTMLElement>(selector: string): NodeListOf<T> => document.querySelectorAll<T>(selector);

const clock = (at_ms: number): string =>
  new Intl.DateTimeFormat(document.documentElement.lang, {
    hour: "2-digit", minute: "2-digit", timeZone: document.body.dataset.zone,
  }).format(at_ms);

// What the page shows: what the server knows, and on it what waits to be sent.
async function show(): Promise<void> {
  const left = await waiting(page);
  if (!over) paint(left);
  one<HTMLElement>("[data-calling]").hidden = !left.some((each) => value(each, "act") === "distress");
  const told = left.filter((each) => value(each, "act") !== "track");
  call(told.filter((each) => over || each.failed).length);
  tell(told.length);
}

function paint(left: Kept[]): void {
  if (drawn !== fragment) redraw();
  const shown = { ...facts };
  for (const each of [...left].sort((a, b) => a.at - b.at)) applyOne(shown, each);
  if (left.length) drawn = ""; // it shows more than the server knows
  Object.assign(now.dataset, shown);
  const state = shown.state || "none";
  const mission = shown.missionState || "none";
  for (const each of all("[data-from]")) each.hidden = !words(each.dataset.from).includes(state);
  for (const each of all("[data-mission-from]")) each.hidden = !words(each.dataset.missionFrom).includes(mission);
  for (const each of all("section[data-counts]")) each.hidden = !shown.counts || !shown.mission;
  for (const each of all("[data-if-follows]")) each.hidden = !shown.follows;
  for (const each of all("[data-unless-follows]")) each.hidden = !!shown.follows;
  for (const each of all<HTMLInputElement>("input[name=mission]")) each.value = shown.mission ?? "";
  following(!!shown.follows, track);
  aboard();
}

// What the town hall does not have, and may never have: to be said by voice.
function call(left: number): void {
  const block = one<HTMLElement>("[data-call]");
  const said = lost.size ? block.dataset.lost : over ? block.dataset.ended : block.dataset.stuck;
  block.hidden = !left && !lost.size;
  const text = (said ?? "").replace("{n}", String(left));
  const what = one<HTMLElement>("[data-call-what]", block);
  if (what.textContent !== text) what.textContent = text;
}

function redraw(): void {
  const open = now.querySelector("details")?.open;
  now.innerHTML = fragment;
  drawn = fragment;
  if (open) now.querySelector("details")?.setAttribute("open", "");
}

const words = (text: string | undefined): string[] => (text ?? "").split(" ");

function applyOne(shown: Record<string, string>, act: Kept): void {
  const said = value(act, "act");
  const button = document.querySelector<HTMLElement>(`[data-from][value="${CSS.escape(said)}"]`);
  if (button) {
    if (shown.state !== said) {
      const name = document.createElement("b");
      name.textContent = button.dataset.name ?? said;
      const since = (shown.since ?? "").replace("{h}", clock(act.at));
      now.querySelector("[data-state-line]")?.replaceChildren(name, ` ${since}`);
    }
    shown.state = said;
    if ((said === "en_route" || said === "on_scene") && shown.mission) shown.missionState = "in_progress";
  } else if (said === "follow_on" || said === "follow_off") {
    shown.follows = said === "follow_on" ? "1" : "";
  } else if (said.startsWith("mission_") && value(act, "mission") === shown.mission) {
    shown.missionState = said.slice("mission_".length);
    if (shown.missionState === "done" || shown.missionState === "failed") {
      shown.mission = shown.missionState = shown.follows = "";
      for (const each of all("[data-mission-card]")) each.hidden = true;
    }
  }
}

function tell(left: number): void {
  const said = line.dataset;
  const many = (text: string | undefined): string => (text ?? "").replace("{n}", String(left));
  let text = "";
  if (over === "revoked") text = left ? many(said.overMany) : said.over ?? "";
  else if (over) text = left ? many(said.endedMany) : sent || (said.ended ?? "");
  else if (away) text = left > 1 ? many(said.offlineMany) : (left ? said.offlineOne : said.offline) ?? "";
  else if (left) text = said.sending ?? "";
  else text = sent;
  line.hidden = !text;
  line.className = `pill ${over ? "danger" : away ? "warn" : left ? "accent" : "ok"}`;
  if (line.textContent !== text) line.textContent = text;
}

function refusedWith(text: string): void {
  const said = one<HTMLElement>("[data-refused]");
  said.textContent = text;
  said.hidden = !text;
}

// Pressed: kept first, then shown, then sent. What this phone cannot keep is sent at once; false where
// it did not leave either.
async function pressed(path: string, fields: [string, string | Blob][]): Promise<boolean> {
  const act: Kept = { page, path, ident: crypto.randomUUID(), at: await serverNow(), fields };
  const kept = await keep(act).then(() => true, () => false);
  await show();
  const urgent = value(act, "act") === "distress"; // it waits behind nothing
  const safe = kept && !urgent ? kept : received(act, await send(act)) || kept;
  const name = value(act, "act") || path;
  if (safe) lost.delete(name);
  else if (name !== "track") lost.add(name);
  void register();
  void sendAll();
  return safe;
}

function received(act: Kept, said: Unsent | Answer): boolean {
  if (typeof said === "string") return false;
  if (said.refused) refusedWith(said.said ?? "");
  else if (value(act, "act") !== "track") sent = (line.dataset.sent ?? "").replace("{h}", clock(said.now * 1000));
  return true;
}

async function register(): Promise<void> {
  try {
    const ready = (await navigator.serviceWorker?.ready) as { sync?: { register(tag: string): Promise<void> } } | undefined;
    await ready?.sync?.register(page);
  } catch {
    // This browser has no background queue: the page sends by itself.
  }
}

async function sendAll(): Promise<void> {
  window.clearTimeout(retry);
  const before = (await waiting(page)).some((each) => value(each, "act") !== "track");
  const { end, refused } = await flush(page);
  if (refused.length) refusedWith(refused.join(" "));
  away = end === "away";
  if (end === "revoked" || end === "ended") return ended(end);
  if (away || end === "stuck") {
    retry = window.setTimeout(() => void sendAll(), retry_ms);
    retry_ms = Math.min(LAST_RETRY_MS, retry_ms * 2);
    return away ? show() : ask();
  }
  retry_ms = FIRST_RETRY_MS;
  if (before) sent = (line.dataset.sent ?? "").replace("{h}", clock(await serverNow()));
  await ask();
}

interface Now {
  now: number; html: string; state: string; mission: string; mission_state: string; counts: boolean; follows: boolean;
}

async function ask(): Promise<void> {
  if (over) return over === "ended" ? show() : undefined;
  try {
    const answer = await fetch(`${page}/etat`, {
      method: "POST", headers: { accept: "application/json" }, signal: AbortSignal.timeout(POLL_MS),
    });
    if (answer.status === 410) {
      const why = ((await answer.json()) as Answer).over;
      if (why === "revoked" || why === "ended") return await ended(why);
    }
    if (answer.ok) {
      const said = (await answer.json()) as Now;
      await heard(said.now);
      fragment = said.html;
      facts = {
        ...facts, state: said.state, mission: said.mission, missionState: said.mission_state,
        counts: said.counts ? "1" : "", follows: said.follows ? "1" : "",
      };
      away = false;
    }
  } catch {
    away = true;
  }
  await show();
}

// The link was cut: nothing of the page stays on this phone, and it says what did not leave. It has
// ended: what waits is sent where it was pressed before, else it stays to be seen; distress still calls.
async function ended(why: "revoked" | "ended"): Promise<void> {
  const first = !over;
  over = why;
  const hides = why === "ended" ? "main form, main details, #now" : "main form, .distress, main details, #now";
  for (const each of all(hides)) each.hidden = true;
  following(false, track);
  if (why === "ended") return first ? sendAll() : show();
  navigator.serviceWorker?.controller?.postMessage({ forget: page });
  call(0);
  tell(await forgetAll(page));
}

async function track(at: [string, string][]): Promise<void> {
  await pressed(page, [["act", "track"], ["mission", now.dataset.mission ?? ""], ...at]);
}

function aboard(): void {
  const input = one<HTMLInputElement>("[name=strength]");
  const button = one<HTMLElement>("[data-aboard]");
  button.textContent = (button.dataset.aboard ?? "").replace("{n}", input.value || "?");
  const low = Number(input.value) < Number(document.body.dataset.minimum);
  one<HTMLElement>("[data-low]").hidden = !low;
}

async function submitted(form: HTMLFormElement, by: HTMLButtonElement | null): Promise<void> {
  refusedWith("");
  const given = new FormData(form);
  if (by?.name) given.append(by.name, by.value);
  const fields: [string, string | Blob][] = [];
  for (const [name, one] of given) {
    if (name === "ident") continue;
    fields.push([name, name === "photo" ? await smaller(one as File) : one]);
  }
  if ("place" in form.dataset) fields.push(...(await place()));
  const path = new URL(form.action || location.href, location.href).pathname;
  if (!(await pressed(path, fields))) return; // what was typed stays, to be sent again
  if (!("keep" in form.dataset)) form.reset();
  form.closest("details")?.removeAttribute("open");
}

function whySaid(failed: unknown): void {
  const why = failed instanceof Error ? line.dataset[failed.message] : "";
  if (!why) throw failed;
  refusedWith(why);
}

document.addEventListener("click", (event) => {
  const step = (event.target as HTMLElement).closest<HTMLElement>("[data-step]");
  const input = step?.closest("[data-count]")?.querySelector<HTMLInputElement>("input");
  if (!step || !input) return;
  input.value = String(Math.max(0, Math.min(500, Number(input.value || 0) + Number(step.dataset.step))));
  aboard();
});
document.addEventListener("input", aboard);
for (const each of all("[data-step]")) each.hidden = false;
hold(one<HTMLFormElement>("[data-distress]"));
aboard();

// Where a page may keep what is pressed; elsewhere the forms are sent as they are, without a queue.
function live(): void {
  for (const each of all("[data-with-script]")) each.hidden = false;
  for (const each of all("[data-without-script]")) each.hidden = true;
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!("act" in form.dataset)) return;
    event.preventDefault();
    const by = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    submitted(form, by).catch(whySaid);
  });
  window.addEventListener("online", () => void sendAll());
  window.addEventListener("offline", () => { away = true; void show(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) void sendAll(); });
  window.setInterval(() => { if (!document.hidden) void ask(); }, POLL_MS);
  void show().then(sendAll);
  settle().catch(() => undefined); // without it the page works as long as it stays open
}

async function settle(): Promise<void> {
  const worker = navigator.serviceWorker;
  if (!worker) return;
  worker.addEventListener("message", () => void ask());
  await worker.register("/t/sw.js", { scope: "/t/" });
  const files = [...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>("script[src], link[href]")]
    .map((each) => new URL("src" in each ? each.src : each.href).pathname);
  (await worker.ready).active?.postMessage({ page, keep: files });
}

if (window.isSecureContext && "locks" in navigator) live();
