// Where BLAS libraries are on this machine. Light: nothing of them is loaded here.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Library } from './blas.js';

export interface BlasFile {
  library: Library;
  path: string;
}

/** Where `npm run engine:openblas` installs: beside node_modules, which `npm ci` empties. */
export const HOME = fileURLToPath(new URL('../../../../.kn-edit/openblas', import.meta.url));

/** What is said where there is none. */
export const NO_BLAS = 'no BLAS library found (npm run engine:openblas installs one)';

/** Names of files, the likelier ones first. The first of OpenBLAS are those in its Python wheel. */
const FILES: Partial<Record<NodeJS.Platform, readonly [Library, readonly string[]][]>> = {
  linux: [
    ['OpenBLAS', ['libscipy_openblas.so', 'libopenblas.so.0', 'libopenblas.so', 'libopenblasp.so.0']],
    ['MKL', ['libmkl_rt.so', 'libmkl_rt.so.3', 'libmkl_rt.so.2', 'libmkl_rt.so.1']],
    ['BLIS', ['libblis.so.4', 'libblis.so.3', 'libblis.so', 'libblis-mt.so']],
  ],
  darwin: [['OpenBLAS', ['libscipy_openblas.dylib', 'libopenblas.dylib']]],
  win32: [['OpenBLAS', ['libscipy_openblas.dll', 'scipy_openblas.dll']]],
};

/** macOS keeps it among its own, where no file is seen. */
const ACCELERATE = '/System/Library/Frameworks/Accelerate.framework/Accelerate';

/** Every BLAS that is here, each once: the program's own first, then in the order in which a loader looks. */
export function findLibraries(): BlasFile[] {
  const own: BlasFile[] = process.platform === 'darwin' ? [{ library: 'Accelerate', path: ACCELERATE }] : [];
  const files = FILES[process.platform] ?? [];
  const seen = new Set<string>();
  const found = directories().flatMap((directory) =>
    files.flatMap(([library, names]) =>
      names
        .map((name): BlasFile => ({ library, path: join(directory, name) }))
        .filter(({ path }) => {
          if (!existsSync(path)) return false;
          const real = realpathSync(path);
          if (seen.has(real)) return false;
          seen.add(real);
          return true;
        }),
    ),
  );
  return [...own, ...found];
}

function directories(): string[] {
  const { env } = process;
  const under = (root: string | undefined) => (root ? [join(root, 'lib')] : []);
  switch (process.platform) {
    case 'linux':
      return [
        HOME,
        ...(env.LD_LIBRARY_PATH ?? '').split(delimiter).filter((path) => path !== ''),
        ...under(env.MKLROOT),
        ...under(env.CONDA_PREFIX),
        ...configured(),
        ...['/usr/local/lib', '/usr/lib64', '/usr/lib', '/opt/OpenBLAS/lib'],
        '/opt/intel/oneapi/mkl/latest/lib',
      ];
    case 'darwin':
      return [HOME, '/opt/homebrew/opt/openblas/lib', '/usr/local/opt/openblas/lib'];
    default:
      return [HOME];
  }
}

/** Directories that the loader is told of; on Debian, those of the processor's architecture are among them. */
function configured(): string[] {
  const home = '/etc/ld.so.conf.d';
  try {
    return readdirSync(home)
      .flatMap((name) => readFileSync(join(home, name), 'utf8').split('\n'))
      .map((line) => line.trim())
      .filter((line) => line.startsWith('/'));
  } catch {
    return []; // another C library has no such thing
  }
}
