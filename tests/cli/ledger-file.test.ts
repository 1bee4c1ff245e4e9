// The ledger as a file: where it is, who can read it, and what becomes of it when the place or the disk does not play
// along.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type ApplyOptions, type EditFile, Session } from 'kn-edit';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bound, expectFailure, type RunOptions, runCli } from '../support/cli.js';
import { copyModel, EDIT, FACT, hashesOf, otherModel, PROMPT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const BAD_INPUT = 2;
const CONFLICT = 4;
const VERSION_1 = new URL('../ledger/version-1.db', import.meta.url).pathname;

// One engine for both users: each measures for itself which is the fastest.
const PROBE = ['probe', '--engine', 'wasm', '--prompt', PROMPT, '--top', '3', '--json'];
const LOCATE = ['locate', 'fact.json', '--max-generic', '1', '--json'];
const APPLY = ['apply', 'edit.json', '--control', 'none'];

function withFiles(): string {
  const cwd = temporaryDirectory();
  chmodSync(cwd, 0o755);
  for (const name of ['edit.json', 'same.json']) writeInput(cwd, name, EDIT);
  writeInput(cwd, 'fact.json', FACT);
  writeInput(cwd, 'suite.json', { name: 's', probes: [{ prompt: PROMPT, expect: 'Almaty' }] });
  return cwd;
}

async function ok(args: string[], options: RunOptions): Promise<string> {
  const run = await runCli(args, options);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  return run.stdout;
}

/** A directory with the files, and a ledger with one applied edit in `d`. */
async function withLedger(): Promise<string> {
  const cwd = withFiles();
  mkdirSync(join(cwd, 'd'));
  await ok([...APPLY, '--db', 'd/l.db'], { cwd });
  return cwd;
}

function close(cwd: string, file: number, directory: number): void {
  for (const name of readdirSync(join(cwd, 'd'))) chmodSync(join(cwd, 'd', name), file);
  chmodSync(join(cwd, 'd'), directory);
}

describe.runIf(bound)('a ledger that can be read and not written', () => {
  const db = ['--db', 'd/l.db'];

  test('because of its file', async () => {
    const cwd = await withLedger();
    const edited = await ok([...PROBE, ...db], { cwd });
    close(cwd, 0o444, 0o777);
    const before = hashesOf(join(cwd, 'd'));
    expect(await ok([...PROBE, ...db], { cwd, bound: true })).toBe(edited);
    expect((await runCli(['doctor', ...db], { cwd, bound: true })).code).toBe(0);
    expect((await runCli([...APPLY, ...db], { cwd, bound: true })).code).toBe(BAD_INPUT);
    expect(hashesOf(join(cwd, 'd')), 'nothing is left beside it').toEqual(before);
  });

  test('because of its directory', async () => {
    const cwd = await withLedger();
    const edited = await ok([...PROBE, ...db], { cwd });
    expect(edited).not.toBe(await ok([...PROBE, ...db, '--base'], { cwd }));
    close(cwd, 0o444, 0o555);
    const before = hashesOf(join(cwd, 'd'));
    const as = { cwd, bound: true };
    expect(JSON.parse(await ok(['history', '--json', ...db], as)).edits).toMatchObject([
      { id: 1, status: 'applied', neurons: 1 },
    ]);
    expect(await ok(['show', '1', ...db], as)).toContain('quiet-neuron');
    expect(await ok([...PROBE, ...db], as)).toBe(edited);
    expect(await ok(['check', 'suite.json', ...db], as)).toContain('passed');
    expect(JSON.parse(await ok([...LOCATE, ...db], as)).neurons).not.toEqual([]);
    expect(await ok([...APPLY, '--dry-run', ...db], as)).toContain('dry run');
    expect(JSON.parse(await ok(['doctor', '--json', ...db], as)).ledger).toMatchObject({
      complaints: [],
      replayed: true,
      edits: 1,
    });
    for (const command of [APPLY, ['revert', '1'], ['revert', '--all']]) {
      expectFailure(await runCli([...command, ...db], as), BAD_INPUT, [
        'd/l.db: the ledger cannot be written: permission denied',
        'choose a --db that can be',
      ]);
    }
    expect(hashesOf(join(cwd, 'd'))).toEqual(before);
  });

  test('and is of an older version', async () => {
    const cwd = withFiles();
    mkdirSync(join(cwd, 'd'));
    copyFileSync(VERSION_1, join(cwd, 'd/l.db'));
    close(cwd, 0o444, 0o555);
    const as = { cwd, bound: true };
    const { edits } = JSON.parse(await ok(['history', '--json', ...db], as));
    expect(edits).toMatchObject([{ status: 'reverted' }, { status: 'applied' }]);
    expect(await ok(['show', '1', ...db], as)).toContain('applied');
    expect(readdirSync(join(cwd, 'd'))).toEqual(['l.db']);
    expect(readFileSync(join(cwd, 'd/l.db'))).toEqual(readFileSync(VERSION_1));
  });

  test.each([
    ['with its index', true],
    ['without it', false],
  ])('and whose last changes are in a log, %s', async (_, index) => {
    const cwd = await withLedger();
    const from = join(cwd, 'd/l.db');
    const writer = new Database(from);
    writer.exec("UPDATE edits SET name = 'in the log'");
    mkdirSync(join(cwd, 'e'));
    for (const suffix of ['', '-wal', ...(index ? ['-shm'] : [])]) {
      copyFileSync(from + suffix, join(cwd, 'e/l.db') + suffix);
    }
    writer.close();
    rmSync(join(cwd, 'd'), { recursive: true });
    renameSync(join(cwd, 'e'), join(cwd, 'd'));
    close(cwd, 0o444, 0o555);
    const run = await runCli(['history', ...db], { cwd, bound: true });
    if (index) expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('in the log') });
    else
      expectFailure(run, BAD_INPUT, ['d/l.db: ', 'l.db-wal has changes that are not folded in', 'copy it']);
  });

  test('whose directory may not be entered', async () => {
    const cwd = await withLedger();
    chmodSync(join(cwd, 'd'), 0o000);
    if (process.getuid?.() === 0) chmodSync(join(cwd, 'd'), 0o700);
    for (const command of [['history'], PROBE.slice(0, -1), ['check', 'suite.json'], APPLY, ['show', '1']]) {
      const run = await runCli([...command, ...db], { cwd, bound: true });
      expectFailure(run, BAD_INPUT, ['d/l.db: cannot be reached: permission denied', '--db']);
    }
    const diagnosis = await runCli(['doctor', '--json', ...db], { cwd, bound: true });
    expect(diagnosis.code).toBe(1);
    expect(JSON.parse(diagnosis.stdout).ledger.complaints).toEqual([
      expect.stringContaining('cannot be reached'),
    ]);
    chmodSync(join(cwd, 'd'), 0o755);
  });
});

