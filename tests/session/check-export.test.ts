// docs/check-export.py: exports answer in Python's transformers as the session did, and others do not.
// Of the Python that KN_EDIT_PYTHON names (python3 unless set), where that has torch and transformers.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/cli.js';
import { goldenDirectory } from '../support/golden.js';
import { editOf, quick, withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';

const PYTHON = process.env.KN_EDIT_PYTHON ?? 'python3';
const python = (...args: string[]) => spawnSync(PYTHON, args, { encoding: 'utf8' });
const FOUND = 'from importlib.util import find_spec as f; exit(not (f("torch") and f("transformers")))';
const hasTransformers = python('-c', FOUND).status === 0;
const check = (...args: string[]) => python(join(ROOT, 'docs/check-export.py'), ...args);

describe.skipIf(!hasTransformers)('a Python with torch and transformers', () => {
  it.each(['roberta', 'gpt2', 'llama'])(
    'finds the answers of two edits on top of each other, %s',
    async (kind) => {
      const directory = temporaryDirectory();
      const [edited, base, answers] = ['edited', 'base', 'answers.json'].map((name) => join(directory, name));
      if (!edited || !base || !answers) throw new Error('three paths were made');
      await withSession(goldenDirectory(kind), async (session) => {
        for (const method of ['rome', 'subject'] as const) {
          const to = method === 'rome' ? 'French' : 'Portuguese'; // of one token, and of several
          await session.apply(editOf({ operation: { type: 'rewrite', to, method } }), quick);
        }
        writeFileSync(answers, JSON.stringify(session.show(2)));
        await session.export(edited);
      });
      await withSession(goldenDirectory(kind), (session) => session.export(base));
      expect(check(edited, answers)).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(': the same'),
      });
      expect(check(base, answers)).toMatchObject({
        status: 1,
        stdout: expect.stringContaining('NOT the same'),
      });
    },
  );

  it('says what a file or a directory lacks', () => {
    const missing = check(join(temporaryDirectory(), 'none'), 'answers.json');
    expect(missing).toMatchObject({ status: 2, stderr: expect.stringContaining('has no config.json') });
    const wrong = check(goldenDirectory('bert'), join(goldenDirectory('bert'), 'config.json'));
    expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining('has no answers') });
  });
});
