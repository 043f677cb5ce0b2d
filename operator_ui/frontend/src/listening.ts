// The call as it will be heard: only where this browser has a voice for the language, else no button.

const speaker = "speechSynthesis" in window ? window.speechSynthesis : null;
let speaking: HTMLButtonElement | null = null;

function voiceOf(language: string): SpeechSynthesisVoice | undefined {
  const wanted = language.toLowerCase().slice(0, 2);
  return speaker?.getVoices().find((one) => one.lang.toLowerCase().startsWith(wanted));
}

// Parts of the page are replaced while somebody types: what is new gets its button too.
function offer(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-listen]")) {
    button.hidden = !voiceOf(button.dataset["language"] ?? "");
  }
}

function rest(): void {
  if (speaking) speaking.textContent = speaking.dataset["start"] ?? speaking.textContent;
  speaking = null;
}

function listen(button: HTMLButtonElement): void {
  const again = speaking === button;
  speaker?.cancel();
  rest();
  if (again) return;
  const language = button.dataset["language"] ?? "";
  const said = new SpeechSynthesisUtterance(button.dataset["listen"] ?? "");
  said.voice = voiceOf(language) ?? null;
  said.lang = said.voice?.lang ?? language;
  said.addEventListener("end", rest);
  said.addEventListener("error", rest);
  button.dataset["start"] = button.textContent ?? "";
  button.textContent = button.dataset["stop"] ?? "";
  speaking = button;
  speaker?.speak(said);
}

if (speaker) {
  document.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>("[data-listen]");
    if (button) listen(button);
  });
  speaker.addEventListener("voiceschanged", offer);
  document.addEventListener("htmx:after:swap", offer);
  window.addEventListener("pagehide", () => speaker.cancel());
  offer();
}
