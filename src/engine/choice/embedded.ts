// Which of the embedded engines is faster here, and with which BLAS and which of its kernels. Measured once, and kept in the
// user's cache for as long as the machine and its libraries are the same.
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { ENGINES, type EngineName } from '../../spec/choices.js';
import { readCached, userCache, writeCached } from '../../user-cache.js';
import { version } from '../../version.js';
import { type BlasSetting, blasSetting } from '../backends/blas/blas.js';
import { type BlasFile, findLibraries, NO_BLAS } from '../backends/blas/find.js';
import { betterThan, coreTypeOf } from '../backends/blas/kernel-sets.js';
import { isNative } from '../backends/native.js';
import type { EngineReport } from '../backends/report.js';
import { blasReport, engineReport, tryApart, tryBlasApart } from './apart.js';

const measuredBlas = z.object({ ...blasSetting.shape, ...blasReport.shape });
/** A library with some kernels, and what was found of them. */
export type MeasuredBlas = z.infer<typeof measuredBlas>;

const measured = z.object({
  /** `wasm+blas` with the best of them, and plain `wasm`. */
  engines: z.array(engineReport.extend({ engine: z.enum(ENGINES) })),
  /** Every library, first as it is loaded by itself, then with kernels that this processor could run and it does not take. */
  blas: z.array(measuredBlas),
});
export type Measured = z.infer<typeof measured>;

/** What the embedded engines come to on this machine. */
export interface Embedded {
  /** Those that work, the faster one first. */
  engines: EngineName[];
  /** What `wasm+blas` is to use; undefined where that is not known, and the first library that serves will do. */
  blas: BlasSetting | undefined;
  /** Of one thread of the faster one, in billions of operations a second; 0 where it is not known. */
  gflops: number;
  /** Why there is no `wasm+blas`, where there is none. */
  missing?: string;
}

/** What nobody has measured yet is taken for this. */
const UNMEASURED: Embedded = { engines: ['wasm+blas', 'wasm'], blas: undefined, gflops: 0 };

/** What is faster by less than this is not preferred to what comes before it: it may be the other way round next time. */
const NOISE = 0.1;

/** The user's own wish, before this program sets anything. */
const WISH = process.env.OPENBLAS_CORETYPE || null;

/** What the embedded engines come to, as far as it has been measured. */
export function knownEmbedded(): Embedded {
  const known = knownMeasured();
  return known ? rank(known) : UNMEASURED;
}

/** What was found of an embedded engine, where it has been measured. */
export function knownReport(engine: EngineName): EngineReport | undefined {
  return knownMeasured()?.engines.find((one) => one.engine === engine);
}

function knownMeasured(): Measured | undefined {
  return readCached(cacheFor(findLibraries()), measured);
}

/**
 * The same, measured where it matters and has not been.
 * @param engines that are allowed
 * @throws InterruptedError when the signal fires
 */
export async function embeddedFor(engines: readonly EngineName[], signal?: AbortSignal): Promise<Embedded> {
  if (!engines.includes('wasm+blas')) return UNMEASURED;
  return rank(await measuredEmbedded(signal));
}

/** Those engines of some that are embedded and work, best first. */
export function ranked(engines: readonly EngineName[], embedded: Embedded): EngineName[] {
  const others = engines.filter((engine) => !isNative(engine) && !UNMEASURED.engines.includes(engine));
  return [...embedded.engines.filter((engine) => engines.includes(engine)), ...others];
}

/** What was found of the embedded engines; measured, and kept, where nobody has yet. @throws InterruptedError when the signal fires */
export async function measuredEmbedded(signal?: AbortSignal): Promise<Measured> {
  const libraries = findLibraries();
  const cache = cacheFor(libraries);
  const known = readCached(cache, measured);
  if (known) return known;
  const blas: MeasuredBlas[] = [];
  for (const file of libraries) blas.push(...(await measureLibrary(file, signal)));
  const found = { engines: await measureEngines(blas, signal), blas };
  // Where not even wasm works, it is the machine's want of something, as of memory, which may pass.
  if (found.engines.some(({ found }) => found)) writeCached(cache, found);
  return found;
}

