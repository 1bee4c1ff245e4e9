// The library's border: every method of the session names the argument that is wrong, and nothing is done then.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagnose, InputError, modelInfo, pullModel, readEdit, Session, type SessionOptions } from 'kn-edit';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT, runCli } from '../support/cli.js';

const edit = readEdit(join(ROOT, 'edits/fix-capital.json'));
const PROMPT = 'The capital of Kazakhstan is [MASK].';

const directory = mkdtempSync(join(tmpdir(), 'kn-edit-'));
const db = join(directory, 'ledger.db');
const session = new Session({ db });
afterAll(async () => {
  await session.close();
  rmSync(directory, { recursive: true, force: true });
});

/** What a program in JavaScript can do. @param args whatever it passes */
async function call(method: string, args: unknown[]): Promise<unknown> {
  const found: unknown = Reflect.get(session, method);
  if (typeof found !== 'function') throw new Error(`there is no ${method}`);
  return Reflect.apply(found, session, args);
}

describe('wrong arguments', () => {
  const { prompts, ...headless } = edit.fact;
  const cases: [method: string, args: unknown[], says: string][] = [
    ['revert', [], "choice: must be {id: N}, {ids: [N, …]}, 'last' or 'all'"],
    ['revert', [8], "choice: must be {id: N}, {ids: [N, …]}, 'last' or 'all'"],
    ['revert', ['everything'], "choice: must be {id: N}, {ids: [N, …]}, 'last' or 'all'"],
    ['revert', [{ id: '8' }], "choice: must be {id: N}, {ids: [N, …]}, 'last' or 'all'"],
    ['revert', ['last', true], 'options: must be an object, not true or false'],
    ['revert', ['last', { dryrun: true }], 'options: unknown field "dryrun"; did you mean "dryRun"?'],
    ['redo', ['1'], 'id: must be a number, not text'],
    ['redo', [], 'id: is missing'],
    ['show', [1.5], 'id: must be a whole number, not 1.5'],
    ['diff', [1], 'second: is missing'],
    ['probe', [], 'prompt: is missing'],
    ['probe', [PROMPT, 7], 'target: must be a word, or {"id": N}'],
    ['probe', [PROMPT, 'Almaty', 0], 'top: must be above 0'],
    ['attribute', [PROMPT], 'target: is missing'],
    [
      'attribute',
      [PROMPT, 'Almaty', { stepps: 3 }],
      'options: unknown field "stepps"; did you mean "steps"?',
    ],
    ['attribute', [PROMPT, 'Almaty', 20], 'options: must be an object, not a number'],
    ['locate', ['edits/fix-capital.json'], 'fact: must be an object, not text'],
    ['locate', [headless], 'fact: prompts: is missing'],
    ['locate', [edit.fact, { rule: 'simpson' }], 'options: rule: must be one of adaptive'],
    ['map', [undefined], 'fact: is missing'],
    ['apply', ['edits/fix-capital.json'], 'edit: must be an object, not text'],
    ['apply', [{ ...edit, operation: { type: 'nudge' } }], 'edit: operation.type: unknown operation; one of'],
    ['apply', [edit, { dryrun: true }], 'options: unknown field "dryrun"; did you mean "dryRun"?'],
    ['apply', [edit, { dryRun: 'yes' }], 'options: dryRun: must be true or false, not text'],
    ['apply', [edit, {}, { signal: 'now' }], 'control: signal: must be an AbortSignal'],
    ['promoted', [[[3, 1]], 5], 'neurons: 0: must be an object, not a list'],
    ['check', ['suite.json'], 'suite: must be an object, not text'],
    ['drawSuite', ['200'], 'count: must be a number, not text'],
    ['export', [], 'path: is missing'],
    ['exportPatch', [1, 'patch'], 'ids: must be a list, not a number'],
    ['applyPatch', [''], 'path: must not be empty'],
    ['draft', [], 'fact: is missing'],
    ['resolve', [{ preset: 'best' }], 'options: preset: must be one of default, dai2022, eleutherai'],
    ['read', [1], 'path: must be text, not a number'],
  ];
  it.each(cases)('%s', async (method, args, says) => {
    const refused = call(method, args);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(says);
  });

  it('leave no ledger behind', () => expect(existsSync(db)).toBe(false));
});

it.each([
  [{ engine: 'abacus' }, 'options: engine: must be one of auto'],
  [{ workers: 0 }, 'options: workers: must be above 0'],
  [{ base: 'yes' }, 'options: base: must be true or false'],
])('new Session(%j)', (options, says) => {
  expect(() => new Session(options as SessionOptions)).toThrow(says);
});

it('the functions beside the session name their arguments too', async () => {
  await expect(Reflect.apply(pullModel, undefined, [])).rejects.toThrow(/^name: is missing$/);
  await expect(Reflect.apply(pullModel, undefined, ['a/b', () => 1])).rejects.toThrow(
    /^control: must be an object, not a function/,
  );
  await expect(Reflect.apply(modelInfo, undefined, [3])).rejects.toThrow(
    /^model: must be text, not a number/,
  );
  expect(await diagnose(session)).toMatchObject({ model: { name: 'kn-mini' } });
});

it('settings may be left out, and so may probes and tolerance of an edit', async () => {
  const map = await session.attribute(PROMPT, 'Almaty');
  expect(map.settings).toMatchObject({ rule: 'adaptive', threshold: 0.2 });
  const located = await session.locate({ ...edit.fact, prompts: edit.fact.prompts.slice(0, 2) });
  expect(located.settings).toEqual(map.settings);
  const { probes, tolerance, ...short } = edit;
  const asked = { ...short, neurons: [[3, 1]], operation: { type: 'suppress' } };
  expect(await call('apply', [asked, { dryRun: true, control: 'none' }])).toMatchObject({
    status: 'dry-run',
  });
});

it('a complaint names the argument here, and the option on the command line', async () => {
  await expect(session.probe('no mask')).rejects.toThrow(/^prompt: /);
  await expect(session.probe(PROMPT, { id: 999_999 })).rejects.toThrow(/^target\.id: /);
  await expect(session.attribute(PROMPT, '')).rejects.toThrow(/^target: /);
  const { stderr } = await runCli(['probe', '--prompt', 'no mask']);
  expect(stderr).toMatch(/^kn-edit: --prompt: /);
  const byId = await runCli(['probe', '--prompt', PROMPT, '--target-id', '999999']);
  expect(byId.stderr).toMatch(/^kn-edit: --target-id: /);
});
