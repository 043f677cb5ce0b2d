// Passkeys: to sign in, to confirm, to add one. Words come from the page, in its reader's language.

type Fields = Record<string, string>;
type Json = Record<string, unknown>;

const NETWORK_MS = 15_000;
// The server's challenges die after five minutes: what waits in the list of names asks for a new one before.
const OFFER_MS = 240_000;

class Refused extends Error {}

function arm(box: HTMLElement): void {
  const go = box.querySelector<HTMLElement>("[data-go]");
  box.dataset.state = stateOf(box);
  if (!go || box.dataset.state !== "ready") return;
  const offer = box.dataset.passkey === "sign-in" ? new Offer(box) : null;
  let running: AbortController | null = null;
  const start = async (): Promise<void> => {
    running?.abort(); // an impatient second press begins anew: the button is never dead
    offer?.stop();
    const mine = new AbortController();
    running = mine;
    box.setAttribute("aria-busy", "true");
    say(box, "waiting");
    const left = await ceremony(box, { signal: mine.signal });
    if (left || running !== mine) return;
    running = null;
    box.removeAttribute("aria-busy");
    offer?.start();
  };
  go.addEventListener(go instanceof HTMLFormElement ? "submit" : "click", (event) => {
    event.preventDefault();
    void start();
  });
  offer?.start();
}

// Browsers trust a key only at the address it was made for, and only over https or on localhost.
function stateOf(box: HTMLElement): "ready" | "elsewhere" | "none" {
  if (box.dataset.origin && box.dataset.origin !== location.origin) return "elsewhere";
  return window.isSecureContext && "PublicKeyCredential" in window && "credentials" in navigator ? "ready" : "none";
}

// In the list of names that the browser offers under the login, its keys stand first.
class Offer {
  private waiting: AbortController | null = null;
  private timer = 0;

  constructor(private readonly box: HTMLElement) {}

  async start(): Promise<void> {
    if (!(await listed())) return;
    this.stop();
    const mine = new AbortController();
    this.waiting = mine;
    this.timer = window.setTimeout(() => void this.start(), OFFER_MS);
    const left = await ceremony(this.box, { signal: mine.signal, quietly: true });
    if (left || this.waiting !== mine || mine.signal.aborted) return;
    this.stop(); // what was chosen was refused, and that is said: the next choice is the button's
  }

  stop(): void {
    window.clearTimeout(this.timer);
    this.waiting?.abort();
    this.waiting = null;
  }
}

async function listed(): Promise<boolean> {
  try {
    return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
  } catch {
    return false;
  }
}

// Returns true once the page is being left; whatever else happens is said on the page.
async function ceremony(box: HTMLElement, how: { signal: AbortSignal; quietly?: boolean }): Promise<boolean> {
  const began = Date.now();
  let patience = Infinity;
  try {
    const fields = how.quietly ? {} : fieldsOf(box);
    const options = await post(box, "options", fields);
    patience = Number(options["timeout"] ?? Infinity);
    const credential = await answer(box, options, how);
    if (how.signal.aborted) return false;
    const done = await post(box, "verification", { ...fields, credential, vers: box.dataset.vers ?? "" });
    const then = new URL(String(done["then"] ?? "/"), location.href);
    location.assign(then.origin === location.origin ? then.href : "/");
    return true;
  } catch (error) {
    if (!how.signal.aborted && (!how.quietly || error instanceof Refused)) explain(box, error, Date.now() - began >= patience - 1_000);
    return false;
  }
}

function fieldsOf(box: HTMLElement): Fields {
  const read = (scope: ParentNode, name: string): string =>
    scope.querySelector<HTMLInputElement | HTMLSelectElement>(`[name="${name}"]`)?.value.trim() ?? "";
  if (box.dataset.passkey === "register") return { label: read(box, "label") };
  if (box.dataset.passkey === "confirm") return {};
  return { login: read(document, "login"), commune: read(document, "commune") };
}

