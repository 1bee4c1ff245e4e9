// What a sweep says of its directory, of options that do not fit, and of what it leaves out.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { SweepOptions } from '../../src/sweep/options.js';
import { reportOf } from '../../src/sweep/report/run.js';
import { writeReport } from '../../src/sweep/report/write.js';
import { expectFailure, runCli } from '../support/cli.js';
import { KN_MINI } from '../support/models.js';
import { withSession } from '../support/session.js';
import { FAILURES, manifestOf, resultsOf } from '../support/sweep-run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { resultsIn, smallItems, smallSet, sweepCli } from './runs.js';

it('writes over no file that is not its own', async () => {
  const set = smallSet(1, ['capital']);
  const out = temporaryDirectory();
  const mine = join(out, 'results.jsonl');
  writeFileSync(mine, 'mine');
  expectFailure(await sweepCli(set, out), 2, [mine, 'is there already', 'choose another --out']);
  expect(readFileSync(mine, 'utf8')).toBe('mine');
  expect(readdirSync(out)).toEqual(['results.jsonl']);
});

it('reports are written over reports alone', async () => {
  const run = await reportOf({
    manifest: manifestOf('locate', 120),
    results: resultsOf('locate'),
    failures: FAILURES,
  });
  const out = temporaryDirectory();
  writeReport(out, run);
  expect(() => writeReport(out, run)).not.toThrow();
  for (const name of ['report.html', 'summary.csv']) {
    const other = temporaryDirectory();
    writeFileSync(join(other, name), 'mine');
    expect(() => writeReport(other, run)).toThrow(`${join(other, name)}: is there already, and of no report`);
    expect(readdirSync(other)).toEqual([name]);
  }
});

it('says in one line why a directory cannot be made, and leaves nothing of a run that was not begun', async () => {
  const set = smallSet(1, ['capital']);
  expectFailure(await sweepCli(set, set), 2, [`${set}: is no directory; choose another --out`]);
  if (existsSync('/proc/self')) {
    expectFailure(await sweepCli(set, '/proc/kn-edit'), 2, ['/proc/kn-edit: cannot be made', '--out']);
  }
  const out = join(temporaryDirectory(), 'run');
  expectFailure(await sweepCli(set, out, '--relation', 'capitol'), 2, ['did you mean "capital"']);
  expect(existsSync(join(out, 'run.db'))).toBe(false);
});

it('says of a run that another version made what it is, and what brings it back', async () => {
  const set = smallSet(1, ['capital']);
  const out = join(temporaryDirectory(), 'run');
  await sweepCli(set, out);
  expect(resultsIn(out)).toMatchObject([{ engine: 'wasm' }]);
  const path = join(out, 'manifest.json');
  const { choice, ...manifest } = JSON.parse(readFileSync(path, 'utf8'));
  const { templates: _, ...older } = choice;
  writeFileSync(path, JSON.stringify({ ...manifest, choice: older }));
  const named = [`${path}: another version of kn-edit has made it`, 'again (choice.templates: is missing)'];
  expectFailure(await runCli(['sweep', 'report', out]), 2, named);
  const again = await sweepCli(set, out, '--json');
  expect([again.code, JSON.parse(again.stdout).computed]).toEqual([0, 0]);
  expect((await runCli(['sweep', 'report', out])).code).toBe(0);
});

it('is bad input where no fact can be used', async () => {
  const set = join(temporaryDirectory(), 'set.jsonl');
  const prompts = ['The capital of Atlantis is [MASK].'];
  const line = { subject: 'Atlantis', relation: 'capital', object: 'Poseidonopolis', prompts };
  writeFileSync(set, `${JSON.stringify(line)}\n`);
  const out = join(temporaryDirectory(), 'run');
  expectFailure(await sweepCli(set, out), 2, ['no fact in the set can be used with this model', '1: ']);
  expect(readdirSync(dirname(out)).includes('run') && readdirSync(out).length).toBe(0);
});

