// The plan's own layers on a map: no tile, no font, no address outside this house.
import { Map, NavigationControl, Popup, ScaleControl, setWorkerUrl } from "maplibre-gl";
import type {
  ExpressionSpecification, GeoJSONSource, LayerSpecification, LngLatBoundsLike, MapGeoJSONFeature,
} from "maplibre-gl";
import { clusters, gather } from "./clusters";
import { drawing } from "./draw";
import { background } from "./ground";
import { drawSigns } from "./signs";

const NOTHING = '{"type":"FeatureCollection","features":[]}';
const MIDDLE = 12;
const NEAR = 13.2;
const TEAMS_MS = 20_000; // where nothing on the page says that a team moved
const QUIET = new Set(["commune", "fond", "trace", "dessin", "proposee", "plan"]); // what a click says nothing of
// Names of signs stand beside them; those of sectors, bold, move a little rather than vanish. No font is
// called « Sans Bold »: the map takes the weight from the word, and the browser its own sans-serif.
const AROUND = { "text-variable-anchor": ["top", "right", "left", "bottom"], "text-radial-offset": 0.9 };
const INSIDE = { "text-font": ["Sans Bold"], "text-variable-anchor": ["center", "bottom", "top", "left", "right"], "text-radial-offset": 0.5, "text-padding": 0 };
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const holder = document.querySelector<HTMLElement>("[data-map]");
if (holder) show(holder);

