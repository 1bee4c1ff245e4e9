// What is to be said of the BLAS libraries that were found: which are slow on this processor and why, which compute wrong
// numbers, what is done about it, and what would be faster.
import { HOME } from '../engine/backends/blas/find.js';
import { betterThan } from '../engine/backends/blas/kernel-sets.js';
import type { Embedded, MeasuredBlas } from '../engine/choice/embedded.js';
import { gigaflops } from '../report/numbers.js';

/** One sentence per library and thing that is worth a word. */
export function blasAdvice(blas: readonly MeasuredBlas[], embedded: Embedded): string[] {
  const chosen = blas.find((one) => isChosen(one, embedded));
  const first = blas.filter(({ path }, i) => blas.findIndex((one) => one.path === path) === i);
  const slow = first.filter((one) => one.found && better(one).length > 0);
  const broken = blas.filter(({ found }) => !found);
  const best = chosen !== undefined && better(chosen).length === 0 && embedded.engines[0] === 'wasm+blas';
  const own = blas.some(({ path, found }) => found && path.startsWith(HOME));
  return [
    ...slow.map((one) => {
      const why = one.coreType === null ? '' : ` (OPENBLAS_CORETYPE is ${one.coreType})`;
      const processor = `on a processor with ${better(one)[0]?.instructions}`;
      return `${named(one)} uses its ${one.kernels} kernels ${processor}${why}: ${remedy(one, chosen, embedded)}`;
    }),
    ...broken.map((one) => `${described(one)}: ${one.detail}; not used`),
    ...(best || own ? [] : ['npm run engine:openblas fetches a current OpenBLAS, which may well be faster']),
  ];
}

/** Whether it is the library that `wasm+blas` uses, with the kernels that it uses. */
export function isChosen({ path, coreType }: MeasuredBlas, { blas }: Embedded): boolean {
  return blas !== undefined && path === blas.path && coreType === blas.coreType;
}

function better({ library, kernels }: MeasuredBlas) {
  return library === 'OpenBLAS' && kernels ? betterThan(kernels) : [];
}

/** What is done about a library that is slow. */
function remedy(one: MeasuredBlas, chosen: MeasuredBlas | undefined, embedded: Embedded): string {
  if (embedded.engines[0] === 'wasm') return 'plain wasm is faster, and auto takes that';
  if (!chosen || chosen === one) return 'nothing else that is here is faster';
  const instead = chosen.path === one.path ? `its ${chosen.kernels} kernels` : described(chosen);
  return `kn-edit uses ${instead} instead (${gigaflops(one.gflops ?? 0)} → ${gigaflops(chosen.gflops ?? 0)} GFLOP/s)`;
}

function described(one: MeasuredBlas): string {
  return one.kernels ? `${named(one)} with its ${one.kernels} kernels` : named(one);
}

function named({ library, version, path }: MeasuredBlas): string {
  return version === undefined ? `${library} in ${path}` : `${library} ${version}`.trimEnd();
}
