// An edit with more probes than a call can have arguments: applied, shown, taken back.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { runCli } from '../support/cli.js';
import { EDIT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const COUNT = 130_000;
const HANGS_MS = 600_000;

test(`${COUNT} probes`, async () => {
  const cwd = temporaryDirectory();
  const paraphrase = Array.from({ length: COUNT }, () => {
    return { prompt: 'The capital of France is [MASK].', expect: 'Paris' };
  });
  writeInput(cwd, 'edit.json', { ...EDIT, probes: { paraphrase } });
  const db = ['--db', join(cwd, 'l.db')];
  for (const args of [
    ['apply', 'edit.json', '--control', 'none'],
    ['show', '1'],
    ['revert', '1'],
  ]) {
    const run = await runCli([...args, ...db], { cwd, limit: HANGS_MS });
    expect({ args, code: run.code, stderr: run.stderr }).toEqual({ args, code: 0, stderr: '' });
  }
  const { stdout } = await runCli(['history', '--json', ...db], { cwd });
  const history = z.object({ edits: z.array(z.object({ status: z.string() })) });
  expect(history.parse(JSON.parse(stdout)).edits).toEqual([{ status: 'reverted' }]);
});