async function post(box: HTMLElement, step: "options" | "verification", told: Json): Promise<Json> {
  const reply = await fetch(box.dataset[step] ?? "", {
    method: "POST",
    headers: { "content-type": "application/json", "x-tocsin-token": box.dataset.token ?? "" },
    body: JSON.stringify(told),
    signal: AbortSignal.timeout(NETWORK_MS),
  });
  const spoken = (reply.headers.get("content-type") ?? "").includes("json");
  if (!spoken) throw new Refused(reply.status < 500 ? box.querySelector<HTMLElement>("[data-said]")?.dataset.stale : undefined);
  const said = (await reply.json()) as Json;
  if (!reply.ok) throw new Refused(String(said["detail"] ?? ""));
  return said;
}

async function answer(box: HTMLElement, options: Json, how: { signal: AbortSignal; quietly?: boolean }): Promise<Json> {
  const { signal } = how;
  const made = box.dataset.passkey === "register"
    ? await navigator.credentials.create({ publicKey: creation(options), signal })
    : await navigator.credentials.get({ publicKey: request(options), signal, ...(how.quietly ? { mediation: "conditional" as const } : {}) });
  if (!made) throw new DOMException("", "NotAllowedError");
  return spelled(made as PublicKeyCredential);
}

function explain(box: HTMLElement, error: unknown, late: boolean): void {
  if (error instanceof Refused) return error.message ? say(box, "", error.message) : say(box, "network");
  const name = error instanceof Error ? error.name : "";
  const known: Record<string, string> = {
    NotAllowedError: late ? "late" : box.dataset.passkey === "register" ? "unmade" : "stopped",
    AbortError: late ? "late" : "stopped",
    TimeoutError: "network",
    TypeError: "network",
    InvalidStateError: "known",
    ConstraintError: "unable",
    NotSupportedError: "unable",
  };
  say(box, known[name] ?? "failed");
}

function say(box: HTMLElement, word: string, sentence = ""): void {
  const place = box.querySelector<HTMLElement>("[data-said]");
  if (!place) return;
  place.textContent = sentence || (place.dataset[word] ?? "");
  place.classList.toggle("bad", word !== "waiting");
}

// What follows is the standard's own JSON, for browsers that came before it (Chrome 129, Safari 18.4).
function creation(options: Json): PublicKeyCredentialCreationOptions {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(options as never);
  const user = options["user"] as Json;
  return {
    ...options,
    challenge: bytes(options["challenge"]),
    user: { ...user, id: bytes(user["id"]) },
    excludeCredentials: described(options["excludeCredentials"]),
  } as never;
}

function request(options: Json): PublicKeyCredentialRequestOptions {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(options as never);
  return { ...options, challenge: bytes(options["challenge"]), allowCredentials: described(options["allowCredentials"]) } as never;
}

function described(keys: unknown): Json[] {
  return ((keys ?? []) as Json[]).map((one) => ({ ...one, id: bytes(one["id"]) }));
}

function spelled(made: PublicKeyCredential): Json {
  if (made.toJSON) return made.toJSON() as unknown as Json;
  const { response } = made;
  const shared = { clientDataJSON: text(response.clientDataJSON) };
  const told = response instanceof AuthenticatorAttestationResponse
    ? { ...shared, attestationObject: text(response.attestationObject), transports: response.getTransports?.() ?? [] }
    : assertion(response as AuthenticatorAssertionResponse, shared);
  return { id: made.id, rawId: text(made.rawId), type: made.type, response: told, clientExtensionResults: {} };
}

function assertion(response: AuthenticatorAssertionResponse, shared: Fields): Json {
  const handle = response.userHandle ? { userHandle: text(response.userHandle) } : {};
  return { ...shared, authenticatorData: text(response.authenticatorData), signature: text(response.signature), ...handle };
}

function bytes(word: unknown): Uint8Array {
  const plain = String(word).replace(/-/g, "+").replace(/_/g, "/");
  return Uint8Array.from(atob(plain), (one) => one.charCodeAt(0));
}

function text(raw: ArrayBuffer): string {
  const plain = btoa(String.fromCharCode(...new Uint8Array(raw)));
  return plain.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

// Last: classes above exist only once their line was passed.
for (const box of document.querySelectorAll<HTMLElement>("[data-passkey]")) arm(box);
