// Sequential sweeps: each edit is made upon those before it, as if they had been applied one after the other; and they go on
// where they were.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApplyResult, Session, SetItem } from 'kn-edit';
import { expect, it, vi } from 'vitest';
import { editSchema } from '../../src/spec/edit-file.js';
import type { SweepJob, SweepTask } from '../../src/sweep/job.js';
import { RunFile } from '../../src/sweep/run-file.js';
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
  const timeless = (out: string) =>
    timelessLines(out).map((line) => ({ ...JSON.parse(line), key: '', prompts: [] }));
  const [alone, stacked] = [timeless(one), timeless(all)];
  expect(stacked[0]).toEqual({ ...alone[0], consistency: expect.any(Number), neurons: stacked[0]?.neurons });
  expect(stacked[1]?.effect.probes).not.toEqual(alone[1]?.effect.probes);
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

it('takes edits in their order, and makes again what was made without one that failed', async () => {
  const path = join(temporaryDirectory(), 'run.db');
  const jobs = [0, 1, 2, 3].map(job);
  const groups = jobs.map((one) => [one]);
  const failing = { place: 1 };
  const open = async (retry = false) => {
    const run = RunFile.open(path);
    run.plan(TASK, groups, retry);
    const claimed: number[] = [];
    for (let claim = await run.claim(); claim; claim = await run.claim()) {
      const [one] = claim.jobs as [SweepJob];
      claimed.push(one.place);
      if (one.place === failing.place) {
        await run.settle([{ job: one, failure: { kind: 'crash', message: 'its worker ended' } }]);
      } else {
        const result = { place: one.place } as never;
        await run.settle([{ job: one, result, left: LEFT }]);
      }
    }
    const left = { claimed, counts: run.counts(), made: [...run.edits()].map(({ job: { place } }) => place) };
    run.close();
    return left;
  };
  expect(await open()).toEqual({
    claimed: [0, 1, 1, 1, 2, 3],
    counts: { waiting: 0, done: 3, failed: 1 },
    made: [0, 2, 3],
  });
  expect(await open()).toMatchObject({ claimed: [] });
  failing.place = -1;
  expect(await open(true)).toMatchObject({ claimed: [1, 2, 3], made: [0, 1, 2, 3] });
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
