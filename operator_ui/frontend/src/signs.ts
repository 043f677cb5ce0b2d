// Signs of the map, told apart by shape before colour: triangle at stake, square centre, disc assembly.
import type { Map } from "maplibre-gl";

const SIZE = 20;
const RATIO = 2;

type Ink = (name: string) => string;

export function drawSigns(map: Map, ink: Ink): void {
  put(map, "enjeux", ink("map-asset"), ink("map-halo"), (pen) => {
    pen.moveTo(SIZE / 2, 2);
    pen.lineTo(SIZE - 2, SIZE - 3);
    pen.lineTo(2, SIZE - 3);
    pen.closePath();
  });
  put(map, "centres", ink("map-centre"), ink("map-halo"), (pen) => pen.rect(3, 3, SIZE - 6, SIZE - 6));
  for (const [name, colour] of [["equipes", "ok"], ["equipes-ancienne", "line-strong"], ["equipes-detresse", "danger"]] as const) {
    put(map, name, ink(colour), ink("map-halo"), (pen) => {
      pen.moveTo(SIZE / 2, SIZE - 1);
      pen.lineTo(3, 8);
      pen.arc(SIZE / 2, 8, SIZE / 2 - 3, Math.PI, 0);
      pen.closePath();
    });
  }
  put(map, "missions", ink("exercise"), ink("map-halo"), (pen) => {
    pen.moveTo(SIZE / 2, 2);
    pen.lineTo(SIZE - 2, SIZE / 2);
    pen.lineTo(SIZE / 2, SIZE - 2);
    pen.lineTo(2, SIZE / 2);
    pen.closePath();
  });
  put(map, "rassemblement", ink("map-meeting"), ink("map-halo"), (pen) => pen.arc(SIZE / 2, SIZE / 2, SIZE / 2 - 3, 0, Math.PI * 2));
}

function put(map: Map, name: string, fill: string, halo: string, shape: (pen: CanvasRenderingContext2D) => void): void {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE * RATIO;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(RATIO, RATIO);
  pen.beginPath();
  shape(pen);
  pen.fillStyle = fill;
  pen.strokeStyle = halo;
  pen.lineWidth = 2;
  pen.fill();
  pen.stroke();
  const image = pen.getImageData(0, 0, canvas.width, canvas.height);
  if (map.hasImage(name)) map.updateImage(name, image);
  else map.addImage(name, image, { pixelRatio: RATIO });
}
