// npm run build: puts what the program's entries load into a few files, for a quick start: finding and linking hundreds
// of small modules takes longer than most commands work. An entry stays where it is, what several share goes to
// dist/chunks.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const DIST = fileURLToPath(new URL('..', import.meta.url));
const CHUNKS = `${DIST}chunks`;

const ENTRIES = [
  'cli/main',
  'tui/main',
  'engine/pool/worker',
  'engine/choice/apart-process',
  'engine/choice/apart-blas',
  'ledger/integrity-process',
];

/** Packages with native code, those that find files of their own, and those that are not always there. */
const OUTSIDE = ['better-sqlite3', 'jsonc-parser', 'koffi', 'node-fetch', 'react-devtools-core', 'tinypool'];

/** Every module of ours finds files from where it lay, wherever its code goes. */
const places: Plugin = {
  name: 'places',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      if (!path.startsWith(DIST)) return undefined;
      const place = `new URL('./${relative(DIST, path)}', $dist).href`;
      return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', place) };
    });
  },
};

/** What modules in CommonJS expect to have, and the place of all the rest. */
const PREAMBLE = [
  "import { createRequire as requireFrom } from 'node:module';",
  'const require = requireFrom(import.meta.url), $directory = import.meta.dirname;',
  "const $dist = import.meta.url.slice(0, import.meta.url.lastIndexOf('/dist/') + 6);",
].join('\n');

/** What pages of reports hold lies beside the module that puts it in. */
cpSync(`${DIST}../src/report/html/assets`, `${DIST}report/html/assets`, {
  recursive: true,
  filter: (path) => !path.endsWith('.json'),
});

rmSync(CHUNKS, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: DIST,
  entryPoints: ENTRIES.map((entry) => `${entry}.js`),
  outdir: DIST,
  outbase: DIST,
  chunkNames: 'chunks/[name]-[hash]',
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  mainFields: ['module', 'main'], // modules from which what is not used can be left out
  external: OUTSIDE,
  plugins: [places],
  define: { 'process.env.NODE_ENV': '"production"', __dirname: '$directory' },
  banner: { js: PREAMBLE },
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 120, // names and lines of a stack trace still say something
  metafile: true,
  logLevel: 'warning',
});
const contents = Object.entries(metafile.outputs).map(([name, { inputs }]) => [name, Object.keys(inputs)]);
writeFileSync(`${CHUNKS}/contents.json`, JSON.stringify(Object.fromEntries(contents), null, 1));
