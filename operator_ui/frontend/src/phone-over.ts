// The page of a link that opens nothing any more: what this phone still holds is sent where the link
// has ended, and told; of a link that was cut, it is erased.
import { flush, forgetAll, value, waiting } from "./phone-queue";

const said = document.querySelector<HTMLElement>("[data-left]");
const page = said?.dataset.page ?? location.pathname;

async function left(): Promise<number> {
  if (said?.dataset.left === "revoked") return await forgetAll(page);
  return (await waiting(page)).filter((one) => value(one, "act") !== "track").length;
}

async function tell(): Promise<void> {
  const many = await left();
  if (!said) return;
  const words = said.dataset.left === "revoked" ? said.dataset.revoked : said.dataset.ended;
  if (many) said.textContent = (words ?? "").replace("{n}", String(many));
  said.hidden = !many;
}

async function go(): Promise<void> {
  await tell();
  if (said?.dataset.left === "revoked") return;
  const files = [...document.querySelectorAll<HTMLScriptElement | HTMLLinkElement>("script[src], link[href]")]
    .map((each) => new URL("src" in each ? each.src : each.href).pathname);
  (await navigator.serviceWorker?.getRegistration("/t/"))?.active?.postMessage({ page, keep: files });
  await flush(page);
  await tell();
}

if (window.isSecureContext && "locks" in navigator) {
  window.addEventListener("online", () => void go());
  void go();
}
