// Ctrl-C in the middle of the work: exit 130, the ledger is sound, nothing that was cached is lost, and nothing is left that
// is half-written.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { MAIN, ROOT } from '../support/cli.js';
import { copyModel, rewriteWeights } from '../support/files.js';
import { countRows } from '../support/rows.js';
import { temporaryDirectory } from '../support/temporary.js';

it('stops an apply while it locates', async () => {
  const path = join(temporaryDirectory(), 'ledger.db');
  const edit = join(ROOT, 'edits/fix-capital.json');
  const child = spawn(process.execPath, [MAIN, 'apply', edit, '--db', path], { cwd: ROOT });
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  while (countRows(path, 'score_maps') < 20) await setTimeout(20);
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(stderr).toMatch(/^kn-edit: interrupted; nothing was changed\n$/);
  expect(countRows(path, 'score_maps')).toBeGreaterThanOrEqual(20);
  expect(countRows(path, 'edits')).toBe(0);
  const db = new Database(path);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  db.close();
});

describe('an export', () => {
  /** kn-mini with a tensor of a gigabyte that nothing needs, so that copying it takes a while. */
  function bulkyModel(): string {
    const model = copyModel();
    rewriteWeights(model, (bytes) => {
      const length = Number(bytes.readBigUInt64LE());
      const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, unknown>;
      const end = bytes.length - 8 - length;
      header.bulk = { dtype: 'U8', shape: [BULK], data_offsets: [end, end + BULK] };
      const text = Buffer.from(JSON.stringify(header));
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(BigInt(text.length));
      return Buffer.concat([size, text, bytes.subarray(8 + length)]);
    });
    const path = join(model, 'model.safetensors');
    truncateSync(path, statSync(path).size + BULK);
    return model;
  }
  const BULK = 2 ** 30;

  it.each([1, 2])('that is stopped %i times leaves nothing', async (times) => {
    const model = bulkyModel();
    const cwd = temporaryDirectory();
    const args = ['export', 'exported', '--model', model, '--db', join(cwd, 'ledger.db')];
    const child = spawn(process.execPath, [MAIN, ...args], { cwd });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    while (!readdirSync(cwd).some((name) => existsSync(join(cwd, name, 'model.safetensors')))) {
      await setTimeout(5);
    }
    for (let i = 0; i < times; i++) child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(readdirSync(cwd)).toEqual([]);
  });
});
