// Long runs of blanks where messages quote them: an expression that tries every split of a run never ends.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { copyModel, EDIT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const RUNS = [100_000];
const BLANKS = [' ', '\t', '\n', '\u2028', ' \n'];

for (const length of RUNS) {
  for (const blank of BLANKS) {
    const key = blank.repeat(length / blank.length);
    it(`an edit with a key of ${length} times ${JSON.stringify(blank)}`, async () => {
      const path = writeInput(temporaryDirectory(), 'edit.json', { ...EDIT, [key]: 1 });
      expectFailure(await runCli(['apply', path, '--verbose']).then(firstLine), 2, [path]);
    });
  }
}

it('a prompt', async () => {
  const prompt = `a${' '.repeat(120_000)}b [MASK]`;
  expectFailure(await runCli(['probe', '--prompt', prompt]), 2, [
    '--prompt: must have at most 10000 characters',
  ]);
});

it('a weight file whose header names a tensor of blanks', async () => {
  const model = copyModel();
  const tensor = { dtype: 'X', shape: [1], data_offsets: [0, 4] };
  const header = Buffer.from(JSON.stringify({ [' '.repeat(100_000)]: tensor }));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(join(model, 'model.safetensors'), Buffer.concat([size, header, Buffer.alloc(4)]));
  const found = await runCli(['probe', '--model', model, '--prompt', 'a [MASK]']);
  expectFailure(found, 2, ['model.safetensors']);
  expect(found.stderr.length).toBeLessThan(2000);
});

/** Without the stack that --verbose adds. */
function firstLine<T extends { stderr: string }>(run: T): T {
  return { ...run, stderr: `${run.stderr.split('\n', 1)[0]}\n` };
}
