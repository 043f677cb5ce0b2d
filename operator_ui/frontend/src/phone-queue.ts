// What was pressed on a team's phone, kept there until the server has it: shared by page and worker.

export interface Kept {
  key?: number;
  page: string; // the path of the team's page: /t/…
  path: string; // where it is sent
  ident: string;
  at: number; // when it was pressed, ms, by the server's clock as last heard
  fields: [string, string | Blob][];
  failed?: number; // how often the server was reached and could not take it
}
export interface Answer {
  now: number;
  refused?: boolean;
  said?: string;
  over?: string;
}
// Why an act is still here: no network; the server fails at this one; its link was cut, or has ended.
export type Unsent = "away" | "stuck" | "revoked" | "ended";

const TIMEOUT_MS = 20_000;
const TRACKS_KEPT = 500; // places followed while out of reach: the newest are kept
const MOST_STUCK = 3; // in one go: a server that fails at more of them is ill, and is left in peace

let opened: Promise<IDBDatabase> | undefined;
let ahead_ms = 0; // the server's clock against this one, for a phone that keeps nothing

function ledger(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("tocsin-phone", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("acts", { keyPath: "key", autoIncrement: true });
      asked.result.createObjectStore("facts");
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  opened.catch(() => (opened = undefined)); // asked anew at the next press
  return opened;
}

async function run<T>(
  store: "acts" | "facts",
  mode: IDBTransactionMode,
  ask: (held: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const held = (await ledger()).transaction(store, mode, { durability: "strict" });
  return new Promise((resolve, reject) => {
    const asked = ask(held.objectStore(store));
    held.oncomplete = () => resolve(asked.result);
    held.onabort = () => reject(held.error);
  });
}

export function value(one: Kept, name: string): string {
  const found = one.fields.find(([named]) => named === name)?.[1];
  return typeof found === "string" ? found : "";
}

// Distress before all, then what the server has not failed at; what is heavy, or only says a place,
// after what says what the team does. Each is filed by its own time, whichever comes first.
function turn(one: Kept): number {
  const act = value(one, "act");
  return act === "distress" ? -1 : (one.failed ?? 0) * 4 + (act === "photo" ? 3 : act === "track" ? 2 : 1);
}

// Nothing, where this phone lets nothing be kept.
export async function waiting(page: string): Promise<Kept[]> {
  const all = await run<Kept[]>("acts", "readonly", (held) => held.getAll()).catch(() => []);
  const mine = all.filter((one) => one.page === page);
  return mine.sort((one, two) => turn(one) - turn(two) || (one.key ?? 0) - (two.key ?? 0));
}

// Raises where the phone's store is full or refused: nothing is kept then.
export async function keep(one: Kept): Promise<void> {
  one.key = Number(await run<IDBValidKey>("acts", "readwrite", (held) => held.add(one)));
  if (value(one, "act") !== "track") return;
  const tracks = (await waiting(one.page)).filter((each) => value(each, "act") === "track");
  for (const old of tracks.slice(0, -TRACKS_KEPT)) await forget(old);
}

async function forget(one: Kept): Promise<void> {
  if (one.key === undefined) return; // it was never kept
  await run("acts", "readwrite", (held) => held.delete(one.key ?? -1));
}

// Noted with it, so that it stands behind the others and is seen, the page opened anew or not.
async function fails(one: Kept): Promise<void> {
  one.failed = (one.failed ?? 0) + 1;
  if (one.key !== undefined) await run("acts", "readwrite", (held) => held.put(one)).catch(() => undefined);
}

export async function forgetAll(page: string): Promise<number> {
  const left = await waiting(page);
  for (const one of left) await forget(one);
  return left.filter((one) => value(one, "act") !== "track").length;
}

// The phone's clock against the server's, as they were at the last contact.
export async function serverNow(): Promise<number> {
  const asked = run<number | undefined>("facts", "readonly", (held) => held.get("ahead_ms"));
  return Date.now() + ((await asked.catch(() => undefined)) ?? ahead_ms);
}

export async function heard(now_s: number): Promise<void> {
  ahead_ms = now_s * 1000 - Date.now();
  await run("facts", "readwrite", (held) => held.put(ahead_ms, "ahead_ms")).catch(() => undefined);
}

// The same press sent twice is one: the server knows it by its ident.
export async function send(one: Kept): Promise<Unsent | Answer> {
  const body = new FormData();
  for (const [name, given] of one.fields) body.append(name, given);
  body.set("ident", one.ident);
  body.set("at", String(Math.round(one.at)));
  let answer: Response;
  try {
    const headers = { accept: "application/json" };
    answer = await fetch(one.path, { method: "POST", body, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    return "away";
  }
  const said = (await answer.json().catch(() => ({}))) as Partial<Answer>;
  if (typeof said.now === "number") await heard(said.now);
  if (answer.status === 410 && (said.over === "revoked" || said.over === "ended")) return said.over;
  if (answer.status === 429 || (answer.ok && typeof said.now !== "number")) return "away"; // or somebody else's page
  if (!answer.ok && !(answer.status < 500 && said.refused)) return "stuck";
  await forget(one);
  return said as Answer;
}

export interface Flushed {
  end: "done" | Unsent;
  refused: string[];
}

// One at a time, whoever asks: the page, or the worker when the network is back.
export async function flush(page: string): Promise<Flushed> {
  return await navigator.locks.request(`tocsin ${page}`, () => sendEach(page));
}

// One at which the server fails holds nothing behind it: it stays, and is tried again later. Of a
// link that has ended the server takes what was pressed before; the rest stays, to be seen.
async function sendEach(page: string): Promise<Flushed> {
  const done: Flushed = { end: "done", refused: [] };
  const tried = new Set<string>();
  let stuck = 0;
  for (;;) {
    const one = (await waiting(page)).find((each) => !tried.has(each.ident));
    if (!one) return done;
    tried.add(one.ident);
    const said = await send(one);
    if (said === "away" || said === "revoked") return { ...done, end: said };
    if (typeof said === "string") done.end = said === "ended" ? said : done.end === "done" ? said : done.end;
    else if (said.refused && said.said) done.refused.push(said.said);
    if (said === "ended" && value(one, "act") === "track") await forget(one);
    if (said !== "stuck") continue;
    await fails(one);
    if (value(one, "act") !== "distress" && ++stuck >= MOST_STUCK) return done;
  }
}
