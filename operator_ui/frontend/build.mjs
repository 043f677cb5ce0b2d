// Bundles the pages' scripts and styles into operator_ui/static, every name with its content's hash.
import { createHash } from "node:crypto";
import { readFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "static");
const fresh = `${target}.new`;

// Browsers of a town hall that is five years behind still read this.
const shared = {
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome111", "firefox114", "safari16.4"],
  outdir: fresh,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  metafile: true,
  legalComments: "eof",
  logLevel: "warning",
  absWorkingDir: here,
};

await rm(fresh, { recursive: true, force: true });
await mkdir(fresh, { recursive: true });

const built = await Promise.all([
  build({ ...shared, entryPoints: ["src/console.ts", "src/map.ts", "src/passkeys.ts", "src/listening.ts", "src/following.ts", "src/phone.ts", "src/phone-over.ts", "src/phone-worker.ts", "src/board.ts", "src/signup.ts"] }),
  build({ ...shared, entryPoints: { "map-worker": "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs" } }),
  build({ ...shared, entryPoints: ["src/console.css", "src/map.css", "src/phone.css"] }),
]);

// Logical name -> file: `console.js` -> `console-3XK2….js`. Templates only know the first.
const names = {};
for (const { metafile } of built) {
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (!output.entryPoint) continue;
    const file = basename(path);
    names[file.replace(/-[0-9A-Z]{8}(\.\w+)$/, "$1")] = file;
  }
}
for (const file of await readdir(join(here, "src", "images"))) {
  const content = await readFile(join(here, "src", "images", file));
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 8);
  const end = extname(file);
  names[file] = `${basename(file, end)}-${hash}${end}`;
  await writeFile(join(fresh, names[file]), content);
}
await writeFile(join(fresh, "names.json"), JSON.stringify(names, null, 1));

// Swapped in whole: a page never finds half of a build.
await rm(target, { recursive: true, force: true });
await rename(fresh, target);
