// What runs out before people's eyes: the half hour of an approval, the minute of an emergency hold.
// The server says how long is left; only that is counted down here, never a clock that may be wrong.
const HEARD = new Map<string, { left: number; at: number; said: Set<number> }>();

function left(field: HTMLElement): { seconds: number; said: Set<number> } {
  const told = Number(field.dataset.left);
  const key = `${field.id}:${field.dataset.key ?? ""}`;
  let known = HEARD.get(key);
  // Told anew (a part of the page that asked again): what was said aloud is not said twice.
  if (!known || field.dataset.heard !== String(told)) {
    known = { left: told, at: performance.now(), said: known?.said ?? new Set() };
    HEARD.set(key, known);
    field.dataset.heard = String(told);
  }
  return { seconds: Math.max(0, known.left - (performance.now() - known.at) / 1000), said: known.said };
}

function show(field: HTMLElement): void {
  const { seconds, said } = left(field);
  const whole = Math.ceil(seconds);
  const count = field.querySelector<HTMLElement>("[data-count]");
  const words = whole > 0 ? field.dataset.words : field.dataset.over;
  const text = (words ?? "").replace("{m}", String(Math.floor(whole / 60))).replace("{s}", String(whole % 60));
  if (count && count.textContent !== text) count.textContent = text;
  field.classList.toggle("over", whole === 0);
  speak(field, whole, said);
}

// The last threshold that was passed is said, once: a page opened at 40 s says what stands then.
function speak(field: HTMLElement, whole: number, said: Set<number>): void {
  const spoken = (field.dataset.say ?? "").split("|").map((one) => one.split(/:(.*)/s));
  const passed = spoken.filter(([at]) => at && whole <= Number(at) && whole > 0);
  const [at, sentence] = passed[passed.length - 1] ?? [];
  const voice = document.getElementById(field.dataset.voice ?? "annonce");
  if (!at || !sentence || said.has(Number(at)) || !voice) return;
  for (const [one] of passed) said.add(Number(one));
  voice.textContent = sentence;
}

export function countDown(): void {
  for (const field of document.querySelectorAll<HTMLElement>("[data-left]")) show(field);
}

if (document.querySelector("[data-left], [data-hold-watch]")) {
  countDown();
  window.setInterval(countDown, 500);
}
