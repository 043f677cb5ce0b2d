// Shapes of a drawing as GeoJSON, and how far apart its points lie; the server measures again.
import type { Feature, FeatureCollection, Geometry, Position } from "geojson";

export type Spot = [number, number];
export type Tool = "polygon" | "circle" | "line";
const EARTH_M = 6_371_008.8;

export function across(one: Spot, other: Spot): number {
  const rad = Math.PI / 180;
  const up = Math.sin(((other[1] - one[1]) * rad) / 2);
  const aside = Math.sin(((other[0] - one[0]) * rad) / 2);
  const part = up * up + Math.cos(one[1] * rad) * Math.cos(other[1] * rad) * aside * aside;
  return 2 * EARTH_M * Math.asin(Math.sqrt(part));
}

// What is sent: a closed polygon, or the line that a corridor follows.
export function measure(tool: Tool, spots: Spot[]): Geometry {
  if (tool === "line") return { type: "LineString", coordinates: spots };
  return { type: "Polygon", coordinates: [[...spots, spots[0] as Spot]] };
}

// What the map draws while the hand is at it: the shape so far, and its points to take hold of.
export function shapeOf(tool: Tool, spots: Spot[], wide = 0): FeatureCollection {
  const shapes: Geometry[] = spots.map((spot) => ({ type: "Point", coordinates: spot }));
  const [first, second] = spots;
  if (tool === "circle" && first && second) shapes.push({ type: "Polygon", coordinates: [ring(first, across(first, second))] });
  else if (tool === "polygon" && spots.length > 2) shapes.push(measure("polygon", spots));
  else if (tool !== "circle" && spots.length > 1) {
    if (tool === "line" && wide > 0) for (const spot of spots) shapes.push({ type: "Polygon", coordinates: [ring(spot, wide / 2)] });
    shapes.push({ type: "LineString", coordinates: spots });
  }
  return { type: "FeatureCollection", features: shapes.map((geometry): Feature => ({ type: "Feature", properties: {}, geometry })) };
}

function ring(centre: Spot, radius: number): Position[] {
  const up = (radius / EARTH_M) * (180 / Math.PI);
  const aside = up / Math.cos((centre[1] * Math.PI) / 180);
  return Array.from({ length: 49 }, (_, at) => {
    const turn = (at / 48) * 2 * Math.PI;
    return [centre[0] + aside * Math.cos(turn), centre[1] + up * Math.sin(turn)];
  });
}
