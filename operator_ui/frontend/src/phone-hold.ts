// Distress: held for a second and a half; a short press, or a screen reader's, asks once more.

const HOLD_MS = 1_500;

export function hold(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>("[data-hold]");
  const asks = form.querySelector<HTMLDetailsElement>("details");
  const cancel = form.querySelector<HTMLButtonElement>("[data-cancel]");
  if (!button || !asks || !cancel) return;
  const says = button.textContent;
  let timer = 0;
  let done = false;
  let key = ""; // that is down on it: one let go here may have been pressed elsewhere

  const ask = (asked: boolean): void => {
    asks.hidden = !asked;
    asks.open = asked;
    button.hidden = asked;
    asks.querySelector("summary")!.hidden = true;
    (asked ? asks.querySelector<HTMLElement>("button") : button)?.focus();
  };
  const rest = (): void => {
    window.clearTimeout(timer);
    timer = 0;
    button.classList.remove("holding");
    button.textContent = says;
  };
  const begin = (): void => {
    if (timer) return;
    done = false;
    button.classList.add("holding");
    button.textContent = button.dataset.holding ?? says;
    timer = window.setTimeout(() => {
      done = true;
      rest();
      navigator.vibrate?.(400);
      form.requestSubmit();
    }, HOLD_MS);
  };

  button.addEventListener("pointerdown", begin);
  for (const end of ["pointerup", "pointercancel", "pointerleave", "blur"]) button.addEventListener(end, rest);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    key = event.key;
    begin();
  });
  button.addEventListener("keyup", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    rest();
    if (key === event.key && !done) ask(true);
    key = "";
  });
  button.addEventListener("click", () => {
    if (!done) ask(true);
    done = false;
  });
  cancel.addEventListener("click", () => ask(false));
  form.addEventListener("submit", () => ask(false));
  cancel.hidden = false;
  asks.hidden = true;
  asks.querySelector("summary")!.hidden = true;
  button.hidden = false;
}
