// Answers of one and of several tokens: how they are spelled, asked for, and attributed.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../src/lm/language-model.js';
import { checkRoom, questionsOf, type Sequence, tokensIn } from '../../src/lm/prompt.js';
import { trace } from '../../src/lm/transformer.js';
import { averageAnswer } from '../../src/locate/answer.js';
import { attribute } from '../../src/locate/attribution.js';
import { probe } from '../../src/probe/probe.js';
import { operationSchema } from '../../src/spec/edit-file.js';
import { closedChange } from '../../src/surgery/operations.js';
import { KINDS, readGolden, relativeError } from '../support/golden.js';
import { loadGolden } from '../support/models.js';

const MASKED = ['bert', 'bert-cased', 'distilbert', 'roberta'];

describe.each([...KINDS])('%s', (family) => {
  const golden = readGolden(family);
  let model: LanguageModel;
  beforeAll(async () => {
    model = await loadGolden(family);
  });

  it('spells objects as the reference does, with or without the space in front', () => {
    for (const { object, objectIds, new: other, newIds } of golden.facts) {
      for (const [text, ids] of [
        [object, objectIds],
        [other, newIds],
      ] as const) {
        expect(model.tokenizer.encodeTarget(text).ids).toEqual(ids);
        expect(model.tokenizer.encodeTarget(text.trim()).ids).toEqual(ids);
        expect(model.tokenizer.encodeTarget(text.trim()).words).toBe(text.trim());
      }
    }
  });

  it('E of several tokens is their mean', () => {
    const ids = [9, 40, 41];
    const rows = ids.map((id) => model.embedding([id]));
    const mean = [...model.embedding([9])].map((_, h) =>
      rows.reduce((sum, row) => sum + (row[h] ?? 0) / 3, 0),
    );
    expect(relativeError(model.embedding(ids), mean)).toBeLessThan(1e-6);
    const readouts = ids.map((id) => model.readoutDirection([id]));
    const meanReadout = [...(rows[0] ?? [])].map((_, h) =>
      readouts.reduce((sum, row) => sum + (row[h] ?? 0) / 3, 0),
    );
    expect(relativeError(model.readoutDirection(ids), meanReadout)).toBeLessThan(1e-5);
    const wide = mean.length === model.info.hidden;
    for (const direction of wide ? ['embedding', 'readout'] : ['readout']) {
      const e = (ids: number[]) =>
        direction === 'readout' ? model.readoutDirection(ids) : model.embedding(ids);
      const rewrite = { type: 'rewrite', to: 'Portuguese', from: { id: 9 }, method: 'absolute', direction };
      const { shift } = closedChange(model, operationSchema.parse(rewrite), 'unused');
      const from = e([9]);
      const expected = [...e(model.tokenizer.encodeTarget('Portuguese').ids)].map(
        (x, h) => 2 * x - 2 * (from[h] ?? 0),
      );
      expect(relativeError(shift ?? [], expected)).toBeLessThan(1e-6);
    }
  });
});

const tokens = (ids: number[]) => ({ ids, token: '' });

/** The rows of logits that a plain pass gives at one position, as probabilities [V]. */
function plain(model: LanguageModel, sequence: Sequence): Float32Array {
  return tf.tidy(() => tf.softmax(trace(model.network, [sequence]).logits).dataSync<'float32'>());
}

