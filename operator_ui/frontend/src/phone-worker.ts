// Keeps a team's page on its phone, so that it opens without a network, and sends what waits.
import { flush } from "./phone-queue";

interface Waits extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface Fetches extends Waits {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Syncs extends Waits {
  tag: string;
}
interface Told extends Waits {
  data: { keep?: string[]; page?: string; forget?: string };
}
interface Scope extends EventTarget {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void>; matchAll(): Promise<{ postMessage(said: unknown): void }[]> };
  location: Location;
}
const worker = self as unknown as Scope;
const PAGE = /^\/t\/[^/]+$/;

const shelf = (page: string): string => `tocsin ${page}`;

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) => (event as Waits).waitUntil(worker.clients.claim()));

// A page that has opened says what it is made of.
worker.addEventListener("message", (event) => {
  const { keep, page, forget } = (event as Told).data;
  if (forget) (event as Told).waitUntil(caches.delete(shelf(forget)));
  if (keep && page && PAGE.test(page)) (event as Told).waitUntil(keepAll(page, keep));
});

async function keepAll(page: string, files: string[]): Promise<void> {
  const cache = await caches.open(shelf(page));
  const known = new Set((await cache.keys()).map((one) => new URL(one.url).pathname));
  const wanted = files.filter((one) => one.startsWith("/static/"));
  for (const path of known) {
    if (path.startsWith("/static/") && !wanted.includes(path)) await cache.delete(path);
  }
  await Promise.all(wanted.filter((one) => !known.has(one)).map((one) => cache.add(one)));
  await fresh(page, new Request(page, { credentials: "same-origin" }));
}

worker.addEventListener("fetch", (event) => {
  const { request } = event as Fetches;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate" && PAGE.test(url.pathname)) {
    (event as Fetches).respondWith(shown(url.pathname, request));
  } else if (url.pathname.startsWith("/static/")) {
    (event as Fetches).respondWith(kept(request));
  }
});

async function fresh(page: string, request: Request): Promise<Response> {
  const answer = await fetch(request);
  if (answer.ok && !answer.redirected) await (await caches.open(shelf(page))).put(page, answer.clone());
  // The link opens nothing any more: nothing of it stays on this phone but, of one that has ended,
  // the page that says so and tells what did not leave.
  if (answer.status === 410 || answer.status === 404) await caches.delete(shelf(page));
  if (answer.headers.get("link-over") === "ended") await (await caches.open(shelf(page))).put(page, answer.clone());
  return answer;
}

async function shown(page: string, request: Request): Promise<Response> {
  try {
    return await fresh(page, request);
  } catch (away) {
    const found = await caches.match(page, { cacheName: shelf(page) });
    if (found) return found;
    throw away;
  }
}

async function kept(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

// Where the browser knows how: sent when the network is back, the page closed or not.
worker.addEventListener("sync", (event) => {
  const page = (event as Syncs).tag;
  if (PAGE.test(page)) (event as Syncs).waitUntil(sendWaiting(page));
});

async function sendWaiting(page: string): Promise<void> {
  const { end } = await flush(page);
  for (const client of await worker.clients.matchAll()) client.postMessage({ sent: page });
  if (end === "revoked") await caches.delete(shelf(page));
  if (end === "away" || end === "stuck") throw new Error("not yet"); // it is asked again later
}