function ink(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function show(holder: HTMLElement): void {
  const frame = holder.closest<HTMLElement>(".map");
  setWorkerUrl(holder.dataset.worker ?? "");
  const words = JSON.parse(holder.dataset.words ?? "{}") as Record<string, string>;
  const bounds = JSON.parse(holder.dataset.bounds ?? "null") as LngLatBoundsLike | null;
  const map = new Map({
    container: holder,
    style: { version: 8, sources: {}, layers: [{ id: "land", type: "background", paint: { "background-color": ink("map-land") } }] },
    bounds: bounds ?? undefined,
    fitBoundsOptions: { padding: 28 },
    attributionControl: false,
    locale: words,
    cooperativeGestures: true, // a finger that scrolls the page must not move the map
    pitchWithRotate: false,
    dragRotate: false,
    touchPitch: false,
    fadeDuration: 0,
  });
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-right");
  map.on("load", () => {
    drawSigns(map, ink);
    for (const [name, url] of Object.entries(sources(holder))) map.addSource(name, { type: "geojson", data: url });
    map.addSource("proposee", { type: "geojson", data: JSON.parse(holder.dataset.proposed ?? NOTHING) as GeoJSON.GeoJSON });
    for (const layer of layers()) if (!("source" in layer) || map.getSource(layer.source as string)) map.addLayer(layer);
    background(map, holder);
    focus(map, holder);
    follow(map);
    legend(map);
    const bar = document.querySelector<HTMLElement>("[data-zone-draw]");
    if (bar) drawing(map, bar, ink);
    // Set only once everything is on the screen: what waits for the map waits for this.
    map.once("idle", () => frame?.setAttribute("data-drawn", ""));
  });
  map.on("click", (event) => map.getCanvas().classList.contains("zone-drawing") || point(map, map.queryRenderedFeatures(event.point), event.lngLat));
  dark.addEventListener("change", () => {
    drawSigns(map, ink);
    map.setPaintProperty("land", "background-color", ink("map-land"));
    const gathered = ["adresses", "personnes"].filter((name) => map.getSource(name)).flatMap((name) => clusters(name, ink));
    for (const layer of [...layers(), ...gathered]) if (map.getLayer(layer.id)) for (const [key, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, key as never, value as never);
  });
}

function sources(holder: HTMLElement): Record<string, string> {
  return JSON.parse(holder.dataset.layers ?? "{}") as Record<string, string>;
}

function zone(id: string, fill: string, opacity: number | ExpressionSpecification, line: { color: string; width: number; dash?: number[] }): LayerSpecification[] {
  const dash = line.dash ? { "line-dasharray": line.dash } : {};
  return [
    { id: `${id}-fill`, source: id, type: "fill", paint: { "fill-color": fill, "fill-opacity": opacity } },
    { id: `${id}-line`, source: id, type: "line", layout: { "line-join": "round" }, paint: { "line-color": line.color, "line-width": line.width, ...dash } },
  ];
}

function label(id: string, size: number | ExpressionSpecification, more: Record<string, unknown>): LayerSpecification {
  return {
    id: `${id}-label`, source: id, type: "symbol",
    layout: { "text-field": ["get", "nom"], "text-size": size, "text-font": ["sans-serif"], "text-max-width": 9, "text-justify": "auto", ...more },
    paint: { "text-color": ink("ink"), "text-halo-color": ink("map-halo"), "text-halo-width": 1.6 },
  } as LayerSpecification;
}

function signs(id: string): LayerSpecification {
  return { id: `${id}-sign`, source: id, type: "symbol", layout: { "icon-image": id, "icon-allow-overlap": true } };
}

// A place told long ago is grey: nobody may take it for where a team is now.
function teams(): LayerSpecification {
  const image: ExpressionSpecification = ["match", ["get", "etat"], "detresse", "equipes-detresse", "ancienne", "equipes-ancienne", "equipes"];
  return { id: "equipes-sign", source: "equipes", type: "symbol", layout: { "icon-image": image, "icon-allow-overlap": true } };
}

// The less of a sector is covered the darker it is: there the doors to knock at are. Its share is written on it.
function cover(): LayerSpecification[] {
  const opacity: ExpressionSpecification = ["match", ["get", "classe"], "0", 0.7, "1", 0.52, "2", 0.36, "3", 0.2, "4", 0.06, 0];
  const names = label("couverture", ["interpolate", ["linear"], ["zoom"], 11, 12, 13, 15], INSIDE);
  return [
    ...zone("couverture", ink("map-person"), opacity, { color: ink("map-sector"), width: 1.5 }),
    { ...names, filter: ["==", ["geometry-type"], "Point"] } as LayerSpecification,
  ];
}

function layers(): LayerSpecification[] {
  const river: ExpressionSpecification = ["==", ["get", "nature"], "riviere"];
  return [
    ...zone("commune", ink("map-commune"), 1, { color: ink("line-strong"), width: 1.5 }),
    { id: "fond-line", source: "fond", type: "line", layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": ["case", river, ink("map-water"), ink("map-street")], "line-width": ["case", river, 5, 1.6] } },
    ...zone("zones", ink("map-hazard"), 0.16, { color: ink("map-hazard"), width: 1.5, dash: [3, 2] }),
    ...zone("secteurs", ink("map-sector"), 0.05, { color: ink("map-sector"), width: 1.5 }),
    ...cover(),
    ...zone("alerte", ink("danger"), 0.22, { color: ink("danger"), width: 3 }),
    ...zone("dessin", ink("accent"), 0.2, { color: ink("accent"), width: 3 }),
    ...zone("proposee", ink("warn"), 0.3, { color: ink("warn"), width: 4, dash: [2, 1] }),
    // Addresses and homes are put here, under the signs, by clusters.ts; teams come above them all.
    signs("enjeux"), signs("rassemblement"), signs("centres"), signs("missions"), teams(),
    // From far away the names of the sectors matter; the last layer has the first choice of room.
    { ...label("enjeux", 12, AROUND), minzoom: NEAR }, { ...label("rassemblement", 12, AROUND), minzoom: NEAR },
    { ...label("centres", 12, AROUND), minzoom: MIDDLE },
    { ...label("missions", 12, AROUND), minzoom: NEAR }, label("equipes", 13, { ...AROUND, "text-font": ["Sans Bold"] }),
    label("secteurs-noms", ["interpolate", ["linear"], ["zoom"], 11, 12, 13, 15], INSIDE),
  ];
}

// Checkboxes of the legend are plain form fields: the keyboard reaches them like any other.
function legend(map: Map): void {
  for (const box of document.querySelectorAll<HTMLInputElement>("[data-map-layer]")) {
    const apply = (): void => {
      const { mapLayer, mapSource } = box.dataset;
      if (box.checked && mapLayer && mapSource) gather(map, mapLayer, mapSource, ink);
      for (const layer of map.getStyle().layers) {
        if (layer.id.startsWith(`${box.dataset.mapLayer}-`)) map.setLayoutProperty(layer.id, "visibility", box.checked ? "visible" : "none");
      }
    };
    box.addEventListener("change", apply);
    apply();
  }
}

// A page about one zone shows it close; the commune around it is a keystroke away.
function focus(map: Map, holder: HTMLElement): void {
  const box = JSON.parse(holder.dataset.focus ?? "null") as LngLatBoundsLike | null;
  if (box) map.fitBounds(box, { padding: 60, maxZoom: 16, duration: 0 });
}

// The zone of the alert on the screen follows the live figures: a new alert, a new zone.
function follow(map: Map): void {
  const live = document.querySelector("[data-live]");
  if (!live?.querySelector("[data-places]") && map.getSource("equipes")) setInterval(() => map.getSource<GeoJSONSource>("equipes")?.setData("/carte/equipes.geojson"), TEAMS_MS);
  let places = live?.querySelector<HTMLElement>("[data-places]")?.dataset.places ?? "";
  live?.addEventListener("htmx:sse:after:message", () => {
    const url = live.querySelector<HTMLElement>("[data-zone]")?.dataset.zone;
    const source = map.getSource<GeoJSONSource>("alerte");
    if (url && source && source.serialize().data !== url) source.setData(url);
    const mark = live.querySelector<HTMLElement>("[data-places]")?.dataset.places ?? "";
    if (mark === places) return;
    places = mark;
    for (const name of ["equipes", "missions"]) map.getSource<GeoJSONSource>(name)?.setData(`/carte/${name}.geojson`);
  });
}

function point(map: Map, found: MapGeoJSONFeature[], place: { lng: number; lat: number }): void {
  const feature = found.find((one) => one.properties["nom"] && !QUIET.has(one.source));
  if (!feature) return;
  const box = document.createElement("div");
  const name = document.createElement("strong");
  name.textContent = String(feature.properties["nom"]);
  const rest = document.createElement("span");
  rest.textContent = String(feature.properties["detail"] ?? "");
  box.append(name, rest);
  new Popup({ maxWidth: "280px", focusAfterOpen: false }).setLngLat(place).setDOMContent(box).addTo(map);
}