describe.each(['bert', 'roberta', 'gpt2'])('several tokens, %s', (family) => {
  const golden = readGolden(family);
  const fact = golden.facts[1];
  const gold = fact?.newIds ?? []; // Portuguese
  const settings = { rule: 'gauss-legendre' as const, steps: 6, tolerance: 1e-3, site: 'post' as const };
  let model: LanguageModel;
  beforeAll(async () => {
    model = await loadGolden(family);
  });

  /** The questions, written out: masks side by side, or the gold tokens so far. */
  function steps(ids: readonly number[], position: number): Sequence[] {
    const mask = ids[position] ?? 0;
    return gold.map((_, i) => {
      if (!MASKED.includes(family)) return { ids: [...ids, ...gold.slice(0, i)], position: position + i };
      const masks = new Array<number>(gold.length).fill(mask);
      return {
        ids: [...ids.slice(0, position), ...masks, ...ids.slice(position + 1)],
        position: position + i,
      };
    });
  }

  it('joint probability, worst rank and first answers equal those of a computation step by step', () => {
    expect(gold.length).toBeGreaterThan(1);
    const [own] = fact?.prompts ?? [];
    const prompt = model.tokenizer.encodePrompt(own?.prompt ?? '');
    const target = model.tokenizer.encodeTarget('Portuguese');
    const single = model.tokenizer.encodeTarget({ id: 9 });
    const [answers] = probe(model, [{ prompt, ask: [target, single] }], 3);
    const rows = steps(own?.ids ?? [], own?.position ?? 0).map((step) => plain(model, step));
    const joint = rows.reduce((product, row, i) => product * (row[gold[i] ?? 0] ?? 0), 1);
    const ranks = rows.map((row, i) => 1 + row.filter((p) => p > (row[gold[i] ?? 0] ?? 0)).length);
    expect((answers?.asked[0]?.prob ?? 0) / joint).toBeCloseTo(1, 5);
    expect(answers?.asked[0]?.rank).toBe(Math.max(...ranks));
    expect(answers?.asked[0]?.ids).toEqual(gold);
    expect(answers?.asked[0]?.best).toEqual(rows.map((row) => row.indexOf(Math.max(...row))));
    expect(answers?.top[0]?.id).toBe(rows[0]?.indexOf(Math.max(...rows[0])));
    // The other answer is asked for in a form of its own: one token, one mask.
    const alone = plain(model, { ids: own?.ids ?? [], position: own?.position ?? 0 });
    expect((answers?.asked[1]?.prob ?? 0) / (alone[9] ?? 0)).toBeCloseTo(1, 5);
  });

  it('rank 1 only if each token is the top answer at its position', () => {
    const prompt = model.tokenizer.encodePrompt(fact?.prompts[0]?.prompt ?? '');
    const best: number[] = [];
    for (let i = 0; i < 3; i++) {
      const question = questionsOf(prompt, tokens([...best, 0, 0, 0].slice(0, 3)))[i];
      if (!question) throw new Error('no question');
      const row = plain(model, question);
      best.push(row.indexOf(Math.max(...row)));
    }
    const rankOf = (ids: number[]) =>
      probe(model, [{ prompt, ask: [model.tokenizer.encodeTarget({ ids })] }], 1)[0]?.asked[0]?.rank;
    expect(rankOf(best)).toBe(1);
    expect(rankOf([...best.slice(0, 2), 9])).toBeGreaterThan(1);
  });

  it('the map is the mean of the maps of the tokens, each at its own position', () => {
    const [own] = fact?.prompts ?? [];
    const prompt = model.tokenizer.encodePrompt(own?.prompt ?? '');
    const found = averageAnswer(
      questionsOf(prompt, tokens(gold)).map((one) => attribute(model, one, one.target, settings)),
    );
    const maps = steps(own?.ids ?? [], own?.position ?? 0).map((step, i) =>
      attribute(model, step, gold[i] ?? 0, settings),
    );
    const mean = [...found.scores].map(
      (_, n) => maps.reduce((sum, { scores }) => sum + (scores[n] ?? 0), 0) / maps.length,
    );
    expect(relativeError(found.scores, mean)).toBeLessThan(1e-6);
    expect(found.prob / maps.reduce((product, { prob }) => product * prob, 1)).toBeCloseTo(1, 6);
    found.completeness.forEach(({ sum, residual, nodes }, layer) => {
      const own = maps.map(({ completeness }) => completeness[layer]);
      expect(sum).toBeCloseTo(own.reduce((total, one) => total + (one?.sum ?? 0), 0) / own.length, 6);
      expect(residual).toBe(Math.max(...own.map((one) => one?.residual ?? 0)));
      expect(nodes).toBe(6 * gold.length);
    });
  });

  it('says when the masks or the tokens so far make a prompt too long', () => {
    const prompt = model.tokenizer.encodePrompt(fact?.prompts[0]?.prompt ?? '');
    expect(() => checkRoom(prompt, tokens(new Array<number>(80).fill(9)), model.info.maxLength)).toThrow(
      /tokens with an answer of 80, the model takes at most 64; shorten it/,
    );
  });
});

describe('the space in front of an answer', () => {
  it('is there where the prompt has one before the mask, and not where it has none', async () => {
    const model = await loadGolden('roberta');
    const target = model.tokenizer.encodeTarget('Paris');
    const asked = (text: string) => tokensIn(model.tokenizer.encodePrompt(text), target).token;
    expect(asked('The capital of France is [MASK].')).toBe('␣Paris');
    expect(asked('The capital of France is <mask>.')).toBe('␣Paris');
    expect(asked('[MASK] is the capital of France.')).toBe('Paris');
    expect(asked('The capital of France ("[MASK]")')).toBe('Paris');
    const exact = model.tokenizer.encodeTarget(' Paris');
    expect(tokensIn(model.tokenizer.encodePrompt('[MASK] is old.'), exact).token).toBe('␣Paris');
  });

  it('belongs to the answer of a causal model, however the prompt is written', async () => {
    const { tokenizer } = await loadGolden('gpt2');
    const plainPrefix = tokenizer.encodePrompt('The capital of France is');
    for (const text of [
      'The capital of France is [MASK]',
      'The capital of France is [MASK].',
      'The capital of France is ',
    ]) {
      expect(tokenizer.encodePrompt(text)).toEqual({ ...plainPrefix, prompt: text });
    }
    expect(tokenizer.encodePrompt('The capital is "[MASK]".').spaced).toBe(false);
    expect(() => tokenizer.encodePrompt('[MASK] is the capital of France.')).toThrow(
      /goes on after \[MASK\]/,
    );
    expect(() => tokenizer.encodePrompt('Paris [MASK] or [MASK]')).toThrow(/goes on after \[MASK\]/);
    expect(() => tokenizer.encodePrompt('[MASK].')).toThrow(/no text before the answer/);
  });

  it('changes nothing for word pieces', async () => {
    const { tokenizer } = await loadGolden('bert');
    const { ids, token, bare } = tokenizer.encodeTarget('Paris');
    expect(bare).toEqual({ ids, token });
  });
});
