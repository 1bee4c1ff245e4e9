// Which library and which of its kernels are used: the fastest that was measured, never one that computes wrong numbers.
import { cpSync, readdirSync, readFileSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkNumbers } from '../../src/engine/backends/blas/check.js';
import { findLibraries } from '../../src/engine/backends/blas/find.js';
import { betterThan, coreTypeOf, isSlow } from '../../src/engine/backends/blas/kernel-sets.js';
import { type MeasuredBlas, rank } from '../../src/engine/choice/embedded.js';
import { runCli } from '../support/cli.js';
import { installationWith, replaceFunction } from '../support/installation.js';
import { temporaryDirectory } from '../support/temporary.js';

const openblas = findLibraries().find(({ library }) => library === 'OpenBLAS');
const needsOpenblas = openblas ? '' : ' (skipped: there is no OpenBLAS)';

const FLAGS = {
  none: '',
  AVX: 'avx',
  AVX2: 'avx avx2 fma',
  'AVX-512': 'avx avx2 fma avx512f avx512cd avx512bw avx512dq avx512vl',
  NEON: 'asimd',
  SVE: 'asimd sve',
};
type Processor = keyof typeof FLAGS;
const flagsOf = (processor: Processor) => new Set(FLAGS[processor].split(' '));

describe('kernel sets', () => {
  it.each<[string, Processor, string[]]>([
    ['Prescott', 'AVX-512', ['SkylakeX', 'Haswell', 'Sandybridge']],
    ['Haswell', 'AVX-512', ['SkylakeX']],
    ['Cooperlake', 'AVX-512', []],
    ['sapphirerapids', 'AVX-512', []],
    ['Zen', 'AVX2', []],
    ['Nehalem', 'AVX2', ['Haswell', 'Sandybridge']],
    ['ARMV8', 'SVE', ['NEOVERSEV1']],
    ['Prescott', 'none', []],
  ])('%s on a processor with %s could be better: %j', (kernels, processor, better) => {
    expect(betterThan(kernels, flagsOf(processor)).map(coreTypeOf)).toEqual(better);
  });

  it.each<[string, Processor, boolean]>([
    ['Prescott', 'AVX-512', true],
    ['Core2', 'AVX2', true],
    ['Sandybridge', 'AVX2', true],
    ['Haswell', 'AVX-512', false],
    ['Prescott', 'AVX', false],
    ['VORTEX', 'NEON', false],
  ])('%s on a processor with %s is slow: %s', (kernels, processor, slow) => {
    expect(isSlow(kernels, flagsOf(processor))).toBe(slow);
  });
});

describe('the ranking', () => {
  const measured = (path: string, coreType: string | null, gflops?: number): MeasuredBlas => ({
    library: 'OpenBLAS',
    path,
    coreType,
    found: gflops !== undefined,
    detail: 'detail',
    gflops,
  });

  /** `wasm+blas` and `wasm`, of so many GFLOP/s. */
  const engines = (blas: number, wasm: number) => [
    { engine: 'wasm+blas' as const, found: true, detail: 'detail', gflops: blas },
    { engine: 'wasm' as const, found: true, detail: 'detail', gflops: wasm },
  ];

  it('takes the fastest of several libraries and their kernels', () => {
    const blas = [
      measured('first', null, 11),
      measured('first', 'SkylakeX', 50),
      measured('second', null, 57),
    ];
    expect(rank({ engines: engines(50, 20), blas })).toMatchObject({
      engines: ['wasm+blas', 'wasm'],
      blas: { path: 'second', coreType: null },
      gflops: 50,
    });
  });

  it('leaves the user what is as fast', () => {
    const blas = [measured('first', 'Haswell', 55), measured('first', 'SkylakeX', 57)];
    expect(rank({ engines: engines(50, 20), blas }).blas).toMatchObject({ coreType: 'Haswell' });
  });

  it('has plain wasm first where that is faster, and alone where no library serves', () => {
    const slow = [measured('slow', null, 11)];
    expect(rank({ engines: engines(10, 40), blas: slow }).engines).toEqual(['wasm', 'wasm+blas']);
    const detail = 'broken: detail';
    const [, plain] = engines(10, 40);
    const found = [{ engine: 'wasm+blas' as const, found: false, detail }, ...(plain ? [plain] : [])];
    const alone = { engines: ['wasm'], blas: undefined, missing: detail, gflops: 40 };
    expect(rank({ engines: found, blas: [measured('broken', null)] })).toMatchObject(alone);
    expect(rank({ engines: found, blas: slow }), 'it does not do as an engine').toMatchObject(alone);
  });
});

