// What `auto` takes where a native engine is installed: it depends on the model's size and on what is faster.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findLibraries } from '../../dist/engine/backends/blas/find.js';
import { chooseEngines, WORTH_A_PROCESS } from '../../dist/engine/choice/choose.js';
import { ModelPool } from '../../dist/engine/pool/pool.js';
import { weightBytes } from '../../dist/lm/files.js';
import { NO_OVERLAY } from '../../dist/lm/overlay.js';
import { checkpointOf } from '../support/checkpoints.js';
import { expectFailure, runCli } from '../support/cli.js';
import { whyNotInstalled } from '../support/engines.js';
import { writeInput } from '../support/files.js';
import { installationWith } from '../support/installation.js';
import { KN_MINI } from '../support/models.js';
import { temporaryDirectory } from '../support/temporary.js';

const NATIVE_MISSING = whyNotInstalled('tensorflow');

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
      const path = checkpointOf(WORTH_A_PROCESS);
      const large = { path, weights: weightBytes(path) };
      const { candidates } = await chooseEngines('auto', large, 1e9);
      expect(await chooseEngines('auto', large, 0)).toEqual({ candidates: ['tensorflow'] });
      expect(candidates).toEqual(
        findLibraries().length > 0 ? expect.arrayContaining(['wasm+blas', 'wasm']) : ['wasm'],
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

it.each(['wasm+blas', 'wasm', 'auto'])(
  'weights beyond the memory are refused before they are read: %s',
  async (engine) => {
    const directory = checkpointOf(1e12);
    for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json']) {
      writeInput(directory, name, {});
    }
    const args = ['probe', '--base', '--model', directory, '--prompt', '[MASK]', '--engine', engine];
    const run = await runCli(args);
    expectFailure(run, 2, [`${directory}: its weights take 1000.0 GB; this machine has `]);
  },
);
