// What lies under our own layers where an installation chose it: tiles of our own server, never of a third party.
import { addProtocol } from "maplibre-gl";
import type { LayerSpecification, Map } from "maplibre-gl";
import { PMTiles, Protocol } from "pmtiles";

const WATER = /water|eau|hydro|ocean|river/i;
const ROADS = /road|route|transport|street|voie|rue/i;
const BUILT = /build|bati/i;

interface Tiles { raster?: string; pmtiles?: string; maxzoom: number } // whom to thank stands on the page

export function background(map: Map, holder: HTMLElement): void {
  const tiles = JSON.parse(holder.dataset.tiles ?? "null") as Tiles | null;
  if (!tiles) return;
  const { maxzoom } = tiles;
  const origin = window.location.origin;
  if (tiles.raster) {
    map.addSource("plan", { type: "raster", tiles: [origin + tiles.raster], tileSize: 256, maxzoom });
    raster(map);
  } else if (tiles.pmtiles) void archive(map, origin + tiles.pmtiles);
}

function raster(map: Map): void {
  map.addLayer({ id: "plan-raster", source: "plan", type: "raster", paint: { "raster-fade-duration": 0 } }, "commune-fill");
  see(map);
}

// The commune's own ground would hide what lies under it.
function see(map: Map): void {
  map.setLayoutProperty("commune-fill", "visibility", "none");
}

// A PMTiles archive holds pictures or vectors; the vectors of any schema are drawn quietly, by their layers' names.
async function archive(map: Map, url: string): Promise<void> {
  const file = new PMTiles(url);
  const protocol = new Protocol();
  protocol.add(file);
  addProtocol("pmtiles", protocol.tile);
  const { tileType, maxZoom } = await file.getHeader();
  if (tileType !== 1) {
    map.addSource("plan", { type: "raster", url: `pmtiles://${url}`, tileSize: 256, maxzoom: maxZoom });
    return raster(map);
  }
  const { vector_layers: named } = (await file.getMetadata()) as { vector_layers?: { id: string }[] };
  map.addSource("plan", { type: "vector", url: `pmtiles://${url}` });
  for (const { id } of named ?? []) for (const layer of quiet(id)) map.addLayer(layer, "commune-line");
  see(map);
}

function quiet(id: string): LayerSpecification[] {
  const ink = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const colour = ink(WATER.test(id) ? "map-water" : ROADS.test(id) ? "map-street" : "line");
  const filled = WATER.test(id) || BUILT.test(id);
  const shared = { source: "plan", "source-layer": id };
  return [
    ...(filled ? [{ id: `plan-${id}-fill`, ...shared, type: "fill", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colour, "fill-opacity": 0.5 } }] : []),
    { id: `plan-${id}-line`, ...shared, type: "line", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": colour, "line-width": ROADS.test(id) ? 1.5 : 0.7 } },
  ] as LayerSpecification[];
}
