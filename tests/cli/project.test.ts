// The project file: found from below, checked, and overridden by the environment and the command line.
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectJsonSchema } from '../../src/spec/project-file.js';
import { expectFailure, runCli } from '../support/cli.js';
import { copyModel, FACT, PROMPT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const FILE = 'kn-edit.config.json';

/** A directory below one with this project file. */
function below(project: object | string): { root: string; cwd: string } {
  const root = temporaryDirectory();
  writeInput(root, FILE, project);
  const cwd = join(root, 'a', 'b');
  mkdirSync(cwd, { recursive: true });
  return { root, cwd };
}

async function json(args: string[], cwd: string, env = {}) {
  const run = await runCli([...args, '--json'], { cwd, env });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(run.stdout);
}

describe('a project', () => {
  it('says how facts are located, unless a preset or an option does', async () => {
    const { root, cwd } = below({ locate: { rule: 'riemann-left', steps: 7, maxGeneric: 1 } });
    writeInput(cwd, 'fact.json', FACT);
    const settings = async (...args: string[]) =>
      (await json(['locate', 'fact.json', '--db', 'l.db', ...args], cwd)).settings;
    expect(await settings()).toMatchObject({ rule: 'riemann-left', steps: 7, maxGeneric: 1 });
    expect(await settings('--steps', '5')).toMatchObject({ rule: 'riemann-left', steps: 5 });
    expect(await settings('--preset', 'dai2022')).toMatchObject({ rule: 'riemann-left', steps: 20 });
    expect((await json(['doctor', '--db', 'l.db'], cwd)).project).toMatchObject({ path: join(root, FILE) });
    expect((await runCli(['doctor', '--db', 'l.db'], { cwd })).stdout).toContain('locate.steps 7');
  });

  it('names model and ledger from where it lies; KN_EDIT_DB and --db go before, and another model has its own', async () => {
    const { root, cwd } = below({ model: './models/mine', db: 'ledgers/mine.db', engine: 'wasm' });
    mkdirSync(join(root, 'models'));
    cpSync(copyModel(), join(root, 'models', 'mine'), { recursive: true });
    const ledger = async (args: string[] = [], env = {}) => {
      const found = await json(['doctor', ...args], cwd, env);
      return [found.model.name, found.ledger.path, found.reason];
    };
    const mine = join(root, 'ledgers', 'mine.db');
    expect(await ledger()).toEqual(['mine', mine, 'asked for with --engine']);
    expect((await ledger(['--db', 'other.db']))[1]).toBe('other.db');
    expect((await ledger([], { KN_EDIT_DB: 'env.db' }))[1]).toBe('env.db');
    expect((await ledger(['--model', '../../models/mine']))[1], 'the same in other words').toBe(mine);
    const [name, path] = await ledger(['--model', 'kn-mini']);
    expect(name).toBe('kn-mini');
    expect(path).toMatch(/^\.kn-edit/);
  });

  it('that names no model is of the embedded one, and its paths are never meant from elsewhere', async () => {
    const { root, cwd } = below({ db: 'mine.db' });
    const { ledger } = await json(['doctor', '--model', 'kn-mini'], cwd);
    expect(ledger.path).toBe(join(root, 'mine.db'));
    const lost = below({ model: './models/none' });
    const run = await runCli(['probe', '--prompt', PROMPT], { cwd: lost.cwd });
    expectFailure(run, 2, [join(lost.root, 'models', 'none')]);
  });

  it.each([
    [{ locate: { rule: 'simpson' } }, ['locate.rule']],
    [{ modle: 'kn-mini' }, ['unknown field "modle"']],
    ['{ "model": ', ['not valid JSON']],
  ])('that is not valid is refused: %j', async (project, says) => {
    const { root, cwd } = below(project);
    const run = await runCli(['probe', '--prompt', PROMPT], { cwd });
    expectFailure(run, 2, [join(root, FILE), ...says]);
  });

  it('is completed by editors from fixtures/config.schema.json (npm run schema)', () => {
    const path = new URL('../../fixtures/config.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(projectJsonSchema());
  });
});
