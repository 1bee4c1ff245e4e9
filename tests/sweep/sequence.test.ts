// Sequential sweeps: each edit is made upon those before it, as if they had been applied one after the other; and they go on
// where they were.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApplyResult, Session, SetItem } from 'kn-edit';
import { expect, it, vi } from 'vitest';
import type { ProbeResult } from '../../src/probe/results.js';
import { editSchema } from '../../src/spec/edit-file.js';
import type { SweepJob, SweepTask } from '../../src/sweep/job.js';
import { resultSchema, type SweepResult } from '../../src/sweep/result.js';
import { RunFile } from '../../src/sweep/run-file.js';
import { columnsOf, type LeftEdit, leftColumns } from '../../src/sweep/sequence/left-edit.js';
import { checkSchema, type SequenceCheck } from '../../src/sweep/sequence/lines.js';
import { expectFailure, runCli } from '../support/cli.js';
import { KN_MINI } from '../support/models.js';
import { withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';
import { resultsIn, smallItems, smallSet, sweepCli, timelessLines } from './runs.js';

// Whole edits, many of them, and twice.
vi.setConfig({ testTimeout: 600_000 });

const quick = { maxGeneric: 1 };
const closed = { method: 'relative' };

function checksIn(out: string): SequenceCheck[] {
  const lines = readFileSync(join(out, 'sequence.jsonl'), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => checkSchema.parse(JSON.parse(line)));
}

function sweep(session: Session, items: SetItem[], out: string, options: object, control?: object) {
  const all = { out, do: 'edit' as const, sequential: true, controls: 0, locate: quick, ...options };
  return session.sweep(items, all, control);
}

const directory = () => join(temporaryDirectory(), 'run');

it('makes the first edit as any sweep, and the others otherwise', async () => {
  const items = smallItems(2, ['capital']);
  const [one, all] = [directory(), directory()];
  await withSession(KN_MINI, async (session) => {
    await sweep(session, items, one, { sequential: false, operation: closed });
    await sweep(session, items, all, { operation: closed });
  });
  const [alone, stacked] = [one, all].map((out) =>
    timelessLines(out).map((line): SweepResult => resultSchema.parse(JSON.parse(line))),
  );
  const lies = ({ neurons }: SweepResult) => neurons.map(({ layer, neuron }) => [layer, neuron]);
  const [first, second] = stacked ?? [];
  const single = alone?.[0];
  if (!first || !single) throw new Error('no result');
  expect(lies(first)).toEqual(lies(single));
  expect(first).toEqual({
    ...single,
    key: first.key,
    consistency: expect.any(Number),
    neurons: expect.anything(),
    prompts: expect.anything(),
  });
  expect(second?.effect?.probes).not.toEqual(alone?.[1]?.effect?.probes);
});

it('goes on where it was: what is found in one go is found, byte for byte', async () => {
  const items = smallItems(12, ['capital']);
  const [whole, parts] = [directory(), directory()];
  const options = { operation: closed };
  await withSession(KN_MINI, async (session) => {
    expect(await sweep(session, items, whole, options)).toMatchObject({ counts: { done: 12, failed: 0 } });
  });
  // To the third, until it is interrupted, and to the end, each by another session.
  await withSession(KN_MINI, (session) => sweep(session, items, parts, { ...options, limit: 3 }));
  expect(checksIn(parts).map(({ edits }) => edits)).toEqual([3]);
  await withSession(KN_MINI, async (session) => {
    const abort = new AbortController();
    const onProgress = ({ stage, done }: { stage: string; done: number }) => {
      if (stage === 'sweep' && done === 7) abort.abort();
    };
    const stopped = sweep(session, items, parts, options, { signal: abort.signal, onProgress });
    await expect(stopped).rejects.toThrow('7 of 12 facts are done');
  });
  expect(checksIn(parts)).toEqual([]);
  await withSession(KN_MINI, async (session) => {
    expect(await sweep(session, items, parts, options)).toMatchObject({ computed: 5 });
    expect(await sweep(session, items, parts, options)).toMatchObject({ computed: 0 });
  });
  expect(timelessLines(parts)).toEqual(timelessLines(whole));
  expect(checksIn(whole).map(({ edits, place }) => [edits, place])).toEqual([
    [10, 9],
    [12, 11],
  ]);
  const file = (out: string) => readFileSync(join(out, 'sequence.jsonl'), 'utf8');
  expect(file(parts)).toBe(file(whole));

  const { code, stdout } = await runCli(['sweep', 'report', parts]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Edits on top of each other\n +edits +made +top +ES/);
  const [header, ...lines] = readFileSync(join(parts, 'sequence.csv'), 'utf8').trim().split('\n');
  expect(header).toBe('edits,made,top,ES,P(new),para,PS,near,PPL,flips,KL');
  expect(lines.map((line) => Number(line.split(',')[2]))).toEqual(
    checksIn(parts).map(({ target }) => target.now.top),
  );
  expect(readFileSync(join(parts, 'report.html'), 'utf8')).toContain('id="figure-sequence"');
  expectFailure(await runCli(['sweep', 'merge', parts, '--out', directory()]), 2, ['sequential', 'no parts']);
  // Another task in the same directory leaves no line of this one.
  await withSession(KN_MINI, (session) => sweep(session, items, parts, { sequential: false, limit: 1 }));
  expect(() => file(parts)).toThrow('ENOENT');
});

it('comes to what applying the same edits one after the other comes to', async () => {
  const items = smallItems(2, ['capital']);
  const out = directory();
  await withSession(KN_MINI, (session) => sweep(session, items, out, {}));
  const results = resultsIn(out);
  await withSession(KN_MINI, async (session) => {
    const applied: ApplyResult[] = [];
    for (const [i, { id, fact }] of items.entries()) {
      const operation = { type: 'rewrite', to: results[i]?.effect?.to ?? '', method: 'solve' } as const;
      const probes = { paraphrase: [], neighborhood: [], unrelated: [] };
      const edit = editSchema.parse({ name: id, fact, operation, probes });
      const options = { control: 'none', allowRegressions: true, locate: quick } as const;
      const one = await session.apply(edit, options);
      applied.push(one);
      expect(results[i]?.effect?.effect).toBeCloseTo(one.metrics.effect, 4);
      expect(results[i]?.effect?.changed).toEqual(one.neurons.map(({ layer, neuron }) => [layer, neuron]));
    }
    const last = applied.at(-1);
    const asked = applied.flatMap(({ after }) => after.filter(({ role }) => role === 'target'));
    const now: { rank: number; prob: number }[] = [];
    for (const { prompt, newId = 0 } of asked) {
      const { target } = await session.probe(prompt, { id: newId }, 1);
      now.push({ rank: target?.rank ?? 0, prob: target?.prob ?? 0 });
    }
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [check] = checksIn(out);
    expect(check).toMatchObject({ edits: 2, target: { edits: 2, prompts: asked.length } });
    expect(check?.target.now.top).toBeCloseTo(mean(now.map(({ rank }) => Number(rank === 1))), 5);
    expect(check?.target.now.prob).toBeCloseTo(mean(now.map(({ prob }) => prob)), 4);
    const states = session.history().map(({ standing }) => standing?.state);
    for (const [state, count] of Object.entries(check?.standings ?? {})) {
      expect([state, states.filter((one) => one === state).length]).toEqual([state, count]);
    }
    expect(check?.perplexity?.after).toBeCloseTo(last?.perplexity?.after ?? 0, 3);
    expect(check?.drift?.kl).toBeCloseTo(last?.drift?.after.kl ?? 0, 4);
    expect(check?.drift?.flips).toBeCloseTo(last?.drift?.after.flips ?? 1, 6);
  });
});

function job(place: number): SweepJob {
  const probes = { paraphrase: [], neighborhood: [], unrelated: [], portability: [] };
  const fact = { subject: 's', relation: 'r', object: 'o', prompts: ['[MASK]'] };
  const operation = { type: 'rewrite' as const, to: 'p' };
  return { key: `key ${place}`, place, id: `${place}`, fact, probes, operation, control: false };
}

const TASK = { do: 'edit', sequential: true } as unknown as SweepTask;
const LEFT = { before: [], after: [], vectors: [] };

interface Opening {
  limit?: number;
  retry?: boolean;
  /** Places of the edits that fail. */
  failing?: number[];
  task?: SweepTask;
}

/** Opens a run and does what it lacks. @returns which edits were tried, and what then is made and counted */
async function open(path: string, { limit = 4, retry = false, failing = [], task = TASK }: Opening = {}) {
  const run = RunFile.open(path);
  const jobs = [0, 1, 2, 3].slice(0, limit).map(job);
  run.plan(
    task,
    jobs.map((one) => [one]),
    retry,
  );
  const claimed: number[] = [];
  for (let claim = await run.claim(); claim; claim = await run.claim()) {
    const [one] = claim.jobs as [SweepJob];
    claimed.push(one.place);
    if (failing.includes(one.place)) {
      await run.settle([{ job: one, failure: { kind: 'crash', message: 'its worker ended' } }]);
    } else {
      const result = { place: one.place } as never;
      await run.settle([{ job: one, result, left: LEFT }]);
    }
  }
  const left = {
    claimed,
    counts: run.counts(),
    made: [...run.edits()].map(({ job: { place } }) => place),
    failures: run.failures().map(({ place, tries, message }) => ({ place, tries, message })),
  };
  run.close();
  return left;
}

const runPath = () => join(temporaryDirectory(), 'run.db');

it('takes edits in their order, and makes again what was made without one that failed', async () => {
  const path = runPath();
  expect(await open(path, { failing: [1] })).toMatchObject({
    claimed: [0, 1, 1, 1, 2, 3],
    counts: { waiting: 0, done: 3, failed: 1 },
    made: [0, 2, 3],
  });
  expect(await open(path)).toMatchObject({ claimed: [] });
  expect(await open(path, { retry: true })).toMatchObject({ claimed: [1, 2, 3], made: [0, 1, 2, 3] });
});

it('makes again what was made without one that failed, too, where another plan has brought that back', async () => {
  const path = runPath();
  await open(path, { failing: [1] });
  expect(await open(path, { limit: 2, retry: true })).toMatchObject({ claimed: [1], made: [0, 1] });
  // The second edit is made again upon that; the last one was made upon the second as it was.
  expect(await open(path, { limit: 3 })).toMatchObject({ claimed: [2], made: [0, 1, 2] });
  expect(await open(path)).toMatchObject({ claimed: [3], made: [0, 1, 2, 3] });
  expect(await open(path)).toMatchObject({ claimed: [] });
});

it('keeps what stands behind one that failed, whatever is planned between, until that is tried again', async () => {
  const path = runPath();
  const { failures } = await open(path, { failing: [1] });
  expect(failures).toEqual([{ place: 1, tries: 3, message: 'its worker ended' }]);
  await open(path, { limit: 1 });
  expect(await open(path)).toMatchObject({ claimed: [], made: [0, 2, 3], failures });
  // Tried again in vain, it leaves what was made without it.
  expect(await open(path, { limit: 2, retry: true, failing: [1] })).toMatchObject({ claimed: [1, 1, 1] });
  expect(await open(path)).toMatchObject({ claimed: [], made: [0, 2, 3], failures });
  await open(path, { limit: 1, task: { ...TASK, seeds: 1 } });
  expect(await open(path, { retry: true })).toMatchObject({ claimed: [1, 2, 3], failures: [] });
});

it('keeps of an edit everything that its probes say, of answers of several tokens, too', () => {
  const before: ProbeResult = {
    role: 'target',
    prompt: 'a is [MASK].',
    expect: 'b c',
    expectId: 1,
    expectIds: [1, 2],
    expectBest: [1, 5],
    prob: 0.25,
    rank: 3,
    newId: 3,
    newIds: [3, 4],
    newBest: [1, 4],
    newProb: 0.125,
    newRank: 2,
    oldId: 1,
    oldIds: [1, 2],
    oldProb: 0.25,
    top: [{ id: 1, token: 'b', prob: 0.5 }],
  };
  const vectors = [
    { at: [0, 7], vector: Float32Array.of(0.5, -2) },
    { at: [3, 1], vector: Float32Array.of(1, 0.25) },
  ] satisfies LeftEdit['vectors'];
  const left: LeftEdit = { before: [before], after: [{ ...before, newBest: [3, 4], kl: 0.5 }], vectors };
  expect(leftColumns.parse(columnsOf(left))).toEqual(left);
});

it('goes on upon edits of answers of several tokens', async () => {
  const items = smallItems(2, ['capital']);
  for (const item of items) item.to = 'Oslo Vienna';
  const out = directory();
  const options = { operation: closed };
  await withSession(KN_MINI, (session) => sweep(session, items, out, { ...options, limit: 1 }));
  await withSession(KN_MINI, async (session) => {
    expect(await sweep(session, items, out, options)).toMatchObject({ computed: 1, counts: { done: 2 } });
    expect(await sweep(session, items, out, options)).toMatchObject({ computed: 0 });
  });
});

it('is refused where its edits could not be made one after the other', async () => {
  const set = smallSet(1, ['capital']);
  for (const more of [
    ['--shard', '1/2'],
    ['--queue', 'redis://localhost:1'],
  ]) {
    const failure = await sweepCli(set, directory(), '--do', 'edit', '--sequential', ...more);
    expectFailure(failure, 2, ['--sequential', '--shard and --queue', 'leave them out']);
  }
  expectFailure(await sweepCli(set, directory(), '--sequential'), 2, ['--sequential: goes with --do edit']);
});
