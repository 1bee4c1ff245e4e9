// What `auto` takes where a native engine is installed: it depends on the model's size and on what is faster.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type BlasFile, findLibraries } from '../../dist/engine/backends/blas/find.js';
import { chooseEngines, WORTH_A_PROCESS } from '../../dist/engine/choice/choose.js';
import { canAddress } from '../../dist/engine/choice/memory.js';
import { ModelPool } from '../../dist/engine/pool/pool.js';
import { NO_OVERLAY } from '../../dist/lm/overlay.js';
import { readConfig } from '../../src/lm/config.js';
import { Parts } from '../../src/lm/parts.js';
import { writeSparse } from '../support/checkpoints.js';
import { expectFailure, runCli } from '../support/cli.js';
import { NATIVE_MISSING } from '../support/engines.js';
import { writeInput } from '../support/files.js';
import { goldenDirectory } from '../support/golden.js';
import { installationWith } from '../support/installation.js';
import { KN_MINI, PUBLISHED } from '../support/models.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Has an installation find these libraries, and no others. */
function withLibraries(root: string, libraries: readonly BlasFile[]): void {
  const find = join(root, 'dist/engine/backends/blas/find.js');
  const code = readFileSync(find, 'utf8').replace('function findLibraries()', 'function findAll()');
  writeFileSync(find, `${code}\nexport function findLibraries() { return ${JSON.stringify(libraries)}; }\n`);
}

/** A checkpoint with one matrix of that size, of which no more than the header lies on the disk. */
function checkpointOf(bytes: number): string {
  const directory = temporaryDirectory();
  writeSparse(join(directory, 'model.safetensors'), [{ name: 'matrix', dtype: 'F32', shape: [bytes / 4] }]);
  return directory;
}

it.each([
  ['leaves it alone for a small model', WORTH_A_PROCESS - 4, false],
  ['tries it for a large one', WORTH_A_PROCESS, true],
])('auto %s', async (_, bytes, tried) => {
  const mark = join(temporaryDirectory(), 'tried');
  const root = installationWith(`require('node:fs').writeFileSync(${JSON.stringify(mark)}, '');`);
  const args = ['probe', '--base', '--model', checkpointOf(bytes), '--prompt', '[MASK]'];
  const { code, stderr } = await runCli(args, { script: join(root, 'dist/cli/main.js') });
  expect(code, 'there is no more to that model than its size').toBe(2);
  expect(stderr).toContain('config.json');
  expect(existsSync(mark)).toBe(tried);
});

describe.skipIf(NATIVE_MISSING)(
  `auto beside tensorflow${NATIVE_MISSING ? ` (${NATIVE_MISSING})` : ''}`,
  () => {
    it('takes what multiplies faster for a large model', async () => {
      const large = checkpointOf(WORTH_A_PROCESS);
      const { candidates } = await chooseEngines('auto', large, 1e9);
      expect(await chooseEngines('auto', large, 0)).toEqual({ candidates: ['tensorflow'] });
      expect(candidates).toEqual(
        findLibraries().length > 0 ? expect.arrayContaining(['wasm+blas', 'wasm']) : ['tensorflow'],
      );
    });

    it('has one worker where the engine is native', async () => {
      const pool = new ModelPool(KN_MINI, 'tensorflow', 2);
      await pool.run('describe', {}, { overlay: NO_OVERLAY });
      expect(pool.workers).toBe(1);
      await pool.close();
    });
  },
);

describe('what WebAssembly cannot address', () => {
  /** Llama-3.2-1B without its values: 2.5 GB in BF16, of which no more than the header lies on the disk. */
  function llama(layers = 16): string {
    const directory = temporaryDirectory();
    const config = readFileSync(join(PUBLISHED, 'llama-3.2-1b', 'config.json'), 'utf8');
    writeInput(directory, 'config.json', { ...(JSON.parse(config) as object), num_hidden_layers: layers });
    for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
      cpSync(join(goldenDirectory('llama'), name), join(directory, name));
    }
    const { family, design } = readConfig(join(directory, 'config.json'));
    const parts = new Parts(family.layout);
    design.plan(parts);
    const tensors = [...parts.shapes].filter(([name]) => !parts.optional.has(name));
    writeSparse(
      join(directory, 'model.safetensors'),
      tensors.map(([name, shape]) => ({ name, dtype: 'BF16', shape })),
    );
    return directory;
  }

  it.each(['wasm+blas', 'wasm', ...(NATIVE_MISSING ? ['auto'] : [])])(
    'is refused before it is read: %s',
    async (engine) => {
      const directory = llama();
      const run = await runCli([
        'probe',
        '--model',
        directory,
        '--prompt',
        'The capital of France is',
        '--engine',
        engine,
      ]);
      expectFailure(run, 2, [
        `${directory}: its weights take 4.9 GB in F32`,
        'exceeds the 4 GB that WebAssembly can address; try --engine tensorflow',
      ]);
    },
  );

  it.each(['auto', 'wasm+blas'])('hangs on a BLAS from half of that on: %s', async (engine) => {
    const root = installationWith("throw new Error('broken');");
    withLibraries(root, []);
    const args = ['probe', '--model', llama(6), '--prompt', 'The capital of France is', '--engine', engine];
    const run = await runCli(args, { script: join(root, 'dist/cli/main.js') });
    expectFailure(run, 2, [
      'its weights take 2.5 GB in F32, and plain wasm keeps them twice, which exceeds the 4 GB that WebAssembly can ' +
        'address; try --engine wasm+blas with a BLAS of the system (no BLAS library found',
    ]);
  });

  it('is more with a BLAS, which keeps nothing twice', () => {
    expect(canAddress('wasm', 1.9e9)).toBe(true);
    expect(canAddress('wasm', 2.1e9)).toBe(false);
    expect(canAddress('wasm+blas', 3.9e9)).toBe(true);
    expect(canAddress('wasm+blas', 4.3e9)).toBe(false);
    expect(canAddress('tensorflow', 1e12)).toBe(true);
  });
});