describe('the path of a ledger', () => {
  test.each(['sub/', 'directory', 'directory/'])('may not be the directory "%s"', async (db) => {
    const cwd = withFiles();
    mkdirSync(join(cwd, 'directory'));
    for (const command of [APPLY, ['history'], ['revert', '--last']]) {
      const run = await runCli([...command, '--db', db], { cwd });
      expectFailure(run, BAD_INPUT, [`${db}: is a directory; --db takes the path of a file`]);
    }
    expect(readdirSync(cwd).sort()).toEqual([
      'directory',
      'edit.json',
      'fact.json',
      'same.json',
      'suite.json',
    ]);
  });

  test('is named after the model when none is given, wherever the model lies', async () => {
    const cwd = withFiles();
    await ok(APPLY, { cwd });
    const [name = ''] = readdirSync(join(cwd, '.kn-edit'));
    expect(name).toMatch(/^[0-9a-f]{16}\.db$/);
    const names = async (model: string) => {
      const { edits } = JSON.parse(await ok(['history', '--json', '--model', model], { cwd }));
      return z.array(z.object({ id: z.number() })).parse(edits);
    };
    expect(await names('kn-mini')).toHaveLength(1);
    expect(await names(copyModel('elsewhere')), 'the same model').toHaveLength(1);
    const other = otherModel('other');
    expect(await names(other)).toEqual([]);
    await ok([...LOCATE, '--model', other], { cwd });
    expect(readdirSync(join(cwd, '.kn-edit'))).toHaveLength(2);
    expect(await names('kn-mini')).toHaveLength(1);
  });

  test('is an older ledger.db where that belongs to the model', async () => {
    const cwd = withFiles();
    mkdirSync(join(cwd, '.kn-edit'));
    await ok([...APPLY, '--db', '.kn-edit/ledger.db'], { cwd });
    const other = otherModel('other');
    expect(JSON.parse(await ok(['history', '--json', '--model', other], { cwd })).edits).toEqual([]);
    expect(JSON.parse(await ok(['history', '--json'], { cwd })).edits).toHaveLength(1);
    await ok(['revert', '--last'], { cwd });
    expect(readdirSync(join(cwd, '.kn-edit'))).toEqual(['ledger.db']);
  });

  test('stays empty when a command is refused', async () => {
    const cwd = withFiles();
    writeInput(cwd, 'wrong.json', { ...EDIT, neurons: [[99, 1]] });
    writeInput(cwd, 'word.json', { ...EDIT, operation: { type: 'rewrite', to: 'Xyzzyplugh' } });
    for (const name of ['wrong.json', 'word.json']) {
      expectFailure(await runCli(['apply', name], { cwd }), BAD_INPUT, [name]);
    }
    expect((await runCli(['revert', '--last'], { cwd })).code).toBe(CONFLICT);
    await ok([...APPLY, '--dry-run'], { cwd });
    await ok(PROBE, { cwd });
    expect(readdirSync(cwd)).not.toContain('.kn-edit');
  });
});

