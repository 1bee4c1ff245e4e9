// The system's BLAS, if there is one: OpenBLAS, BLIS or MKL on Linux, Accelerate on macOS, called through koffi.

/** C = op(A) op(B) + beta C, row-major; op is the identity or the transpose. Matrices lie in buffers of the caller. */
export interface Product {
  m: number;
  n: number;
  k: number;
  /** [m, k], or [k, m] where transposed. */
  a: Float32Array;
  transposeA: boolean;
  /** [k, n], or [n, k] where transposed. */
  b: Float32Array;
  transposeB: boolean;
  /** [m, n] */
  c: Float32Array;
  beta: 0 | 1;
}

export interface Blas {
  /** Library and version, as far as it tells. */
  name: string;
  multiply(product: Product): void;
}

interface Candidate {
  name: string;
  /** File names that the loader knows, the usual ones first. */
  files: readonly string[];
  /** How it is told to use one thread (every worker has its own), by name and value. */
  oneThread: { function: string; value: number };
}

const OPENBLAS = { name: 'OpenBLAS', oneThread: { function: 'openblas_set_num_threads', value: 1 } };
const CANDIDATES: Partial<Record<NodeJS.Platform, readonly Candidate[]>> = {
  linux: [
    { ...OPENBLAS, files: ['libopenblas.so.0', 'libopenblas.so', 'libopenblasp.so.0'] },
    {
      name: 'MKL',
      files: ['libmkl_rt.so.2', 'libmkl_rt.so'],
      oneThread: { function: 'MKL_Set_Num_Threads', value: 1 },
    },
    {
      name: 'BLIS',
      files: ['libblis.so.4', 'libblis.so.3', 'libblis.so'],
      oneThread: { function: 'bli_thread_set_num_threads', value: 1 },
    },
  ],
  darwin: [
    {
      name: 'Accelerate',
      files: ['/System/Library/Frameworks/Accelerate.framework/Accelerate'],
      oneThread: { function: 'BLASSetThreading', value: 1 }, // BLAS_THREADING_SINGLE_THREADED
    },
  ],
};

const [ROW_MAJOR, NO_TRANS, TRANS] = [101, 111, 112];
const SGEMM =
  'void cblas_sgemm(int order, int transA, int transB, int m, int n, int k, float alpha, ' +
  'const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc)';

/**
 * Loads the first BLAS that is found, set to one thread.
 * @throws Error that says what is missing
 */
export async function findBlas(): Promise<Blas> {
  const { default: koffi } = await import('koffi');
  for (const { name, files, oneThread } of CANDIDATES[process.platform] ?? []) {
    for (const file of files) {
      try {
        const library = koffi.load(file);
        library.func(`void ${oneThread.function}(int count)`)(oneThread.value);
        const sgemm: (...values: unknown[]) => void = library.func(SGEMM);
        return { name: `${name} (${file})`, multiply: (product) => call(sgemm, product) };
      } catch {
        // Not there, or not what its name says: the next one.
      }
    }
  }
  throw new Error('no BLAS library found (on Debian: apt-get install libopenblas0-pthread)');
}

function call(
  sgemm: (...values: unknown[]) => void,
  { m, n, k, a, transposeA, b, transposeB, c, beta }: Product,
): void {
  const [ta, lda] = transposeA ? [TRANS, m] : [NO_TRANS, k];
  const [tb, ldb] = transposeB ? [TRANS, k] : [NO_TRANS, n];
  sgemm(ROW_MAJOR, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, n);
}
