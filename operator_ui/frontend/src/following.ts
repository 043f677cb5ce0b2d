// While an alert is followed: a sound when a call for help has nobody, and a summary on a key.

const bar = document.querySelector<HTMLElement>("[data-following]");
if (bar) {
  bar.hidden = false;
  sound(bar);
  summary(bar);
}

// A browser lets a page sound only after somebody has pressed something on it: the button says so.
function sound(bar: HTMLElement): void {
  const button = bar.querySelector<HTMLButtonElement>("[data-sound]");
  const state = bar.querySelector<HTMLElement>("[data-sound-state]");
  const EVERY_MS = 6_000;
  const PATIENCE_MS = 2_000;
  let speaker: AudioContext | undefined;
  if (!button || !state) return;

  const tell = (): void => {
    const on = speaker?.state === "running";
    button.setAttribute("aria-pressed", String(on));
    button.textContent = (on ? state.dataset.stop : state.dataset.start) ?? "";
    state.textContent = (on ? state.dataset.on : state.dataset.off) ?? "";
    bar.classList.toggle("on", on);
  };
  const late = (): number =>
    Number(document.querySelector<HTMLElement>("[data-help-late]")?.dataset.helpLate ?? 0);
  const ring = (): void => {
    if (!speaker || speaker.state !== "running" || late() === 0) return;
    document.documentElement.dataset.rang = String(Number(document.documentElement.dataset.rang ?? 0) + 1);
    for (const [at, pitch] of [[0, 880], [0.25, 660], [0.5, 880]] as const) note(speaker, at, pitch);
  };

  button.addEventListener("click", () => {
    const wanted = button.getAttribute("aria-pressed") !== "true";
    speaker ??= new AudioContext();
    speaker.onstatechange = tell;
    void (wanted ? speaker.resume() : speaker.suspend()).then(() => {
      tell();
      if (wanted && speaker) note(speaker, 0, 660);
      ring();
    });
    // A computer without a loudspeaker never answers: nobody may believe that it will ring.
    if (wanted) {
      window.setTimeout(() => {
        if (speaker?.state !== "running") state.textContent = state.dataset.never ?? "";
      }, PATIENCE_MS);
    }
  });
  window.setInterval(ring, EVERY_MS);
  tell();
}

function note(speaker: AudioContext, after: number, pitch: number): void {
  const tone = speaker.createOscillator();
  const level = speaker.createGain();
  const start = speaker.currentTime + after;
  tone.frequency.value = pitch;
  level.gain.setValueAtTime(0.0001, start);
  level.gain.exponentialRampToValueAtTime(0.4, start + 0.02);
  level.gain.exponentialRampToValueAtTime(0.0001, start + 0.22);
  tone.connect(level).connect(speaker.destination);
  tone.start(start);
  tone.stop(start + 0.24);
}

// Figures that change every second are no live region: who wants them asks, at most every 30 s.
function summary(bar: HTMLElement): void {
  const button = bar.querySelector<HTMLButtonElement>("[data-summary]");
  const said = bar.querySelector<HTMLElement>("[data-summary-said]");
  const REST_MS = 30_000;
  let at = Number.NEGATIVE_INFINITY;
  if (!button || !said) return;

  const say = (): void => {
    const rested = performance.now() - at >= REST_MS;
    const text = document.querySelector<HTMLElement>("[data-summary-text]")?.textContent?.trim();
    if (rested) at = performance.now();
    said.textContent = (rested ? text : button.dataset.wait) ?? "";
  };
  button.addEventListener("click", say);
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.code !== "KeyR") return;
    event.preventDefault();
    say();
  });
}
