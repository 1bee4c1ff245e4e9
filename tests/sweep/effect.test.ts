// What a run keeps of an edit: enough to work out every protocol's numbers later, with answers of one and of several tokens.
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { trace } from '../../src/lm/transformer.js';
import type { SweepProbe, SweepResult, SweepSide } from '../../src/sweep/result.js';
import { KN_MINI, loadMini } from '../support/models.js';
import { withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';
import { resultsIn, smallItems } from './runs.js';

const quick = { maxGeneric: 1 };

async function sweep(
  items: ReturnType<typeof smallItems>,
  options: { do: 'edit' | 'suppress'; by?: 'activation'; seeds?: number },
): Promise<SweepResult[]> {
  const out = temporaryDirectory();
  await withSession(KN_MINI, (session) => session.sweep(items, { out, locate: quick, ...options }));
  return resultsIn(out);
}

const mean = (values: number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Probes, and what became of each in some state. */
function pairs(probes: readonly SweepProbe[], after: readonly SweepSide[], ...roles: string[]) {
  return probes.flatMap((probe, i) => {
    const now = after[i];
    return now && roles.includes(probe.role) ? [{ probe, was: probe.before, now }] : [];
  });
}

it('each draw of a control has its own probes, from which its effect and its damage follow', async () => {
  const items = smallItems(2, ['capital']);
  const [item] = items;
  if (!item) throw new Error('no item');
  const neighbour = { prompt: 'The capital of Austria is [MASK].', expect: 'Vienna' };
  item.probes.neighborhood = [neighbour, { ...neighbour, expect: 'Oslo' }];
  item.to = 'Oslo';
  const [result] = await sweep([item], { do: 'edit', seeds: 3 });
  const { probes = [], control } = result?.effect ?? {};
  expect(control?.draws).toHaveLength(3);
  for (const { effect, damage, flips, after } of control?.draws ?? []) {
    expect(after).toHaveLength(probes.length);
    const own = pairs(probes, after, 'target');
    expect(mean(own.map(({ was, now }) => (now.newProb ?? 0) - (was.newProb ?? 0)))).toBeCloseTo(effect, 5);
    const others = pairs(probes, after, 'neighborhood', 'unrelated');
    expect(mean(others.map(({ was, now }) => Math.abs(now.prob - was.prob)))).toBeCloseTo(damage, 5);
    expect(mean(others.map(({ now }) => 1 - (now.kept ?? 0)))).toBeCloseTo(flips ?? 0, 5);
    for (const { was, now } of pairs(probes, after, ...probes.map(({ role }) => role))) {
      expect(now.kept).toBe(Number(was.answer === now.answer));
      expect(now.hits).toBe(Number(now.rank === 1));
      expect(now.newHits).toBe(Number(now.newRank === 1));
    }
  }
  const expectsNew = probes.filter((one) => one.expectsNew).map(({ prompt, expect: word }) => [prompt, word]);
  expect(expectsNew).toContainEqual([neighbour.prompt, 'Oslo']);
  expect(expectsNew).not.toContainEqual([neighbour.prompt, 'Vienna']);
});

it('tokens of an answer that are on top, each in its place', async () => {
  const model = await loadMini();
  const { tokenizer } = model;
  const [item] = smallItems(1, ['capital']);
  if (!item) throw new Error('no item');
  const prompt = 'The capital of Austria is [MASK].';
  const { ids, position } = tokenizer.encodePrompt(prompt);
  const masks = [...ids.slice(0, position), ids[position] ?? 0, ...ids.slice(position)];
  const best = [position, position + 1].map((at) => {
    const row = tf.tidy(() => {
      return tf.softmax(trace(model.network, [{ ids: masks, position: at }]).logits).dataSync<'float32'>();
    });
    return row.indexOf(Math.max(...row));
  });
  const [first, second] = best.map((id) => tokenizer.token(id));
  const other = 'metical';
  const answers = [
    [first, second],
    [first, other],
    [other, second],
    [other, other],
  ];
  item.probes.neighborhood = answers.map((answer) => ({ prompt, expect: answer.join(' ') }));
  item.to = `${first} ${second}`;
  const [result] = await sweep([item], { do: 'edit', seeds: 2 });
  const asked = (result?.effect?.probes ?? []).filter((one) => one.prompt === prompt && one.tokens === 2);
  expect(asked.map(({ before }) => before.hits)).toEqual([2, 1, 1, 0]);
  expect(asked.map(({ before }) => before.newHits)).toEqual([2, 2, 2, 2]);
  expect(asked.map(({ expectsNew }) => expectsNew)).toEqual([true, false, false, false]);
  // Whatever is expected, the same two places are looked at.
  const kept = asked.map(({ after }) => after.kept);
  expect(new Set(kept).size).toBe(1);
  for (const { after } of asked) expect(after.hits === 2).toBe(after.rank === 1);
});

it('neurons by activation are changed in place of those by attribution', async () => {
  const items = smallItems(2, ['capital']);
  const own = await sweep(items, { do: 'suppress', seeds: 2 });
  const baseline = await sweep(items, { do: 'suppress', by: 'activation', seeds: 2 });
  expect(own.length).toBe(2);
  own.forEach((result, i) => {
    const other = baseline[i];
    expect(result.effect?.changed).toEqual(result.neurons.map(({ layer, neuron }) => [layer, neuron]));
    expect(other?.neurons).toEqual(result.neurons);
    expect(other?.baseline).toEqual(result.baseline);
    expect(other?.effect?.changed).toEqual(result.baseline);
    expect(other?.key).not.toBe(result.key);
  });
  await expect(sweep(items, { do: 'edit', by: 'activation' })).rejects.toThrow('--by');
});
