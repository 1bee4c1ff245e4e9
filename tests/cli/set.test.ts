// kn-edit apply FILE...: several edits in one command, from files and from JSON Lines; stopped or killed, it has changed nothing.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { expectFailure, MAIN, runCli } from '../support/cli.js';
import { EDIT, FACT, writeInput } from '../support/files.js';
import { countRows } from '../support/rows.js';
import { temporaryDirectory } from '../support/temporary.js';

const TEN = new URL('../session/ten-edits.jsonl', import.meta.url).pathname;

const PARIS = {
  name: 'another-neuron',
  fact: {
    subject: 'France',
    relation: 'capital',
    object: 'Paris',
    prompts: ['The capital of France is [MASK].', 'France is governed from [MASK].'],
  },
  neurons: [[3, 2]],
  operation: { type: 'suppress' },
};
const quick = ['--control', 'none'];

function lines(...values: (object | string)[]): string {
  return values.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
}

describe('several edits', () => {
  it('are one table, an entry each in the ledger, and each is reverted alone', async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'a.json', EDIT);
    writeInput(cwd, 'b.json', PARIS);
    const { code, stdout } = await runCli(['apply', 'a.json', 'b.json', ...quick], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining('2 edits together: applied as edits 1, 2')]);
    expect(stdout).toMatch(/quiet-neuron +a\.json +suppress +\d of 3 /);
    expect(stdout).toMatch(/another-neuron +b\.json +suppress +\d of 2 /);
    expect(stdout).toContain('undo with: kn-edit revert 1 2');
    expect((await runCli(['revert', '1'], { cwd })).code).toBe(0);
    const history = JSON.parse((await runCli(['history', '--json'], { cwd })).stdout);
    expect(history.edits.map((one: { id: number; status: string }) => [one.id, one.status])).toEqual([
      [2, 'applied'],
      [1, 'reverted'],
    ]);
  });

  it.each<[string, string[], string]>([
    ['JSON Lines', ['edits.jsonl'], ''],
    ['JSON Lines in standard input', ['-'], lines(EDIT, '', PARIS, '')],
  ])('come from %s', async (_, paths, input) => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'edits.jsonl', lines(EDIT, '', PARIS, ''));
    const { code, stdout } = await runCli(['apply', ...paths, ...quick, '--dry-run', '--json'], {
      cwd,
      input,
    });
    const source = input ? 'standard input' : 'edits.jsonl';
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      {
        status: 'dry-run',
        wouldRefuse: false,
        edits: [
          {
            name: EDIT.name,
            source: `${source}, line 1`,
            final: { standing: {}, reach: { target: { of: 3 } } },
          },
          {
            name: PARIS.name,
            source: `${source}, line 3`,
            final: { standing: {}, reach: { target: { of: 2 } } },
          },
        ],
        drift: { before: { flips: 0 }, after: { probes: 100 } },
      },
    ]);
  });

  it('of which one has a file, or a line, to itself are applied as any edit is', async () => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'one.jsonl', lines(EDIT, ''));
    const { stdout } = await runCli(['apply', 'one.jsonl', ...quick, '--dry-run', '--json'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ status: 'dry-run', name: EDIT.name, operation: 'suppress' });
  });

  const again = { ...PARIS, fact: { ...FACT, prompts: ['The parliament of Kazakhstan meets in [MASK].'] } };
  it.each<[string, string, string[]]>([
    ['is no JSON', lines(EDIT, '{"name": ,}'), ['e.jsonl: not valid JSON: line 2, column 10: ']],
    [
      'lacks a field',
      lines(EDIT, '', { ...PARIS, operation: undefined }),
      ['e.jsonl, line 3: operation: is missing'],
    ],
    [
      'does not fit the model',
      lines(EDIT, { ...PARIS, fact: { ...PARIS.fact, prompts: ['France'] } }),
      ['e.jsonl, line 2: fact.prompts.0: ', 'write [MASK]'],
    ],
    [
      'is meant for another model',
      lines(EDIT, { ...PARIS, model: 'gpt2' }),
      ['e.jsonl, line 2: model: the edit is for "gpt2"'],
    ],
    [
      'is about a fact that was there before',
      lines(EDIT, PARIS, again),
      ['e.jsonl, line 3: fact: is that of e.jsonl, line 1 (Kazakhstan, capital); keep one of the two'],
    ],
  ])('a line that %s is named', async (_, text, says) => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'e.jsonl', text);
    expectFailure(await runCli(['apply', 'e.jsonl', ...quick], { cwd }), 2, says);
    expect((await runCli(['history'], { cwd })).stdout).toMatch(/no edits yet/);
  });

  it.each<[string, string[], string]>([
    ['a what-if', ['--what-if'], '--what-if, --dose and --sweep try one edit out'],
    ['doses', ['--dose', '0,1'], '--what-if, --dose and --sweep try one edit out'],
    ['standard input behind them', ['-'], '"-" is standard input, which is named once, before the files'],
  ])('do not go with %s', async (_, more, says) => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'a.json', EDIT);
    writeInput(cwd, 'b.json', PARIS);
    expectFailure(await runCli(['apply', 'a.json', 'b.json', ...more], { cwd }), 2, [says]);
  });
});

it.each<[NodeJS.Signals, number | null]>([
  ['SIGINT', 130],
  ['SIGKILL', null],
])(
  'a set that is stopped by %s between two of its edits leaves the ledger as it was',
  async (signal, exit) => {
    const cwd = temporaryDirectory();
    const path = join(cwd, 'ledger.db');
    const child = spawn(process.execPath, [MAIN, 'apply', TEN, ...quick, '--db', path], { cwd });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    while (countRows(path, 'localizations') < 3) await setTimeout(20);
    child.kill(signal);
    expect(await ended).toBe(exit);
    expect(countRows(path, 'edits')).toBe(0);
    const db = new Database(path);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  },
);
