// Drawing a zone on the map, by hand or by keyboard alone: a polygon, a circle, a corridor along a line.
// What is drawn is sent by the very forms that work without script; the server shows it before it is kept.
import { Marker } from "maplibre-gl";
import type { GeoJSONSource, LngLat, Map, MapMouseEvent, MapTouchEvent } from "maplibre-gl";
import { across, measure, shapeOf } from "./measure";
import type { Spot, Tool } from "./measure";

const STEP = 12; // pixels an arrow moves the cross-hair; with Shift five times as far, with Alt one pixel
const CATCH = 14; // pixels from a point within which it is meant
const EDGE = 40; // pixels from the map's edge where the map follows
const REST_MS = 700; // after which the place under the cross-hair is said
const ARROWS: Record<string, Spot> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
type Ink = (name: string) => string;

export function drawing(map: Map, bar: HTMLElement, ink: Ink): void {
  const words = JSON.parse(bar.dataset.words ?? "{}") as Record<string, string>;
  const speak = speaker();
  let resting = 0;
  const say = (text: string): void => {
    window.clearTimeout(resting); // what just happened is said before where the cross-hair is
    speak(text);
  };
  let tool: Tool | null = null;
  let spots: Spot[] = [];
  let held = -1; // the point that is being moved
  let replaces = false;
  const hair = new Marker({ element: cross(), anchor: "center" });

  map.addSource("trace", { type: "geojson", data: shapeOf("line", []) });
  map.addLayer({ id: "trace-fill", source: "trace", type: "fill", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": ink("accent"), "fill-opacity": 0.2 } });
  map.addLayer({ id: "trace-line", source: "trace", type: "line", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": ink("accent"), "line-width": 3 } });
  map.addLayer({ id: "trace-spot", source: "trace", type: "circle", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": ink("map-halo"), "circle-radius": 7, "circle-stroke-color": ink("accent"), "circle-stroke-width": 3 } });
  bar.hidden = false;

  const told = (key: string, values: Record<string, string | number> = {}): string =>
    (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  const width = (): number => Number((bar.querySelector<HTMLInputElement>("[data-draw-width]")?.value ?? "").replace(",", "."));
  const paint = (): void => {
    (map.getSource<GeoJSONSource>("trace"))?.setData(shapeOf(tool ?? "line", spots, width()));
    holderOf(map).dataset.spots = String(spots.length);
  };
  const canvas = map.getCanvas();

  function begin(wanted: Tool, from: Spot[] = []): void {
    leave();
    tool = wanted;
    spots = from;
    replaces = from.length > 0;
    hair.setLngLat(map.getCenter()).addTo(map);
    map.keyboard.disable();
    map.doubleClickZoom.disable();
    canvas.classList.add("zone-drawing");
    show();
    paint();
    canvas.focus();
    say(`${told(wanted)} ${told("keys")}`);
    holderOf(map).scrollIntoView({ block: "nearest" }); // all of it in sight, once what is said has its room
  }

  function leave(): void {
    if (!tool) return;
    tool = null;
    spots = [];
    held = -1;
    hair.remove();
    map.keyboard.enable();
    map.doubleClickZoom.enable();
    canvas.classList.remove("zone-drawing");
    show();
    paint();
  }

  function show(): void {
    for (const button of bar.querySelectorAll<HTMLButtonElement>("[aria-pressed]")) button.setAttribute("aria-pressed", String(button.dataset.draw === tool));
    const acts = bar.querySelector<HTMLElement>(".zone-draw-acts");
    const wide = bar.querySelector<HTMLElement>(".zone-width");
    if (acts) acts.hidden = tool === null;
    if (wide) wide.hidden = tool !== "line";
  }

  function put(spot: Spot): void {
    const last = spots[spots.length - 1];
    if (last && near(last, spot)) return void finish(); // the same place twice: that was all
    if (tool === "polygon" && spots.length > 2 && spots[0] && near(spots[0], spot)) return void finish();
    spots = tool === "circle" ? [...spots.slice(0, 1), spot] : [...spots, spot];
    paint();
    say(last ? told("next", { n: spots.length, m: Math.round(across(last, spot)) }) : told("first"));
  }

  function back(): void {
    if (!spots.length) return;
    spots = spots.slice(0, -1);
    held = -1;
    paint();
    say(told("removed", { n: spots.length }));
  }

  function finish(): void {
    const least = tool === "polygon" ? 3 : 2;
    if (spots.length < least) return say(told("few", { n: least }));
    const wide = width();
    if (tool === "line" && !(wide >= 10)) return say(told("width"));
    send(tool as Tool, spots, { wide, op: replaces ? "replace" : bar.querySelector<HTMLSelectElement>("[data-draw-op]")?.value ?? "replace" });
  }

  const near = (one: Spot, other: Spot): boolean => {
    const a = map.project(one), b = map.project(other);
    return Math.hypot(a.x - b.x, a.y - b.y) <= CATCH;
  };
  const caught = (spot: Spot): number => spots.findIndex((one) => near(one, spot));
  const here = (): Spot => spotOf(hair.getLngLat());

  function shift(key: string, event: KeyboardEvent): void {
    const [x, y] = ARROWS[key] as Spot;
    const far = event.altKey ? 1 : event.shiftKey ? STEP * 5 : STEP;
    const at = map.project(hair.getLngLat());
    const next = { x: at.x + x * far, y: at.y + y * far };
    const { clientWidth, clientHeight } = canvas;
    if (next.x < EDGE || next.y < EDGE || next.x > clientWidth - EDGE || next.y > clientHeight - EDGE) {
      map.panBy([x * far, y * far], { duration: 0 });
      next.x -= x * far;
      next.y -= y * far;
    }
    hair.setLngLat(map.unproject([next.x, next.y]));
    if (held >= 0) { spots[held] = here(); paint(); }
    window.clearTimeout(resting);
    resting = window.setTimeout(() => say(place()), REST_MS);
  }

  // What lies under the cross-hair, in the names that the plan gives.
  function place(): string {
    const names = map.queryRenderedFeatures(map.project(hair.getLngLat())).map((one) => String(one.properties["nom"] ?? "")).filter((name) => name);
    const last = spots[spots.length - 1];
    const far = last ? told("far", { m: Math.round(across(last, here())) }) : "";
    return [[...new Set(names)].slice(0, 3).join(", ") || told("nowhere"), far].filter((part) => part).join(". ");
  }

  const zoom = (by: number): void => void map.easeTo({ zoom: map.getZoom() + by, around: hair.getLngLat(), duration: 0 });

  function grip(): void {
    if (held >= 0) { held = -1; return say(told("dropped")); }
    held = caught(here());
    say(held >= 0 ? told("held", { n: held + 1 }) : told("nothing"));
  }

  function jump(): void {
    if (!spots.length) return;
    const at = (caught(here()) + 1) % spots.length;
    hair.setLngLat(spots[at] as Spot);
    say(told("at", { n: at + 1, all: spots.length }));
  }

  const keys: Record<string, () => void> = {
    Enter: () => (held >= 0 ? grip() : put(here())), Backspace: back, Delete: back, " ": grip, n: jump, N: jump,
    "+": () => zoom(1), "-": () => zoom(-1),
    Escape: () => { leave(); say(told("left")); },
  };
  canvas.addEventListener("keydown", (event) => {
    if (!tool || event.ctrlKey || event.metaKey) return;
    const act = event.key in ARROWS ? () => shift(event.key, event) : keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });

  map.on("click", (event) => { if (tool && held < 0) { hair.setLngLat(event.lngLat); put(spotOf(event.lngLat)); } });
  const grab = (event: MapMouseEvent | MapTouchEvent): void => {
    if (!tool) return;
    const at = caught(spotOf(event.lngLat));
    if (at < 0) return;
    event.preventDefault(); // the point moves, not the map
    let moved = false;
    const drag = (to: MapMouseEvent | MapTouchEvent): void => { moved = true; held = at; spots[at] = spotOf(to.lngLat); hair.setLngLat(to.lngLat); paint(); };
    const drop = (): void => { map.off("mousemove", drag); map.off("touchmove", drag); window.setTimeout(() => (held = -1)); if (moved) say(told("dropped")); };
    map.on("mousemove", drag);
    map.on("touchmove", drag);
    map.once("mouseup", drop);
    map.once("touchend", drop);
  };
  map.on("mousedown", grab);
  map.on("touchstart", grab);

  bar.addEventListener("click", (event) => {
    const wanted = (event.target as HTMLElement).closest<HTMLButtonElement>("[data-draw]")?.dataset.draw;
    if (wanted === "back") back();
    else if (wanted === "leave") { leave(); say(told("left")); }
    else if (wanted === "done") finish();
    else if (wanted === "edit") begin("polygon", JSON.parse(bar.dataset.editable ?? "[]") as Spot[]);
    else if (wanted) begin(wanted as Tool);
  });
  bar.addEventListener("input", paint);
}

function spotOf(place: LngLat): Spot {
  return [Number(place.lng.toFixed(6)), Number(place.lat.toFixed(6))];
}

function holderOf(map: Map): HTMLElement {
  return map.getContainer();
}

function cross(): HTMLElement {
  const element = document.createElement("div");
  element.className = "zone-cross";
  element.setAttribute("aria-hidden", "true");
  return element;
}

// A polite live region: said when the voice is free, and shown under the tools.
function speaker(): (text: string) => void {
  const region = document.querySelector<HTMLElement>("[data-zone-told]");
  return (text) => {
    if (!region) return;
    region.hidden = false;
    region.textContent = text;
  };
}

function send(tool: Tool, spots: Spot[], { wide, op }: { wide: number; op: string }): void {
  const form = document.querySelector<HTMLFormElement>(tool === "circle" ? "[data-zone-circle]" : "[data-zone-drawing]");
  if (!form) return;
  const fill = (name: string, value: string): void => {
    const field = form.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[name="${name}"]:not([type="radio"])`);
    if (field) field.value = value;
  };
  const radio = form.querySelector<HTMLInputElement>(`[name="op"][value="${op}"]`);
  if (radio) radio.checked = true;
  const [first, second] = spots;
  if (tool === "circle" && first && second) {
    fill("lon", String(first[0]));
    fill("lat", String(first[1]));
    fill("metres", String(Math.max(5, Math.round(across(first, second)))));
  } else {
    fill("drawing", JSON.stringify(measure(tool, spots)));
    fill("metres", tool === "line" ? String(wide) : "");
  }
  form.requestSubmit();
}
