// What `auto` takes where a native engine is installed: it depends on the model's size and on what is faster.
import { existsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBlas } from '../../dist/engine/blas.js';
import { chooseEngines, WORTH_A_PROCESS } from '../../dist/engine/choose.js';
import { ModelPool } from '../../dist/engine/pool.js';
import { NO_OVERLAY } from '../../dist/lm/overlay.js';
import { runCli } from '../support/cli.js';
import { NATIVE_MISSING } from '../support/engines.js';
import { installationWith } from '../support/installation.js';
import { KN_MINI } from '../support/models.js';
import { temporaryDirectory } from '../support/temporary.js';

/** A checkpoint with one matrix of that size, of which no more than the header lies on the disk. */
function checkpointOf(bytes: number): string {
  const directory = temporaryDirectory();
  const header = Buffer.from(
    JSON.stringify({ matrix: { dtype: 'F32', shape: [bytes / 4], data_offsets: [0, bytes] } }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const path = join(directory, 'model.safetensors');
  writeFileSync(path, Buffer.concat([length, header]));
  truncateSync(path, 8 + header.length + bytes);
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
      const blas = await findBlas().catch(() => undefined);
      expect(await chooseEngines('auto', large, 0)).toEqual(['tensorflow']);
      expect(await chooseEngines('auto', large, 1e9)).toEqual(blas ? ['wasm+blas', 'wasm'] : ['tensorflow']);
    });

    it('has one worker where the engine is native', async () => {
      const pool = new ModelPool(KN_MINI, 'tensorflow', 2);
      await pool.run('describe', {}, { overlay: NO_OVERLAY });
      expect(pool.workers).toBe(1);
      await pool.close();
    });
  },
);
