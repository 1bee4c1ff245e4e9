// Fact bases that are large in every direction: locating takes a share of them and ends.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, runCli } from '../support/cli.js';
import { copyModel, writeInput } from '../support/files.js';

const EDIT = join(ROOT, 'edits/fix-capital.json');
const fact = (i: number) => ({ subject: `s${i}`, object: 'Paris' });
const count = (n: number) => Array.from({ length: n }, (_, i) => i);

it.each<[string, () => Record<string, unknown>]>([
  [
    '100,000 relations of one fact',
    () =>
      Object.fromEntries(
        count(100_000).map((i) => [`r${i}`, { templates: ['[X] costs [Y].'], facts: [fact(i)] }]),
      ),
  ],
  [
    'one relation of 400,000 facts',
    () => ({ price: { templates: ['[X] costs [Y].'], facts: count(400_000).map(fact) } }),
  ],
  [
    'one fact in 400,000 wordings',
    () => ({ price: { templates: count(400_000).map((i) => `[X] ${i} [Y].`), facts: [fact(1)] } }),
  ],
])('%s', async (_, facts) => {
  const model = copyModel();
  writeInput(model, 'facts.json', facts());
  const run = await runCli(['locate', EDIT, '--model', model]);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toContain('knowledge neurons');
});
