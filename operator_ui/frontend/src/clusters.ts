// Addresses and homes by the hundred thousand: fetched and gathered in the map's worker, so that the page never waits.
import type { ExpressionSpecification, LayerSpecification, Map } from "maplibre-gl";

const NEAR = 15; // from this zoom on each point stands for itself
type Ink = (name: string) => string;

// Asked for only when somebody wants to see it: a box of the legend that names its own source.
export function gather(map: Map, name: string, url: string, ink: Ink): void {
  if (map.getSource(name)) return;
  map.addSource(name, { type: "geojson", data: url, cluster: true, clusterMaxZoom: NEAR, clusterRadius: 48, buffer: 0, tolerance: 0 });
  const below = map.getLayer("enjeux-sign") ? "enjeux-sign" : undefined;
  for (const layer of clusters(name, ink)) map.addLayer(layer, below);
}

export function clusters(name: string, ink: Ink): LayerSpecification[] {
  const colour = ink(name === "personnes" ? "map-person" : "map-address");
  const many: ExpressionSpecification = ["has", "point_count"];
  return [
    { id: `${name}-many`, source: name, type: "circle", filter: many, paint: { "circle-color": colour, "circle-opacity": 0.85, "circle-stroke-color": ink("map-halo"), "circle-stroke-width": 1.5, "circle-radius": ["step", ["get", "point_count"], 12, 50, 15, 500, 19, 5000, 24] } },
    { id: `${name}-count`, source: name, type: "symbol", filter: many, layout: { "text-field": ["get", "point_count_abbreviated"], "text-size": 12, "text-font": ["Sans Bold"], "text-allow-overlap": true }, paint: { "text-color": ink("map-halo") } },
    { id: `${name}-one`, source: name, type: "circle", filter: ["!", many], paint: { "circle-color": colour, "circle-radius": ["interpolate", ["linear"], ["zoom"], 13, 2, 17, 5], "circle-stroke-color": ink("map-halo"), "circle-stroke-width": 1 } },
  ] as LayerSpecification[];
}