/** The engines are held against each other as a whole: what is around a product takes its time as well. */
async function measureEngines(
  blas: readonly MeasuredBlas[],
  signal: AbortSignal | undefined,
): Promise<EngineReport[]> {
  const best = bestOf(blas);
  const reasons = blas.map(({ path, detail }) => `${path}: ${detail}`);
  const missing = { engine: 'wasm+blas', found: false, detail: reasons.join('; ') || NO_BLAS } as const;
  return [best ? await tryApart('wasm+blas', signal, best) : missing, await tryApart('wasm', signal)];
}

async function measureLibrary(file: BlasFile, signal: AbortSignal | undefined): Promise<MeasuredBlas[]> {
  const measure = async (coreType: string | null): Promise<MeasuredBlas> => {
    const setting = { ...file, coreType };
    return { ...setting, ...(await tryBlasApart(setting, signal)) };
  };
  const first = await measure(WISH);
  if (file.library !== 'OpenBLAS') return [first];
  const better = betterThan(first.found && first.kernels ? first.kernels : '').map(coreTypeOf);
  const found = [first];
  for (const coreType of better.length > 0 ? [null, ...better] : []) {
    if (coreType === WISH || found.some(({ kernels }) => kernels === coreType)) continue;
    const next = await measure(coreType);
    // A build may have other kernels than those that it is asked for; what cannot be loaded has none.
    const { kernels = next.detail } = next;
    if (!found.some((one) => (one.kernels ?? one.detail) === kernels)) found.push(next);
  }
  return found;
}

/** What was measured comes to: the faster engine first, `wasm+blas` where they are equal. */
export function rank({ engines, blas }: Measured): Embedded {
  const best = bestOf(blas);
  const faster = engines.filter(({ found }) => found).sort((a, b) => speed(b) - speed(a));
  const gflops = Math.max(0, ...faster.map(speed));
  const lost = engines.find(({ engine, found }) => engine === 'wasm+blas' && !found);
  if (!best || lost) return { engines: ['wasm'], blas: undefined, gflops, missing: lost?.detail ?? NO_BLAS };
  const { library, path, coreType } = best;
  return {
    engines: faster.map(({ engine }) => engine),
    blas: { library, path, coreType },
    gflops,
  };
}

/** The fastest. What the user asks for, or a library takes by itself, is left alone where it is as fast. */
function bestOf(blas: readonly MeasuredBlas[]): MeasuredBlas | undefined {
  const serving = blas.filter(({ found }) => found);
  const fastest = Math.max(...serving.map(speed));
  return serving.find((one) => speed(one) >= (1 - NOISE) * fastest);
}

function speed({ gflops }: { gflops?: number | undefined }): number {
  return gflops ?? 0;
}

/** Where the answer for just this machine, program and environment is kept; undefined where nothing can be kept. */
function cacheFor(libraries: readonly BlasFile[]): string | undefined {
  const place = userCache('blas');
  const files = libraries.map(({ path }) => {
    const status = existsSync(path) ? statSync(path) : undefined; // macOS shows no file of its own libraries
    return [path, status?.size, status?.mtimeMs].join();
  });
  const settings = Object.entries({ ...process.env, OPENBLAS_CORETYPE: WISH ?? undefined })
    .filter(([name, value]) => /^(OPENBLAS|MKL|BLIS|VECLIB)_/.test(name) && value !== undefined)
    .map((entry) => entry.join('='));
  const machine = [cpus()[0]?.model, process.arch, process.version, version()];
  const key = createHash('sha256')
    .update([...machine, ...files, ...settings.sort()].join('\n'))
    .digest('hex');
  return place && join(place, `${key}.json`);
}
