// npm run engine:openblas: installs a current OpenBLAS, out of its Python wheel. Nothing is compiled.
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CommandOptions } from '../../pip/command.js';
import { fetchWheel, unzipWheel } from '../../pip/wheel.js';
import { runScript } from '../../script.js';
import { findLibraries, HOME } from '../backends/blas/find.js';
import { tryBlasApart } from '../choice/apart.js';
import { install, say } from './install.js';

const VERSION = '0.3.34.481.3';
/** The wheels of that version, by their checksums: pip takes no others. */
const CHECKSUMS = [
  '0595f94cd58c1f8a0d90c975621f4587337a003916b1979e834ebdf2cb5d9504', // Linux, x86-64
  'e085dddbc5b9aa130f83def515d31c440e69f387a90c7e63b154a5575b4466bc', // Linux, ARM
  '46fac855d3c05004f9ee111eeeeb0aeb076c6411fc6f87c34a49b8ba729c4c38', // Linux with musl, x86-64
  '88b00ba6a232fe958695403f6f71858fb23c3c9ce561c467e787e5d46ace16ca', // Linux with musl, ARM
  '813bb8101da2f64555c4a5e71c3714539d92b0b4f1841ec12b80d50e56cde46c', // macOS, ARM
  '85d42ee10fd207ed6014273dcb9236ab1a65d21357f278b3aa0a78e8189665a8', // macOS, x86-64
  '963e311354df08856c22aad17d77209448d2d8fc3bc4b3b1d87912828797cf13', // Windows, x86-64
  '64b1637b1c0495552351743e6f5d8bb50828aaea5821bb8d998927837256bda9', // Windows, ARM
];

const USAGE = `npm run engine:openblas

Installs OpenBLAS ${VERSION} into .kn-edit/openblas, from the Python wheel scipy-openblas32 (8 MB), which pip fetches.
wasm+blas uses it where it is the fastest BLAS. That takes python3 with pip.`;

/** What is kept of the wheel: the library and its licences. */
const KEPT = /^(lib)?scipy_openblas\.(so|dylib|dll)$|^LICENSE/;

/** @throws InputError when the options are wrong, or a step fails */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean', default: false } } });
  if (values.help) return say(USAGE);
  await install({
    name: 'openblas',
    home: HOME,
    fill,
    async attempt() {
      const file = findLibraries().find(({ path }) => path.startsWith(HOME));
      if (!file) return { found: false, detail: 'the library is not in the wheel' };
      const report = await tryBlasApart({ ...file, coreType: null });
      const speed = report.gflops === undefined ? '' : `, ${report.gflops.toFixed(0)} GFLOP/s in a thread`;
      return { found: report.found, detail: report.detail + speed };
    },
    otherwise: 'the others do as before (kn-edit doctor tells which)',
  });
}

async function fill(stage: CommandOptions): Promise<void> {
  say(`fetching OpenBLAS ${VERSION} into ${HOME}`);
  const hashes = CHECKSUMS.map((checksum) => `--hash=sha256:${checksum}`).join(' ');
  const wheels = join(stage.cwd, 'wheels');
  const requirement = `scipy-openblas32==${VERSION} ${hashes}`;
  const wheel = await fetchWheel(requirement, wheels, 'pip could not fetch scipy-openblas32', stage);
  const content = join(stage.cwd, 'content');
  await unzipWheel(wheel, content, stage);
  for (const entry of readdirSync(content, { recursive: true, withFileTypes: true })) {
    if (KEPT.test(entry.name)) renameSync(join(entry.parentPath, entry.name), join(stage.cwd, entry.name));
  }
  for (const directory of [wheels, content]) rmSync(directory, { recursive: true });
}

await runScript('engine:openblas', main);