it('wrong numbers are told', () => {
  expect(checkNumbers({ name: 'wrong', multiply: ({ c }) => c.fill(0.5) })).toMatch(
    /^computes wrong numbers: a product of 1x768 with 768x768 is off by \d/,
  );
});

const diagnosis = z.object({
  chosen: z.string(),
  engines: z.array(z.object({ engine: z.string(), found: z.boolean(), detail: z.string() })),
  blas: z.array(
    z.object({
      path: z.string(),
      coreType: z.string().nullable(),
      kernels: z.string().optional(),
      found: z.boolean(),
      detail: z.string(),
      gflops: z.number().optional(),
      chosen: z.boolean(),
    }),
  ),
  advice: z.array(z.string()),
});

async function diagnose(env: NodeJS.ProcessEnv, script?: string) {
  const { code, stdout, stderr } = await runCli(['doctor', '--json'], { env, script });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return diagnosis.parse(JSON.parse(stdout));
}

describe.skipIf(!openblas)(`OpenBLAS${needsOpenblas}`, () => {
  /**
   * An installation on a machine with AVX-512, where a copy of the library has wrong numbers in its SkylakeX kernels,
   * crashes with those of Haswell, and takes slow ones by itself. `log` tells which kernels were loaded, and where.
   */
  function oddMachine() {
    const root = installationWith("throw new Error('broken');");
    const source = realpathSync(openblas?.path ?? '');
    const library = { library: 'OpenBLAS', path: join(root, basename(source)) };
    cpSync(source, library.path);
    const log = join(root, 'log');
    const { OPENBLAS_CORETYPE } = process.env; // the real library has the test's own
    const real = JSON.stringify({ OPENBLAS_CORETYPE });
    replaceFunction(root, 'findLibraries', `return [${JSON.stringify(library)}];`);
    replaceFunction(root, 'processorFlags', `return new Set('${FLAGS['AVX-512']}'.split(' '));`);
    replaceFunction(
      root,
      'loadBlas',
      `const kernels = process.env.OPENBLAS_CORETYPE ?? 'Prescott';
      const { appendFileSync } = await import('node:fs');
      appendFileSync(${JSON.stringify(log)}, (process.argv[1].includes('apart') ? 'measured ' : 'used ') + kernels + '\\n');
      if (kernels === 'Haswell') process.abort();
      delete process.env.OPENBLAS_CORETYPE;
      Object.assign(process.env, ${real});
      const blas = await original(...args);
      const multiply = (product) => {
        const slow = kernels === 'Prescott' ? 3 : 0;
        for (let i = 0; i < slow; i++) blas.multiply({ ...product, c: product.c.slice() });
        blas.multiply(product);
        if (kernels === 'SkylakeX') product.c[0] += 1;
      };
      return { ...blas, kernels, multiply };`,
    );
    const cache = temporaryDirectory();
    const env = { XDG_CACHE_HOME: cache, OPENBLAS_CORETYPE: undefined };
    const script = join(root, 'dist/cli/main.js');
    const answers = () => join(cache, 'kn-edit/blas');
    /** The kernels that a command loads. */
    const use = async () => {
      rmSync(log, { force: true });
      const args = ['probe', '--base', '--engine', 'wasm+blas', '--prompt', 'Paris is [MASK].'];
      expect(await runCli(args, { env, script })).toMatchObject({ code: 0, stderr: '' });
      return readFileSync(log, 'utf8').trim().split('\n');
    };
    return { library, env, script, answers, use };
  }

  it('has kernels that are slow, wrong or crash: they are told of, and others used', async () => {
    const { library, env, script, use } = oddMachine();
    const { blas, advice } = await diagnose(env, script);
    const { path } = library;
    expect(blas).toMatchObject([
      { path, coreType: null, kernels: 'Prescott', found: true, chosen: false },
      {
        path,
        coreType: 'SkylakeX',
        found: false,
        detail: expect.stringMatching(/wrong numbers/),
        chosen: false,
      },
      { path, coreType: 'Haswell', found: false, detail: 'its process ended with SIGABRT', chosen: false },
      { path, coreType: 'Sandybridge', kernels: 'Sandybridge', found: true, chosen: true },
    ]);
    expect(advice).toEqual([
      expect.stringMatching(
        /^OpenBLAS \S+ uses its Prescott kernels on a processor with AVX-512: kn-edit uses its Sandybridge kernels instead \(/,
      ),
      expect.stringMatching(/SkylakeX kernels: computes wrong numbers.*; not used$/),
      expect.stringMatching(/its process ended with SIGABRT; not used$/),
      expect.stringMatching(/^npm run engine:openblas /),
    ]);
    expect(await use(), 'what doctor found is known').toEqual(['used Sandybridge']);
  });

  it('is measured once, until it is another library, or what was found is damaged', async () => {
    const { library, answers, use } = oddMachine();
    const measured = ['Prescott', 'SkylakeX', 'Haswell', 'Sandybridge', 'Sandybridge'].map(
      (one) => `measured ${one}`, // the last time in the engine, beside plain wasm
    );
    expect(await use()).toEqual([...measured, 'used Sandybridge']);
    expect(await use()).toEqual(['used Sandybridge']);
    for (const name of readdirSync(answers())) writeFileSync(join(answers(), name), '{"engines":[{"engine":');
    expect(await use(), 'damaged').toEqual([...measured, 'used Sandybridge']);
    utimesSync(library.path, 1, 1);
    expect(await use(), 'changed').toEqual([...measured, 'used Sandybridge']);
  });

  it('with OPENBLAS_CORETYPE=Prescott is called slow, and left for what measures faster', async ({
    skip,
  }) => {
    const env = { XDG_CACHE_HOME: temporaryDirectory(), OPENBLAS_CORETYPE: 'Prescott' };
    const { blas, advice, engines } = await diagnose(env);
    const asked = blas.filter(({ coreType }) => coreType === 'Prescott');
    const slow = asked.find(({ kernels = '' }) => isSlow(kernels));
    if (!slow) return skip('this OpenBLAS, or this processor, has no such kernels');
    expect(advice).toContainEqual(
      expect.stringMatching(/kernels on a processor with AVX.* \(OPENBLAS_CORETYPE is Prescott\): /),
    );
    const fastest = Math.max(...blas.map(({ gflops = 0 }) => gflops));
    const chosen = blas.find((one) => one.chosen);
    expect(chosen?.gflops).toBeGreaterThanOrEqual(0.9 * fastest);
    const detail = engines.find(({ engine }) => engine === 'wasm+blas')?.detail;
    expect(detail).toContain(`(${chosen?.kernels} kernels)`);
  });
});

it('without any BLAS there is wasm, and doctor says what would be faster', async () => {
  const root = installationWith("throw new Error('broken');");
  replaceFunction(root, 'findLibraries', 'return [];');
  const env = { XDG_CACHE_HOME: temporaryDirectory() };
  const { chosen, engines, blas, advice } = await diagnose(env, join(root, 'dist/cli/main.js'));
  expect({ chosen, blas }).toEqual({ chosen: 'wasm', blas: [] });
  expect(engines).toContainEqual({
    engine: 'wasm+blas',
    found: false,
    detail: 'no BLAS library found (npm run engine:openblas installs one)',
  });
  expect(advice).toEqual([expect.stringMatching(/^npm run engine:openblas fetches/)]);
});

it('a library that cannot be loaded with any kernels is told of once', async () => {
  const root = installationWith("throw new Error('broken');");
  const path = join(temporaryDirectory(), 'libopenblas.so.0');
  writeFileSync(path, 'no library');
  replaceFunction(root, 'findLibraries', `return [{ library: 'OpenBLAS', path: ${JSON.stringify(path)} }];`);
  const env = { XDG_CACHE_HOME: temporaryDirectory() };
  const { blas, advice } = await diagnose(env, join(root, 'dist/cli/main.js'));
  expect(blas).toMatchObject([{ path, found: false }]);
  expect(advice).toEqual([
    expect.stringMatching(/^OpenBLAS in .*libopenblas\.so\.0: .*; not used$/),
    expect.stringMatching(/^npm run engine:openblas fetches/),
  ]);
});
