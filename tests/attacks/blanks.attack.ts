// Long runs of blanks where messages quote them: an expression that tries every split of a run never ends.
import { it } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { EDIT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const RUNS = [1_000_000, 10_000_000];
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

/** Without the stack that --verbose adds. */
function firstLine<T extends { stderr: string }>(run: T): T {
  return { ...run, stderr: `${run.stderr.split('\n', 1)[0]}\n` };
}
