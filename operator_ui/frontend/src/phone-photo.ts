// A photo drawn anew on the phone: smaller, and without what the camera wrote in it.

const LONGEST_SIDE = 1_600;
const MOST_BYTES = 1_400_000;

// Raises `noPhoto` for a file that this browser cannot draw.
export async function smaller(file: File): Promise<Blob> {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    for (const quality of [0.82, 0.6, 0.4]) {
      const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
      if (made && made.size <= MOST_BYTES) return made;
    }
  } catch {
    // told below
  }
  throw new Error("noPhoto");
}