it('refuses options that mean nothing for what is done, and says what to do', async () => {
  const out = join(temporaryDirectory(), 'run');
  const edits = 'edit, suppress, amplify and erase';
  const nothing = 'goes with what is located, and --method';
  const refused: [options: Omit<SweepOptions, 'out'>, message: string][] = [
    [
      { do: 'suppress', operation: { lambdaOld: 1 } },
      '--lambda-old: goes with --do edit, and not with suppress; leave it out',
    ],
    [{ do: 'edit', operation: { value: 'unk' } }, '--value: goes with --do erase, and not with edit'],
    [{ do: 'edit', by: 'activation' }, '--by: goes with --do suppress, amplify and erase, and not with edit'],
    [{ do: 'erase', sequential: true }, '--sequential: goes with --do edit, and not with erase'],
    [{ do: 'locate', operation: { neurons: 4 } }, `--neurons: goes with --do ${edits}, and not with locate`],
    [{ do: 'locate', controls: 4 }, `--controls: goes with --do ${edits}, and not with locate`],
    [{ do: 'locate', seeds: 4 }, `--seeds: goes with --do ${edits}, and not with locate`],
    [{ do: 'locate', text: 4 }, `--text: goes with --do ${edits}, and not with locate`],
    [
      { do: 'suppress', controls: 0, seeds: 3 },
      '--seeds: draws random neurons, of which --controls 0 asks for none; leave one out',
    ],
    [{ do: 'locate', seed: 3 }, '--seed: draws the facts of --limit; leave it out, or give that'],
    [
      { do: 'erase', seed: 3 },
      '--seed: draws the facts of --limit and --controls; leave it out, or give one of these',
    ],
    ...[-5, 0, 0.5, 1].map((factor): [Omit<SweepOptions, 'out'>, string] => [
      { do: 'amplify', operation: { factor } },
      '--factor: must be above 1, as it amplifies',
    ]),
    ...['rome', 'subject'].map((method): [Omit<SweepOptions, 'out'>, string] => [
      { do: 'edit', operation: { method, layer: 99 } },
      '--layer: is outside the model (layers 0 to 3)',
    ]),
    [
      { do: 'edit', operation: { method: 'rome' }, full: true },
      `--full: ${nothing} rome locates nothing; leave it out`,
    ],
    [
      { do: 'edit', operation: { method: 'subject' }, locate: { minPrompts: 3 } },
      `--min-prompts: ${nothing} subject locates nothing; leave it out`,
    ],
  ];
  await withSession(KN_MINI, async (session) => {
    for (const [options, message] of refused) {
      await expect(session.sweep(smallItems(1), { out, ...options })).rejects.toThrow(message);
    }
  });
  const cli = await sweepCli(smallSet(1), out, '--method', 'rome');
  expectFailure(cli, 2, ['--method: goes with --do edit, and not with locate; leave it out']);
  expect(existsSync(out)).toBe(false);
});

it('tells what is next, what results.jsonl now holds, and of a shard without facts', async () => {
  const set = smallSet(2, ['capital']);
  const out = join(temporaryDirectory(), 'run');
  const first = await sweepCli(set, out);
  expect(first.stdout).toContain(`kn-edit sweep report ${out} makes its tables`);
  const second = await sweepCli(set, out, '--share', '0.5', '--limit', '1');
  expect(second.stderr).toContain(
    `${out}: results.jsonl is now of 1 fact, locate; 2 facts done before under other options are kept in run.db alone`,
  );
  const shards = join(temporaryDirectory(), 'run');
  const empty = await sweepCli(set, shards, '--shard', '2/2');
  expect(empty).toMatchObject({ code: 0, stderr: expect.stringContaining('shard 2 of 2 has no fact') });
  const merged = await runCli(['sweep', 'merge', shards]);
  expectFailure(merged, 2, ['shard-2-of-2: of 2 shards, 1 is missing', 'kn-edit sweep SET --shard 1/2']);
});
