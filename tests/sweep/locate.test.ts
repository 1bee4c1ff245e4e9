// Sweeps that locate: what they find is what locating each fact finds, and nothing is done twice.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from 'kn-edit';
import { expect, it } from 'vitest';
import { targetActivations } from '../../src/locate/activations.js';
import { findRelation } from '../../src/spec/relations.js';
import { activations } from '../../src/surgery/activations.js';
import { readManifest } from '../../src/sweep/run-directory.js';
import { expectFailure, runCli } from '../support/cli.js';
import { KN_MINI, loadMini } from '../support/models.js';
import { withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';
import { failuresIn, resultsIn, smallItems, smallSet, sweepCli, timelessLines } from './runs.js';

const quick = { maxGeneric: 1 };

it('finds for each fact what locating it alone finds, generic neurons left out', async () => {
  const items = smallItems(3);
  const out = join(temporaryDirectory(), 'run');
  await withSession(KN_MINI, async (session) => {
    const summary = await session.sweep(items, { out, do: 'locate' });
    expect(summary).toMatchObject({ counts: { done: 6, failed: 0, waiting: 0 }, computed: 6, leftOut: [] });
    const results = resultsIn(out);
    expect(results.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
    for (const [i, { fact }] of items.entries()) {
      const alone = await session.locate(fact);
      const result = results[i];
      expect(result).toMatchObject({ relation: fact.relation, subject: fact.subject, object: fact.object });
      const places = alone.neurons.map(({ layer, neuron, share }) => ({ layer, neuron, share }));
      expect(result?.neurons.map(({ layer, neuron, share }) => ({ layer, neuron, share }))).toEqual(places);
      expect(result?.consistency).toBeCloseTo(alone.consistency.jaccard, 4);
      for (const [p, prompt] of alone.prompts.entries()) {
        const own = result?.prompts[p];
        expect(own).toMatchObject({ prompt: prompt.prompt, rank: prompt.rank, answer: prompt.answer });
        expect(own?.coarse).toEqual(prompt.coarse.map(({ layer, neuron }) => [layer, neuron]));
        // Every coarse neuron is among the scores that are kept, with at least the threshold.
        const scores = new Map(own?.scores.map(([layer, neuron, score]) => [`${layer}:${neuron}`, score]));
        for (const [layer, neuron] of own?.coarse ?? []) {
          expect(scores.get(`${layer}:${neuron}`)).toBeGreaterThan((prompt.threshold ?? 1) * 0.999);
        }
        const largest = Math.max(...scores.values());
        expect(Math.min(...scores.values())).toBeGreaterThanOrEqual(0.0999 * largest);
      }
    }
  });
});

it('does only what is missing, and forgets no result', async () => {
  const items = smallItems(4);
  const out = join(temporaryDirectory(), 'run');
  await withSession(KN_MINI, async (session) => {
    const sweep = (options: object) => session.sweep(items, { out, do: 'locate', locate: quick, ...options });
    expect(await sweep({ limit: 3 })).toMatchObject({ computed: 3, counts: { done: 3 } });
    const first = readFileSync(join(out, 'results.jsonl'), 'utf8');
    expect(await sweep({ limit: 3 })).toMatchObject({ computed: 0, counts: { done: 3 } });
    expect(readFileSync(join(out, 'results.jsonl'), 'utf8')).toBe(first);
    expect(await sweep({})).toMatchObject({ computed: 5, counts: { done: 8 } });
    expect(readFileSync(join(out, 'results.jsonl'), 'utf8').startsWith(first)).toBe(true);
    // Other settings ask for other results; those that are there already stay.
    expect(await sweep({ locate: { ...quick, share: 0.5 } })).toMatchObject({ computed: 8 });
    expect(await sweep({ relations: ['symbol'] })).toMatchObject({ computed: 0, counts: { done: 4 } });
    expect(resultsIn(out).every(({ relation }) => relation === 'symbol')).toBe(true);
    expect(resultsIn(out).map(({ place }) => place)).toEqual([4, 5, 6, 7]);
    await expect(sweep({ relations: ['symbl'] })).rejects.toThrow(
      '--relation: the set has no relation "symbl"; did you mean "symbol"?',
    );
  });
});

it('leaves the ledger alone', async () => {
  const directory = temporaryDirectory();
  const db = join(directory, 'ledger.db');
  const session = new Session({ db });
  try {
    const [first] = smallItems(1);
    await session.locate((first as NonNullable<typeof first>).fact, quick);
    const { size, mtimeMs } = statSync(db);
    await session.sweep(smallItems(3), { out: join(directory, 'run'), do: 'locate' });
    expect(statSync(db)).toMatchObject({ size, mtimeMs });
  } finally {
    await session.close();
  }
});

it('keeps every score when asked', async () => {
  const out = join(temporaryDirectory(), 'run');
  await withSession(KN_MINI, async (session) => {
    await session.sweep(smallItems(1, ['capital']), { out, do: 'locate', locate: quick, full: true });
  });
  const [result] = resultsIn(out);
  for (const { scores } of result?.prompts ?? []) expect(scores).toHaveLength(4 * 512);
});

it('asks the model which facts it knows, and draws as many as are wanted', async () => {
  const items = smallItems(8).map((item, i) => {
    return i % 2 === 0 ? item : { ...item, fact: { ...item.fact, object: 'water' } };
  });
  const outs = [1, 1, 2].map((seed) => ({ seed, out: join(temporaryDirectory(), 'run') }));
  await withSession(KN_MINI, async (session) => {
    for (const { seed, out } of outs) {
      await session.sweep(items, { out, do: 'locate', locate: quick, known: true, limit: 4, seed });
    }
  });
  const [first, again, other] = outs.map(({ out }) => resultsIn(out).map(({ place }) => place));
  expect(first).toHaveLength(4);
  expect(first?.every((place) => place % 2 === 0)).toBe(true);
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

it('asks facts in the wordings of their relations too, but for those that the model cannot be asked in', async () => {
  const items = smallItems(2, ['capital']).map(({ fact, ...rest }) => {
    return { ...rest, fact: { ...fact, prompts: fact.prompts.slice(0, 1) } };
  });
  const out = join(temporaryDirectory(), 'run');
  await withSession(KN_MINI, async (session) => {
    const options = { out, do: 'locate', locate: { ...quick, minPrompts: 1 }, templates: true } as const;
    await session.sweep(items, options);
    const wordings = findRelation('capital')?.templates ?? [];
    const { choice, partsLeftOut } = readManifest(out);
    expect(choice.templates).toBe(true);
    const unused = partsLeftOut.reduce((sum, { count }) => sum + count, 0);
    const results = resultsIn(out);
    expect(results).toHaveLength(2);
    let asked = 0;
    for (const [i, { prompts }] of results.entries()) {
      const { fact } = items[i] as (typeof items)[number];
      expect(prompts[0]?.prompt).toBe(fact.prompts[0]);
      const own = wordings.map((wording) => wording.replace('[X]', fact.subject).replace('[Y]', '[MASK]'));
      for (const { prompt } of prompts.slice(1)) expect(own).toContain(prompt);
      asked += prompts.length - 1;
    }
    expect(asked).toBeGreaterThan(0);
    // The record's own wording may be one of them, and is then asked once.
    const same = items.filter(({ fact }) =>
      wordings.some((one) => one.replace('[X]', fact.subject).replace('[Y]', '[MASK]') === fact.prompts[0]),
    );
    expect(asked + unused + same.length).toBe(2 * wordings.length);
    // Whether the model knows a fact is asked in the record's own words, wrong ones here.
    const wrong = items.map((item) => ({
      ...item,
      fact: { ...item.fact, prompts: ['The symbol of iron is [MASK].'] },
    }));
    await expect(session.sweep(wrong, { ...options, known: true })).rejects.toThrow(
      '--known: the model answers none of',
    );
  });
});

it('reads activations at the target positions as they are read elsewhere', async () => {
  const model = await loadMini();
  const texts = [
    'The capital of Albania is [MASK].',
    'The symbol of iron is [MASK].',
    '[MASK] is an element.',
  ];
  const prompts = texts.map((text) => model.tokenizer.encodePrompt(text));
  const found = targetActivations(model, prompts);
  const all = Array.from({ length: 512 }, (_, neuron) => neuron);
  for (let layer = 0; layer < 4; layer++) {
    const { target } = activations(model, layer, all, prompts);
    for (const [i, rows] of found.entries()) {
      for (const neuron of all) {
        expect(rows[layer * 512 + neuron]).toBeCloseTo(target[i * 512 + neuron] ?? Number.NaN, 5);
      }
    }
  }
});

it('sets aside facts that the settings refuse, goes on with the others, and ends with 3', async () => {
  const set = smallSet(2, ['capital']);
  const out = join(temporaryDirectory(), 'run');
  const run = () => sweepCli(set, out, '--min-prompts', '9', '--json');
  const { code, stdout } = await run();
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ counts: { done: 0, failed: 2 }, computed: 2 });
  expect(failuresIn(out)).toEqual([
    expect.objectContaining({
      id: 'capital-0',
      kind: 'input',
      tries: 1,
      message: expect.stringMatching(/^fact\.prompts: .*9/),
    }),
    expect.objectContaining({ id: 'capital-1', kind: 'input' }),
  ]);
  // What cannot be used is not tried again, unless that is asked for.
  expect(JSON.parse((await run()).stdout)).toMatchObject({ counts: { failed: 2 }, computed: 0 });
  const retried = await sweepCli(set, out, '--min-prompts', '9', '--json', '--retry');
  expect(JSON.parse(retried.stdout)).toMatchObject({ computed: 2 });
});

it('makes of four shards what one run makes, but for the times', async () => {
  const set = smallSet(40, ['capital']);
  const one = join(temporaryDirectory(), 'run');
  const parts = join(temporaryDirectory(), 'run');
  await sweepCli(set, one);
  for (const shard of ['3/4', '1/4', '2/4', '4/4']) {
    const { code, stderr } = await sweepCli(set, parts, '--shard', shard);
    const note = shard === '4/4' ? 'note: shard 4 of 4 has no fact' : ''; // 40 facts are three groups
    expect({ code, note: stderr.slice(0, 30) }).toEqual({ code: 0, note });
  }
  const merged = await runCli(['sweep', 'merge', parts, '--json']);
  expect(JSON.parse(merged.stdout)).toMatchObject({
    out: parts,
    counts: { done: 40, failed: 0, waiting: 0 },
  });
  expect(timelessLines(parts)).toEqual(timelessLines(one));
});

it('refuses items and operations that are none, by their names', async () => {
  const [item] = smallItems(1, ['capital']);
  const out = join(temporaryDirectory(), 'run');
  await withSession(KN_MINI, async (session) => {
    const sweep = (items: unknown, options: object = {}) =>
      session.sweep(items as never, { out, do: 'suppress', ...options });
    await expect(sweep([{}])).rejects.toMatchObject({
      code: 'bad-input',
      field: expect.stringMatching(/^items/),
    });
    await expect(sweep([item, item])).rejects.toThrow('items: must have different ids');
    await expect(sweep([item], { operation: { type: 'amplify' } })).rejects.toThrow(
      'operation: unknown field "type"',
    );
    await expect(session.usable([{ id: 'x' }] as never)).rejects.toMatchObject({ code: 'bad-input' });
  });
});

it('counts facts that have ended, and what of a set is not used', async () => {
  const items = smallItems(2, ['capital']);
  const out = join(temporaryDirectory(), 'run');
  const part = { reason: 'an image', count: 3 };
  const source = { path: 'set.json', format: 'facts', records: 9, setAside: [], partsLeftOut: [part] };
  const told: { done: number; total: number }[] = [];
  await withSession(KN_MINI, async (session) => {
    const options = { out, do: 'locate' as const, locate: quick, source };
    await session.sweep(items, options, {
      onProgress: ({ stage, done, total }) => {
        if (stage === 'sweep') told.push({ done, total });
      },
    });
  });
  expect(told[0]).toEqual({ done: 0, total: 2 });
  expect(told.at(-1)).toEqual({ done: 2, total: 2 });
  expect(readManifest(out)).toMatchObject({ set: { records: 9 }, partsLeftOut: [part] });
});

it('counts what is left out of the relations that are asked for', async () => {
  const wordless = smallItems(2, ['currency']).map((item) => ({
    ...item,
    fact: { ...item.fact, object: 'Ωmega' },
  }));
  const items = [...wordless, ...smallItems(2, ['capital'])];
  const reason = 'a record without an object';
  const source = { path: 'set.json', format: 'facts', records: 9, partsLeftOut: [] };
  await withSession(KN_MINI, async (session) => {
    const sweep = (relations?: string[]) =>
      session.sweep(items, {
        ...{ out: join(temporaryDirectory(), 'run'), do: 'locate', relations, locate: quick },
        source: { ...source, setAside: [{ reason, count: 1 }] },
      });
    const words = expect.objectContaining({ count: 2, reason: expect.stringContaining('vocabulary') });
    expect((await sweep()).leftOut).toEqual([{ reason, count: 1 }, words]);
    expect((await sweep(['capital'])).leftOut).toEqual([
      { reason: `${reason} (in the whole set)`, count: 1 },
    ]);
    await expect(sweep(['currency'])).rejects.toThrow('no fact of currency in the set can be used');
  });
});

it('says what is wrong with its options, in one line', async () => {
  const set = smallSet(1, ['capital']);
  const out = join(temporaryDirectory(), 'run');
  expectFailure(await sweepCli(set, out, '--shard', '5/4'), 2, ['--shard', '2/4']);
  expectFailure(await sweepCli(set, out, '--factor', '3'), 2, ['--factor', '--do amplify', 'locate']);
  expectFailure(await sweepCli(set, out, '--do', 'suppress', '--value', 'unk'), 2, ['--value', 'suppress']);
  expectFailure(await sweepCli(set, out, '--limit', '0'), 2, ['--limit']);
  expectFailure(await sweepCli(set, set), 2, [set]);
  expectFailure(await runCli(['sweep', set]), 2, ['--out']);
  expectFailure(await runCli(['sweep']), 2, ['sweep']);
});
