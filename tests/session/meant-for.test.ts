// Files that name a model: the fingerprint decides, the name is a hint, and a model that is asked for wins with a note.
import { Session, type Suite } from 'kn-edit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { EDIT, otherModel, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const SUITE: Suite = {
  name: 's',
  tolerance: { top1: 'expected' },
  probes: [{ prompt: 'The capital of France is [MASK].', expect: 'Paris' }],
};

function open(model?: string): Session {
  const session = new Session({ model, base: true });
  onTestFinished(() => session.close());
  return session;
}

/** The notes that a check of the suite gives. */
async function notesOf(session: Session, suite: Suite): Promise<string[]> {
  const notes: string[] = [];
  await session.check(suite, { onNote: (text) => notes.push(text) });
  return notes;
}

describe('a suite', () => {
  it('that is drawn says which model it is of, by name and fingerprint', async () => {
    const session = open();
    const { fingerprint, name } = await session.model();
    const drawn = await session.drawSuite(2, 1);
    expect(drawn).toMatchObject({ model: name, fingerprint });
    expect(await session.recordSuite(SUITE)).toMatchObject({ model: name, fingerprint });
    expect(await notesOf(session, { ...drawn, model: 'called otherwise' })).toEqual([]);
  });

  it('for another model is refused, whatever the name says', async () => {
    const session = open();
    await expect(session.check({ ...SUITE, model: 'bert-base' })).rejects.toThrow(
      'model: the suite is for "bert-base", the model is "kn-mini"; pass --model',
    );
    const other = { ...SUITE, model: 'kn-mini', fingerprint: '0'.repeat(64) };
    await expect(session.check(other)).rejects.toThrow(
      'fingerprint: the suite is for "kn-mini" (000000000000)',
    );
  });

  it('of the base is taken without a word by what was exported from it', async () => {
    const { fingerprint, name } = await open().model();
    const exported = otherModel('exp');
    writeInput(exported, 'kn-edit.json', { base: { name, fingerprint }, edits: [], versions: {} });
    const session = open(exported);
    expect(await notesOf(session, { ...SUITE, model: name })).toEqual([]);
    expect(await notesOf(session, { ...SUITE, model: name, fingerprint })).toEqual([]);
  });

  it('is taken with a note by a model that was asked for', async () => {
    expect(await notesOf(open(otherModel('other')), { ...SUITE, model: 'kn-mini' })).toEqual([
      'the suite was written for "kn-mini"; --model says "other", which is taken',
    ]);
  });
});

describe('the command line', () => {
  const args = (file: string, model: string) => ['apply', file, '--model', model, '--control', 'none'];
  it('prints the note on stderr, or in the document', async () => {
    const cwd = temporaryDirectory();
    const model = otherModel('other');
    writeInput(cwd, 'edit.json', { ...EDIT, model: 'kn-mini' });
    const note = 'the edit was written for "kn-mini"; --model says "other", which is taken';
    const text = await runCli([...args('edit.json', model), '--dry-run'], { cwd });
    expect(text).toMatchObject({ code: 0, stderr: `note: ${note}\n` });
    const document = await runCli([...args('edit.json', model), '--json'], { cwd });
    expect(document.stderr).toBe('');
    expect(JSON.parse(document.stdout)).toMatchObject({ status: 'applied', notes: [note] });
  });

  it('refuses without --model', async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'edit.json', { ...EDIT, model: 'bert-base' });
    const run = await runCli(['apply', 'edit.json'], { cwd });
    expectFailure(run, 2, ['edit.json: model: the edit is for "bert-base"', 'pass --model']);
  });
});