test.skipIf(process.platform === 'win32')('a ledger is its owner’s alone', async () => {
  const cwd = withFiles();
  const mode = (name: string) => (statSync(join(cwd, name)).mode & 0o777).toString(8);
  await ok([...APPLY, '--db', 'l.db'], { cwd });
  const reader = new Database(join(cwd, 'l.db'));
  reader.prepare('SELECT * FROM edits').get(); // makes the -wal and -shm files
  expect(['l.db', 'l.db-wal', 'l.db-shm'].map(mode)).toEqual(['600', '600', '600']);
  reader.close();
  copyFileSync(VERSION_1, join(cwd, 'old.db'));
  chmodSync(join(cwd, 'old.db'), 0o644);
  await ok(['history', '--db', 'old.db'], { cwd });
  expect(mode('old.db.v1')).toBe('600');
});

describe('a ledger that is not there any more', () => {
  const small: EditFile = {
    ...EDIT,
    neurons: [[3, 1]],
    operation: { type: 'suppress' },
    probes: { paraphrase: [], neighborhood: [], unrelated: [] },
    tolerance: { top1: 'any', maxProbabilityDrop: 1 },
  };
  const options: ApplyOptions = { control: 'none' };

  test.each([
    ['deleted', (path: string) => rmSync(path)],
    [
      'replaced by another file',
      (path: string) => {
        renameSync(path, `${path}.moved`);
        copyFileSync(`${path}.moved`, path);
      },
    ],
  ])('was %s while an edit was being applied', async (what, act) => {
    const path = join(temporaryDirectory(), 'l.db');
    const session = new Session({ db: path });
    await session.apply(small, options);
    const applying = session.apply(small, options, { onMeasured: () => act(path) });
    await expect(applying).rejects.toMatchObject({
      exitCode: CONFLICT,
      message: expect.stringContaining(
        `the ledger was ${what} while kn-edit had it open; nothing was recorded`,
      ),
    });
    // The session goes on with what lies there now.
    expect(session.history()).toHaveLength(what === 'deleted' ? 0 : 1);
    expect(await session.apply(small, options)).toMatchObject({ editId: what === 'deleted' ? 1 : 2 });
    await session.close();
  });
});

describe('of the time when tokenizer_config.json was no part of the fingerprint', () => {
  const info = z.object({ fingerprint: z.string(), formerFingerprint: z.string() });
  const fingerprints = async () => {
    const run = await runCli(['doctor', '--json']);
    return info.parse(JSON.parse(run.stdout).model);
  };

  test('a ledger is accepted with a note, once', async () => {
    const cwd = await withLedger();
    const { fingerprint, formerFingerprint } = await fingerprints();
    expect(fingerprint).not.toBe(formerFingerprint);
    const db = new Database(join(cwd, 'd/l.db'));
    expect(db.prepare('SELECT fingerprint FROM models').pluck().all()).toEqual([fingerprint]);
    db.prepare('UPDATE models SET fingerprint = ?').run(formerFingerprint);
    db.close();
    const first = await runCli([...PROBE, '--db', 'd/l.db'], { cwd });
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout).notes).toEqual([expect.stringContaining('tokenizer_config.json')]);
    expect(JSON.parse(await ok([...PROBE, '--db', 'd/l.db'], { cwd }))).not.toHaveProperty('notes');
  });

  test('a ledger is accepted with a note, though the command fails', async () => {
    const cwd = await withLedger();
    const { formerFingerprint } = await fingerprints();
    const db = new Database(join(cwd, 'd/l.db'));
    db.prepare('UPDATE models SET fingerprint = ?').run(formerFingerprint);
    db.close();
    const run = await runCli(['revert', '99', '--db', 'd/l.db'], { cwd });
    expect(run.code).toBe(4);
    expect(run.stderr).toMatch(/^note: .*tokenizer_config\.json.*\nkn-edit: edit 99: is not in the ledger/);
  });

  test('a patch is accepted with a note', async () => {
    const cwd = await withLedger();
    await ok(['patch', 'export', '1', '--out', 'new.safetensors', '--db', 'd/l.db'], { cwd });
    const { fingerprint, formerFingerprint } = await fingerprints();
    const patch = readFileSync(join(cwd, 'new.safetensors')).toString('latin1');
    writeFileSync(
      join(cwd, 'old.safetensors'),
      Buffer.from(patch.replace(fingerprint, formerFingerprint), 'latin1'),
    );
    const run = await runCli(['patch', 'apply', 'old.safetensors', '--db', 'fresh.db', '--json'], { cwd });
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      editId: 1,
      notes: [expect.stringContaining('old.safetensors: ')],
    });
  });

  test('a model with another tokenizer_config.json is another model', async () => {
    const cwd = await withLedger();
    const model = copyModel('renamed');
    const path = join(model, 'tokenizer_config.json');
    writeFileSync(path, `${readFileSync(path, 'utf8')}\n`);
    const run = await runCli([...PROBE.slice(0, -1), '--db', 'd/l.db', '--model', model], { cwd });
    expectFailure(run, CONFLICT, ['d/l.db: belongs to the model kn-mini', 'not to renamed']);
  });
});

