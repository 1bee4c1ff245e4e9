// What the command line says to ledgers that it cannot use, or that are not in a state for what is asked.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { EDIT, FACT, hashesOf, otherModel, PROMPT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const BAD_INPUT = 2;
const CONFLICT = 4;

/** A directory with an edit, a fact and `ledger.db`, made by `locate`. */
async function withLedger(): Promise<string> {
  const cwd = withFiles();
  const run = await runCli(['locate', 'fact.json', '--max-generic', '1', '--db', 'ledger.db'], { cwd });
  expect(run.code).toBe(0);
  return cwd;
}

function withFiles(): string {
  const cwd = temporaryDirectory();
  writeInput(cwd, 'edit.json', EDIT);
  writeInput(cwd, 'fact.json', FACT);
  return cwd;
}

/** The commands that work with a model, and so ask whether the ledger is its own. */
const MODEL_COMMANDS = [
  ['probe', '--prompt', PROMPT],
  ['attribute', '--prompt', PROMPT, '--target', 'Almaty'],
  ['locate', 'fact.json', '--max-generic', '1'],
  ['apply', 'edit.json'],
  ['revert', '--last'],
];

/** Every command that opens the ledger. */
const COMMANDS = [...MODEL_COMMANDS, ['history'], ['show', '1']];

/** Two of them that stand for all: one reads the file alone, one loads the model first. */
const SOME_COMMANDS = [['history'], ['apply', 'edit.json']];

/** The commands refuse `ledger.db`, and it stays as it is. */
async function expectRefused(cwd: string, commands: string[][], says: string[]): Promise<void> {
  const before = hashesOf(cwd);
  for (const command of commands) {
    const run = await runCli([...command, '--db', 'ledger.db'], { cwd });
    expectFailure(run, CONFLICT, ['ledger.db: ', ...says]);
  }
  expect(hashesOf(cwd)).toEqual(before);
}

describe('a ledger', () => {
  test.each([
    ['that is a text file', 'Long enough to hold the header of a SQLite file. '.repeat(100), COMMANDS],
    ['that is a short text file', 'short', SOME_COMMANDS],
  ])('%s', async (_, text, commands) => {
    const cwd = withFiles();
    writeInput(cwd, 'ledger.db', text);
    await expectRefused(cwd, commands, ['not a SQLite file', 'choose another --db']);
  });

  test("that is another program's SQLite file", async () => {
    const cwd = withFiles();
    new Database(join(cwd, 'ledger.db')).exec('CREATE TABLE bookmarks (url TEXT)').close();
    await expectRefused(cwd, SOME_COMMANDS, ['not a kn-edit ledger', 'choose another --db']);
  });

  test('that another program has left with a -wal file', async () => {
    const cwd = withFiles();
    const other = new Database(join(cwd, 'other.db'));
    other.pragma('journal_mode = WAL');
    other.exec('CREATE TABLE bookmarks (url TEXT)');
    copyFileSync(join(cwd, 'other.db'), join(cwd, 'ledger.db'));
    copyFileSync(join(cwd, 'other.db-wal'), join(cwd, 'ledger.db-wal'));
    other.close();
    const before = hashesOf(cwd);
    const run = await runCli(['history', '--db', 'ledger.db'], { cwd });
    expectFailure(run, CONFLICT, ['ledger.db: ', 'not a kn-edit ledger']);
    expect(new Map([...hashesOf(cwd)].filter(([name]) => before.has(name)))).toEqual(before);
  });

  test('that a newer version wrote', async () => {
    const cwd = await withLedger();
    const db = new Database(join(cwd, 'ledger.db'));
    db.pragma('user_version = 999');
    db.close();
    await expectRefused(cwd, SOME_COMMANDS, ['version 999', 'update kn-edit']);
  });

  test('that belongs to another model', async () => {
    const cwd = await withLedger();
    const model = otherModel('second');
    const says = ['belongs to the model kn-mini', 'not to second', 'choose another --db', '--base'];
    const asking = MODEL_COMMANDS.map((command) => [...command, '--model', model]);
    await expectRefused(cwd, asking, says);
    const onBase = await runCli(
      ['probe', '--prompt', PROMPT, '--db', 'ledger.db', '--model', model, '--base'],
      { cwd },
    );
    expect(onBase.code).toBe(0);
  });

  test('that is damaged', async () => {
    const cwd = await withLedger();
    truncateSync(join(cwd, 'ledger.db'), 8192);
    await expectRefused(cwd, [['history'], ['show', '1']], ['damaged', 'restore it from a copy']);
  });

  test('that another process is writing', async () => {
    const cwd = await withLedger();
    const writer = new Database(join(cwd, 'ledger.db'));
    try {
      writer.exec('BEGIN IMMEDIATE');
      const run = await runCli(['apply', 'edit.json', '--db', 'ledger.db'], { cwd });
      expectFailure(run, CONFLICT, ['ledger.db: ', 'another process', 'try again']);
    } finally {
      writer.close();
    }
    const history = await runCli(['history', '--db', 'ledger.db', '--json'], { cwd });
    expect(JSON.parse(history.stdout)).toEqual({ edits: [] });
  });
});

