// Proposes addresses as they are typed. Without it the form does the same when it is sent.

const PAUSE_MS = 180;

for (const box of document.querySelectorAll<HTMLElement>("[data-places]")) {
  const typed = box.querySelector<HTMLInputElement>("input[name=typed]");
  const proposed = box.querySelector<HTMLElement>("[data-proposed]");
  if (typed && proposed) propose(typed, proposed, box.dataset.places ?? "");
}

function propose(typed: HTMLInputElement, proposed: HTMLElement, address: string): void {
  let waits = 0;
  let asked = 0;

  async function ask(): Promise<void> {
    const mine = ++asked;
    const words = typed.value.trim();
    const body = new URLSearchParams({ typed: words }); // in no address that is written down
    const answer = await fetch(address, { method: "POST", body }).catch(() => null);
    if (mine !== asked || !answer?.ok) return; // an older answer, or none: the form still works
    proposed.innerHTML = await answer.text(); // our own page, escaped there
  }

  typed.addEventListener("input", () => {
    window.clearTimeout(waits);
    waits = window.setTimeout(() => void ask(), PAUSE_MS);
  });
  // What was chosen is written into the field, so that it is read once more before it is sent.
  proposed.addEventListener("change", (event) => {
    const chosen = event.target as HTMLInputElement;
    if (chosen.value !== "other") typed.value = chosen.closest("label")?.textContent?.trim() ?? typed.value;
  });
}
