// Builds ../static/widget.js and fails when it weighs more than a clinic's website should carry.
// --check builds to memory and fails when the committed file is another.
import { readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const TARGET = new URL("../static/widget.js", import.meta.url);
const OURS_AT_MOST = 30 * 1024;
const WHOLE_AT_MOST = 45 * 1024;

/** Sizes in rem by the property --rem; in media queries rem is the reader's own size already. */
function withOwnRem(css) {
  const line = (text) => text.replace(/(?<![\w.])(-?[\d.]+)rem\b/g, "calc($1 * var(--rem))");
  return css
    .split("\n")
    .map((text) => (text.startsWith("@media") ? text : line(text)))
    .join("\n");
}

const options = {
  entryPoints: ["src/main.ts"],
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  charset: "utf8",
  loader: { ".css": "text" },
  legalComments: "none",
  banner: {
    js: "/* Backline chat widget, Apache-2.0. Contains socket.io-client, (c) Guillermo Rauch, MIT. */",
  },
  absWorkingDir: new URL(".", import.meta.url).pathname,
  plugins: [
    {
      // The style sheet goes into the script as a text, with rem as the widget means it.
      name: "style-sheet",
      setup(bundler) {
        bundler.onLoad({ filter: /\.css$/ }, async ({ path }) => {
          const text = withOwnRem(await readFile(path, "utf8"));
          const small = await transform(text, { loader: "css", minify: true, charset: "utf8" });
          return { contents: small.code.trim(), loader: "text" };
        });
      },
    },
  ],
  write: false,
};

const whole = (await build(options)).outputFiles[0].contents;
const ours = (await build({ ...options, external: ["socket.io-client"], format: "esm" })).outputFiles[0].contents;
const weight = { whole: gzipSync(whole, { level: 9 }).length, ours: gzipSync(ours, { level: 9 }).length };
console.log(`widget.js: ${weight.whole} bytes compressed, ${weight.ours} of them without Socket.IO's client`);
if (weight.ours > OURS_AT_MOST || weight.whole > WHOLE_AT_MOST) {
  console.error(`error: at most ${WHOLE_AT_MOST} and ${OURS_AT_MOST} are allowed`);
  process.exit(1);
}
if (process.argv.includes("--check")) {
  const committed = await readFile(TARGET).catch(() => Buffer.alloc(0));
  if (!committed.equals(Buffer.from(whole))) {
    console.error("error: backline/web/static/widget.js is not what its source makes; run `make widget` and commit it");
    process.exit(1);
  }
} else {
  await writeFile(TARGET, whole);
}
