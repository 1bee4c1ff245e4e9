// Loads a BLAS into this process through koffi, set to one thread, and asks it what it is.
import { basename } from 'node:path';
import type { Blas, BlasSetting, Library, Product } from './blas.js';
import { type BlasFile, findLibraries, NO_BLAS } from './find.js';
import { isSlow } from './kernel-sets.js';

export interface LoadedBlas extends Blas {
  version: string;
  /** The kernel set in use, where the library tells. */
  kernels?: string | undefined;
}

/** Calls a function of the library, which is declared by its name, the type of its result, and those of its arguments. */
type Call = (name: string, result: string, types?: readonly string[], ...values: unknown[]) => unknown;

interface Identity {
  version: string;
  kernels?: string;
}

/** Sets a library to one thread, because every worker has its own. @returns what it is */
const IDENTIFY: Record<Library, (call: Call) => Identity> = {
  OpenBLAS(call) {
    call('openblas_set_num_threads', 'void', ['int'], 1);
    const config = String(call('openblas_get_config', 'str'));
    if (config.includes('USE64BITINT')) throw new Error('its integers have 64 bits');
    return {
      version: /OpenBLAS (\S+)/.exec(config)?.[1] ?? '',
      kernels: String(call('openblas_get_corename', 'str')),
    };
  },
  MKL(call) {
    call('MKL_Set_Threading_Layer', 'int', ['int'], 1); // MKL_THREADING_SEQUENTIAL
    const text = Buffer.alloc(200);
    call('mkl_get_version_string', 'void', ['char *', 'int'], text, text.length);
    return { version: /Version (\d[\d.]*)/.exec(text.toString('latin1'))?.[1] ?? '' };
  },
  BLIS(call) {
    call('bli_thread_set_num_threads', 'void', ['int64'], 1);
    return {
      version: String(call('bli_info_get_version_str', 'str')),
      kernels: String(call('bli_arch_string', 'str', ['int'], call('bli_arch_query_id', 'int'))),
    };
  },
  Accelerate(call) {
    call('BLASSetThreading', 'int', ['int'], 1); // BLAS_THREADING_SINGLE_THREADED
    return { version: '' };
  },
};

const [ROW_MAJOR, NO_TRANS, TRANS] = [101, 111, 112];
const MATRIX = ['const float *', 'int'];
const SGEMM = [
  'int',
  'int',
  'int',
  'int',
  'int',
  'int',
  'float',
  ...MATRIX,
  ...MATRIX,
  'float',
  'float *',
  'int',
];

/**
 * Loads a library. OpenBLAS chooses its kernels meanwhile, by the OPENBLAS_CORETYPE of the process; a thread cannot set
 * that, so `setCoreType` is for the main thread to call.
 * @throws Error when it cannot be loaded, or is not what its name says
 */
export async function loadBlas({ library, path }: BlasFile): Promise<LoadedBlas> {
  const { default: koffi } = await import('koffi');
  const file = koffi.load(path);
  const prefix = basename(path).includes('scipy_') ? 'scipy_' : '';
  const declare = (name: string, result: string, types: readonly string[] = []) =>
    file.func(prefix + name, result, [...types]) as (...values: unknown[]) => unknown;
  const identity = IDENTIFY[library]((name, result, types, ...values) =>
    declare(name, result, types)(...values),
  );
  const sgemm = declare('cblas_sgemm', 'void', SGEMM);
  const op = (transposed: boolean) => (transposed ? TRANS : NO_TRANS);
  const multiply = ({ m, n, k, a, lda, transposeA, b, ldb, transposeB, c, ldc, beta }: Product): void => {
    sgemm(ROW_MAJOR, op(transposeA), op(transposeB), m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
  };
  return { ...identity, name: nameOf(library, identity), multiply };
}

function nameOf(library: Library, { version, kernels }: Identity): string {
  const what = version === '' ? library : `${library} ${version}`;
  return kernels ? `${what} (${kernels} kernels)` : what;
}

/**
 * Loads the first library that is here and does not leave most of the processor unused.
 * @throws Error that says what is missing, or why none serves
 */
export async function loadFirst(): Promise<LoadedBlas> {
  const reasons: string[] = [];
  for (const file of findLibraries()) {
    try {
      const blas = await loadBlas(file);
      if (file.library !== 'OpenBLAS' || !blas.kernels || !isSlow(blas.kernels)) return blas;
      reasons.push(`${blas.name} is slow on this processor`);
    } catch (error) {
      reasons.push(`${file.path}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(reasons.length > 0 ? reasons.join('; ') : NO_BLAS);
}

/** Sets what OpenBLAS reads when it is loaded, in this process. In the main thread alone: others have a copy of the environment. */
export function setCoreType({ coreType }: BlasSetting): void {
  if (coreType === null) delete process.env.OPENBLAS_CORETYPE;
  else process.env.OPENBLAS_CORETYPE = coreType;
}