describe('a place where no ledger can be', () => {
  /** For root, permissions do not bind. */
  const closed = process.getuid?.() === 0 ? [] : ['closed/ledger.db'];

  test.each([
    'plain/ledger.db',
    'plain/deeper/ledger.db',
    '/proc/ledger.db',
    '/proc/kn-edit/ledger.db',
    'directory',
    '',
    ...closed,
  ])('"%s"', async (db) => {
    const cwd = withFiles();
    writeInput(cwd, 'plain', 'a regular file');
    mkdirSync(join(cwd, 'directory'));
    mkdirSync(join(cwd, 'closed'));
    chmodSync(join(cwd, 'closed'), 0o555);
    const run = await runCli(['apply', 'edit.json', '--db', db], { cwd });
    expectFailure(run, BAD_INPUT, [db, '--db']);
    expect(readFileSync(join(cwd, 'plain'), 'utf8')).toBe('a regular file');
  });
});

describe('an edit', () => {
  test('that is reverted already', async () => {
    const cwd = withFiles();
    expect((await runCli(['apply', 'edit.json'], { cwd })).code).toBe(0);
    expect((await runCli(['revert', '1'], { cwd })).code).toBe(0);
    expectFailure(await runCli(['revert', '1'], { cwd }), CONFLICT, ['edit 1: ', 'reverted already']);
    expectFailure(await runCli(['revert', '--last'], { cwd }), CONFLICT, ['nothing to revert']);
    expectFailure(await runCli(['revert', '--all'], { cwd }), CONFLICT, ['nothing to revert']);
  });

  test('that is not in the ledger', async () => {
    const cwd = await withLedger();
    for (const args of [
      ['show', '7'],
      ['revert', '7'],
    ]) {
      const run = await runCli([...args, '--db', 'ledger.db'], { cwd });
      expectFailure(run, CONFLICT, ['edit 7: ', 'not in the ledger', 'kn-edit history']);
    }
  });

  test('of an empty ledger', async () => {
    const cwd = await withLedger();
    for (const choice of ['--last', '--all']) {
      const run = await runCli(['revert', choice, '--db', 'ledger.db'], { cwd });
      expectFailure(run, CONFLICT, ['nothing to revert']);
    }
  });

  test("that KN_EDIT_DB names with nothing, which is the model's own", async () => {
    const cwd = temporaryDirectory();
    const run = await runCli(['history'], { cwd, env: { KN_EDIT_DB: '' } });
    expect(run).toEqual(await runCli(['history'], { cwd }));
    expect(run.code).toBe(0);
  });

  test('where there is no ledger yet', async () => {
    const cwd = temporaryDirectory();
    const env = { KN_EDIT_DB: 'none.db' };
    const shown = await runCli(['show', '1'], { cwd, env });
    expectFailure(shown, BAD_INPUT, ['none.db: ', 'no ledger yet', '--db']);
    const reverted = await runCli(['revert', '--last'], { cwd, env });
    expectFailure(reverted, CONFLICT, ['no ledger yet']);
    expect(hashesOf(cwd).size).toBe(0);
  });
});
