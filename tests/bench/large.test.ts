// npm run bench:large on wrong options: one line, exit 2, and nothing is written.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, runCli } from '../support/cli.js';

const script = join(ROOT, 'dist/bench/large/main.js');

it.each([
  [[], 'bench:large: needs --shape NAME, one or more of bert-base, smollm2-135m, llama-3.2-1b,'],
  [['--shape', 'gpt-5'], 'bench:large: --shape: there is no "gpt-5"; choose from bert-base, '],
  [
    ['--shape', 'bert-base', '--engine', 'fast'],
    'bench:large: --engine: there is no "fast"; choose from auto, ',
  ],
  [
    ['--shape', 'bert-base', '--workers', 'two'],
    'bench:large: --workers: must be a whole number from 1 to 999',
  ],
  [['--shape'], "bench:large: Option '--shape <value>' argument missing"],
])('%j', async (args, says) => {
  const { code, stdout, stderr } = await runCli(args, { script });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.startsWith(says)).toBe(true);
  expect(stderr.trimEnd()).not.toContain('\n');
});
