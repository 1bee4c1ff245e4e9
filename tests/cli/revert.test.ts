// kn-edit revert: several edits by their numbers, all of them or none.
import { describe, expect, it } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { EDIT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

describe('revert ID...', () => {
  it('takes back what is named, the newest first, and nothing when one cannot be', async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'edit.json', EDIT);
    const db = ['--db', 'x.db'];
    const statuses = async () => {
      const { stdout } = await runCli(['history', '--json', ...db], { cwd });
      const { edits } = JSON.parse(stdout) as { edits: { id: number; status: string }[] };
      return Object.fromEntries(edits.map(({ id, status }) => [id, status]));
    };
    for (let i = 0; i < 3; i++) {
      expect((await runCli(['apply', 'edit.json', '--control', 'none', ...db], { cwd })).code).toBe(0);
    }
    const { code, stdout } = await runCli(['revert', '1', '3', '1', '--json', ...db], { cwd });
    expect(code).toBe(0);
    const { edits } = JSON.parse(stdout) as { edits: { id: number }[] };
    expect(edits.map(({ id }) => id)).toEqual([3, 1]);
    expect(await statuses()).toEqual({ 1: 'reverted', 2: 'applied', 3: 'reverted' });
    expectFailure(await runCli(['revert', '2', '3', ...db], { cwd }), 4, ['edit 3: is reverted already']);
    expect(await statuses()).toEqual({ 1: 'reverted', 2: 'applied', 3: 'reverted' });
  });
});
