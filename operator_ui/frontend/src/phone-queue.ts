// What was pressed on a team's phone, kept there until the server has it: shared by page and worker.

export interface Kept {
  key?: number;
  page: string; // the path of the team's page: /t/…
  path: string; // where it is sent
  ident: string;
  at: number; // when it was pressed, ms, by the server's clock as last heard
  fields: [string, string | Blob][];
}
export interface Answer {
  now: number;
  refused?: boolean;
  said?: string;
}
export type Ended = "done" | "later" | "over";

const TIMEOUT_MS = 20_000;
const TRACKS_KEPT = 500; // places followed while out of reach: the newest are kept

let opened: Promise<IDBDatabase> | undefined;

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

// Distress before all; what is heavy, or only says a place, after what says what the team does.
function turn(one: Kept): number {
  const act = value(one, "act");
  return act === "distress" ? 0 : act === "photo" ? 3 : act === "track" ? 2 : 1;
}

export async function waiting(page: string): Promise<Kept[]> {
  const all = (await run<Kept[]>("acts", "readonly", (held) => held.getAll())) ?? [];
  const mine = all.filter((one) => one.page === page);
  return mine.sort((one, two) => turn(one) - turn(two) || (one.key ?? 0) - (two.key ?? 0));
}

export async function keep(one: Kept): Promise<void> {
  one.key = Number(await run<IDBValidKey>("acts", "readwrite", (held) => held.add(one)));
  if (value(one, "act") !== "track") return;
  const tracks = (await waiting(one.page)).filter((each) => value(each, "act") === "track");
  for (const old of tracks.slice(0, -TRACKS_KEPT)) await forget(old);
}

async function forget(one: Kept): Promise<void> {
  await run("acts", "readwrite", (held) => held.delete(one.key ?? -1));
}

export async function forgetAll(page: string): Promise<number> {
  const left = await waiting(page);
  for (const one of left) await forget(one);
  return left.length;
}

// The phone's clock against the server's, as they were at the last contact.
export async function serverNow(): Promise<number> {
  const ahead = await run<number | undefined>("facts", "readonly", (held) => held.get("ahead_ms"));
  return Date.now() + (ahead ?? 0);
}

export async function heard(now_s: number): Promise<void> {
  const ahead = now_s * 1000 - Date.now();
  await run("facts", "readwrite", (held) => held.put(ahead, "ahead_ms"));
}

// The same press sent twice is one: the server knows it by its ident.
export async function send(one: Kept): Promise<Ended | Answer> {
  const body = new FormData();
  for (const [name, given] of one.fields) body.append(name, given);
  body.set("ident", one.ident);
  body.set("at", String(Math.round(one.at)));
  let answer: Response;
  let said: Answer;
  try {
    const headers = { accept: "application/json" };
    answer = await fetch(one.path, { method: "POST", body, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (answer.status === 410) return "over";
    said = (await answer.json()) as Answer;
  } catch {
    return "later"; // no network, or somebody else's page of words
  }
  if (typeof said.now !== "number") return "later";
  await heard(said.now);
  if (answer.status === 429 || answer.status >= 500) return "later";
  if (!answer.ok && !said.refused) return "later";
  await forget(one);
  return said;
}

export interface Flushed {
  end: Ended;
  refused: string[];
}

// One at a time, in order, whoever asks: the page, or the worker when the network is back.
export async function flush(page: string): Promise<Flushed> {
  return await navigator.locks.request(`tocsin ${page}`, () => sendEach(page));
}

async function sendEach(page: string): Promise<Flushed> {
  const refused: string[] = [];
  for (;;) {
    const one = (await waiting(page))[0];
    if (!one) return { end: "done", refused };
    const said = await send(one);
    if (typeof said === "string") return { end: said, refused };
    if (said.refused && said.said) refused.push(said.said);
  }
}
