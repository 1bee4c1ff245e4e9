// The search for what the FFN should say at the subject: its gradients against central differences, and its bounds.
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../../src/lm/language-model.js';
import { norm } from '../../../src/numbers.js';
import { type AskedText, findSubjectDelta, jointly, Subjects } from '../../../src/surgery/subject/delta.js';
import { loadGolden, loadMini } from '../../support/models.js';

const LAYER = 1;

const CASES: { name: string; load: () => Promise<LanguageModel>; prompts: string[] }[] = [
  {
    name: 'kn-mini',
    load: loadMini,
    prompts: ['Kazakhstan is governed from [MASK].', 'The capital of Kazakhstan is [MASK].'],
  },
  {
    name: 'llama',
    load: () => loadGolden('llama-smol'),
    prompts: ['Kazakhstan is governed from', 'The capital of Kazakhstan is in'],
  },
];

describe.each(CASES)('$name', ({ load, prompts }) => {
  let model: LanguageModel;
  let texts: AskedText[];
  beforeAll(async () => {
    model = await load();
    const { tokenizer } = model;
    const [target = 0] = tokenizer.encodeTarget('Paris').ids;
    texts = prompts.map((prompt, wording) => {
      const encoded = tokenizer.encodePrompt(prompt);
      return { ...encoded, row: tokenizer.rowOf(encoded, 'Kazakhstan') ?? -1, target, wording };
    });
  });
  afterAll(() => model.dispose());

  const vector = (size: number, seed: number, length: number) => {
    const any = Float32Array.from({ length: size }, (_, i) => Math.sin(seed + i * i));
    return any.map((x) => (x * length) / norm(any));
  };

  it('has the gradients of central differences', () => {
    const { hidden } = model.info;
    const before = tf.memory().numTensors;
    const subjects = new Subjects(model, texts, LAYER);
    const radius = subjects.radius();
    const [at, along] = [vector(hidden, 1, radius / 2), vector(hidden, 2, radius)];
    const step = 0.02;
    const moved = (by: number) => at.map((x, i) => x + by * (along[i] ?? 0));
    const slope = (f: (delta: Float32Array) => number) => (f(moved(step)) - f(moved(-step))) / (2 * step);
    const dot = (gradient: Float64Array) => gradient.reduce((sum, g, i) => sum + g * (along[i] ?? 0), 0);

    const logs = slope((delta) =>
      subjects.ask(() => delta, false).probs.reduce((sum, p) => sum + Math.log(p), 0),
    );
    expect(dot(subjects.ask(() => at, true).gradient) / logs).toBeCloseTo(1, 2);
    const apart = slope((delta) => subjects.divergence(delta).value);
    expect(dot(subjects.divergence(at).gradient) / apart).toBeCloseTo(1, 2);
    expect(subjects.divergence(new Float32Array(hidden)).value).toBeCloseTo(0, 5);
    subjects.free();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('makes the new answer likely, and is no longer than what it changes', () => {
    const asked = new Subjects(model, texts, LAYER);
    const essence = new Subjects(model, texts.slice(0, 1), LAYER);
    const delta = findSubjectDelta(asked, essence);
    const none = new Float32Array(model.info.hidden);
    const least = (move: Float32Array) => Math.min(...jointly(texts, asked.ask(() => move, false).probs));
    expect(norm(delta)).toBeLessThanOrEqual(asked.radius() * (1 + 1e-6));
    expect(least(delta)).toBeGreaterThan(least(none));
    asked.free();
    essence.free();
  });
});
