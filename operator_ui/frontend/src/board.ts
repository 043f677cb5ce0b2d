// The board by hand: a mission's card dragged onto a team is what its list and its button do as well.
// The cards are swapped while one looks: everything is listened to on the board that holds them.

const TYPE = "application/x-tocsin-mission";
const board = document.querySelector<HTMLElement>("[data-board]");
if (board && document.getElementById("confier")) {
  board.addEventListener("dragstart", (event) => {
    const card = (event.target as Element).closest<HTMLElement>("[data-mission-card]");
    if (!card || !event.dataTransfer) return;
    event.dataTransfer.setData(TYPE, card.dataset.missionCard ?? "");
    event.dataTransfer.effectAllowed = "move";
  });
  board.addEventListener("dragover", (event) => {
    const team = under(event);
    mark(team);
    if (team) event.preventDefault();
  });
  board.addEventListener("dragleave", () => mark(null));
  board.addEventListener("dragend", () => mark(null));
  board.addEventListener("drop", (event) => {
    const team = under(event)?.dataset.teamCard;
    const mission = event.dataTransfer?.getData(TYPE);
    mark(null);
    if (!team || !mission) return;
    event.preventDefault();
    give(mission, team);
  });
  board.dataset.hand = ""; // from now on cards may be dragged
}

function under(event: DragEvent): HTMLElement | null {
  if (!event.dataTransfer?.types.includes(TYPE)) return null;
  return (event.target as Element).closest<HTMLElement>("[data-team-card]");
}

function mark(team: HTMLElement | null): void {
  for (const one of document.querySelectorAll(".board-team.dropping")) if (one !== team) one.classList.remove("dropping");
  team?.classList.add("dropping");
}

function give(mission: string, team: string): void {
  const list = document.getElementById(`s-${mission}`) as HTMLSelectElement | null;
  const button = document.getElementById(`b-${mission}`) as HTMLButtonElement | null;
  if (!list || !button) return;
  list.value = team;
  button.form?.requestSubmit(button);
}
