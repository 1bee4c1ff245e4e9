// npm run build: puts ink and all that it needs into dist/tui/ink.js, for a quick start. React stays outside, since the
// screens need the same one.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

await build({
  entryPoints: [fileURLToPath(new URL('./ink.js', import.meta.url))],
  outdir: fileURLToPath(new URL('.', import.meta.url)),
  allowOverwrite: true,
  bundle: true,
  splitting: true, // ink's developer tools stay apart: they need a package that is not there
  format: 'esm',
  platform: 'node',
  external: ['react', 'react-devtools-core'],
  define: { 'process.env.NODE_ENV': '"production"' },
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