const FAILING = `
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
static int is(int fd, const char *suffix) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  long length = readlink(link, path, sizeof path - 1);
  return length > 4 && !memcmp(path + length - 4, suffix, 4);
}
static int fails(int error) { errno = error; return -1; }
`;

/** A disk that cannot make the logs of databases durable. */
const FAILING_FSYNC = `${FAILING}
int fsync(int fd) { return is(fd, "-wal") ? fails(EIO) : syscall(SYS_fsync, fd); }
int fdatasync(int fd) { return is(fd, "-wal") ? fails(EIO) : syscall(SYS_fdatasync, fd); }
`;

/** A disk without room for anything beside a database. */
const FULL = `${FAILING}
static int full(int fd) { return is(fd, "-shm") || is(fd, "-wal"); }
ssize_t write(int fd, const void *bytes, size_t n) { return full(fd) ? fails(ENOSPC) : syscall(SYS_write, fd, bytes, n); }
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) {
  return full(fd) ? fails(ENOSPC) : syscall(SYS_pwrite64, fd, bytes, n, at);
}
ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at) { return pwrite(fd, bytes, n, at); }
`;

/** @returns the environment of a program whose calls of the system are taken over by a piece of C */
function takenOver(cwd: string, code: string): NodeJS.ProcessEnv {
  writeFileSync(join(cwd, 'fails.c'), code);
  execFileSync('cc', ['-shared', '-fPIC', '-o', 'fails.so', 'fails.c'], { cwd });
  return { LD_PRELOAD: join(cwd, 'fails.so') };
}

const compiles = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

test.runIf(compiles)('a disk that fails at the commit: what is said to be recorded is', async () => {
  const cwd = await withLedger();
  const env = takenOver(cwd, FAILING_FSYNC);
  const run = await runCli([...APPLY, '--db', 'd/l.db', '--json'], { cwd, env });
  const { edits } = JSON.parse(await ok(['history', '--json', '--db', 'd/l.db'], { cwd }));
  const said = JSON.parse(run.stdout);
  if (edits.length === 2) {
    expect(run.code).toBe(0);
    expect(said).toMatchObject({ editId: 2, status: 'applied' });
    expect(said.notes).toEqual([
      expect.stringContaining('it was recorded, but may not outlast a power failure'),
    ]);
  } else {
    expect(run.code).toBe(BAD_INPUT);
    expect(said.error.message).toContain('nothing was recorded');
  }
});

test.runIf(compiles)('a full disk: the ledger is read, and what would change it says so', async () => {
  const cwd = await withLedger();
  const db = ['--db', 'd/l.db'];
  const edited = await ok([...PROBE, ...db], { cwd });
  const full = { cwd, env: takenOver(cwd, FULL) };
  expect(await ok([...PROBE, ...db], full)).toBe(edited);
  expect(JSON.parse(await ok(['history', '--json', ...db], full)).edits).toHaveLength(1);
  expect(JSON.parse(await ok([...LOCATE, ...db], full)).neurons).not.toEqual([]);
  expect(JSON.parse(await ok(['doctor', '--json', ...db], full)).ledger.complaints).toEqual([]);
  expectFailure(await runCli(['revert', '1', ...db], full), BAD_INPUT, [
    'd/l.db: the ledger cannot be written',
  ]);
});
