// The solved rewrite: its linear algebra in closed form, and what it promises on a model that knows facts.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../src/lm/language-model.js';
import { extendOverlay, type NeuronId, NO_OVERLAY } from '../../src/lm/overlay.js';
import { questionsOf, type Sequence } from '../../src/lm/prompt.js';
import { probe } from '../../src/probe/probe.js';
import { applyChange } from '../../src/surgery/change.js';
import { addGram, dot, solvePositiveDefinite } from '../../src/surgery/linear-algebra.js';
import { heldGram, type Solution, type SolveProblem, solveRewrites } from '../../src/surgery/solve.js';
import { loadMini } from '../support/models.js';

interface Wanted extends Pick<SolveProblem, 'layer' | 'prompts'> {
  choices: number[][];
  hold: Sequence[][];
}

/** Solutions for choices of neurons that hold some groups of prompts. */
function solveAll(model: LanguageModel, { layer, prompts, choices, hold }: Wanted): Solution[] {
  const neurons = [...new Set(choices.flat())];
  const gram = new Float64Array(neurons.length ** 2);
  for (const group of hold) {
    heldGram(model, layer, neurons, group).forEach((value, i) => {
      gram[i] = (gram[i] ?? 0) + value;
    });
  }
  return solveRewrites(model, { layer, prompts, choices, neurons, gram });
}

function solveOne(model: LanguageModel, wanted: Wanted): Solution {
  const [solution] = solveAll(model, wanted);
  if (!solution) throw new Error('no choice of neurons');
  return solution;
}

describe('linear algebra', () => {
  it('solves a system with a known solution', () => {
    // [4 2; 2 3] x = [2; 5] has x = (-0.5, 2)
    const x = solvePositiveDefinite(new Float64Array([4, 2, 2, 3]), new Float64Array([2, 5]), 2);
    expect(x[0]).toBeCloseTo(-0.5, 14);
    expect(x[1]).toBeCloseTo(2, 14);
  });

  it('leaves a residual at rounding level on a random Gram matrix', () => {
    const k = 12;
    const rows = Float64Array.from({ length: 40 * k }, (_, i) => Math.sin(i * i + 1));
    const m = new Float64Array(k * k);
    addGram(m, rows, k, 0.5);
    const b = Float64Array.from({ length: k }, (_, i) => Math.cos(i));
    const x = solvePositiveDefinite(m, b, k);
    for (let i = 0; i < k; i++) expect(dot(m.subarray(i * k, (i + 1) * k), x)).toBeCloseTo(b[i] ?? 0, 10);
  });

  it('refuses a matrix that is not positive definite', () => {
    expect(() => solvePositiveDefinite(new Float64Array([1, 2, 2, 1]), new Float64Array(2), 2)).toThrow(
      RangeError,
    );
  });
});

describe('on kn-mini', () => {
  let model: LanguageModel;
  beforeAll(async () => {
    model = await loadMini();
  });
  const layer = 3;
  const neurons = Array.from({ length: 60 }, (_, i) => i * 8);
  const prompts = ['The capital of Kazakhstan is [MASK].', 'Kazakhstan is governed from [MASK].'];
  const hold = ['The capital of France is [MASK].', 'People in Kazakhstan speak [MASK].'];

  it('the new answer wins with the probability that was promised, held prompts stay', () => {
    const encode = (prompt: string) => model.tokenizer.encodePrompt(prompt);
    const target = model.tokenizer.encodeTarget('Astana');
    const ask1 = (text: string) => questionsOf(encode(text), target);
    const problem = { layer, choices: [neurons], prompts: prompts.map(ask1), hold: [hold.map(encode)] };
    solveOne(model, problem); // the first run may keep what later ones use
    const tensors = tf.memory().numTensors;
    const { changes, confidence } = solveOne(model, problem);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(confidence).toBeGreaterThan(0.6);

    const ids = neurons.map((neuron): NeuronId => [layer, neuron]);
    const values = model.valueVectors(ids);
    const { hidden } = model.info;
    const ask = (texts: string[]) =>
      probe(
        model,
        texts.map((text) => ({ prompt: encode(text), ask: [target] })),
        1,
      );
    const before = ask(hold);
    const vectors = ids.map((at, i) => ({
      at,
      vector: applyChange(values.slice(i * hidden, (i + 1) * hidden), changes[i] ?? { scale: 1 }),
    }));
    model.use(extendOverlay(NO_OVERLAY, vectors));
    const own = ask(prompts);
    const after = ask(hold);
    model.use(NO_OVERLAY);
    // In the last layer only the target row matters, so the promise is exact.
    expect(Math.min(...own.map(({ asked }) => asked[0]?.prob ?? 0))).toBeCloseTo(confidence, 4);
    expect(own.map(({ top }) => top[0]?.token)).toEqual(['Astana', 'Astana']);
    after.forEach(({ top }, i) => {
      expect(top[0]?.id).toBe(before[i]?.top[0]?.id);
      expect(Math.abs((top[0]?.prob ?? 0) - (before[i]?.top[0]?.prob ?? 0))).toBeLessThan(0.02);
    });
  });

  it('an answer of several tokens reaches the joint probability that was promised', () => {
    const target = model.tokenizer.encodeTarget('Astana Almaty');
    expect(target.ids).toHaveLength(2);
    const encoded = prompts.map((text) => model.tokenizer.encodePrompt(text));
    const asked = encoded.map((prompt) => questionsOf(prompt, target));
    const { changes, confidence } = solveOne(model, {
      layer,
      choices: [neurons],
      prompts: asked,
      hold: [hold.map((text) => model.tokenizer.encodePrompt(text))],
    });
    const ids = neurons.map((neuron): NeuronId => [layer, neuron]);
    const values = model.valueVectors(ids);
    const { hidden } = model.info;
    const joint = () =>
      probe(
        model,
        encoded.map((prompt) => ({ prompt, ask: [target] })),
        1,
      ).map(({ asked: [one] }) => one?.prob ?? 0);
    const before = joint();
    model.use(
      extendOverlay(
        NO_OVERLAY,
        ids.map((at, i) => ({
          at,
          vector: applyChange(values.slice(i * hidden, (i + 1) * hidden), changes[i] ?? { scale: 1 }),
        })),
      ),
    );
    const after = joint();
    model.use(NO_OVERLAY);
    expect(Math.min(...after)).toBeCloseTo(confidence, 4);
    expect(Math.min(...after)).toBeGreaterThan(1000 * Math.max(...before));
  });

  it('a choice of neurons is solved the same way alone and among others', () => {
    const target = model.tokenizer.encodeTarget('Astana');
    const asked = prompts.map((text) => questionsOf(model.tokenizer.encodePrompt(text), target));
    const held = [hold.map((text) => model.tokenizer.encodePrompt(text))];
    const others = neurons.map((neuron) => neuron + 3).reverse();
    const problem = { layer, prompts: asked, hold: held };
    const together = solveAll(model, { ...problem, choices: [others, neurons] });
    for (const [i, choice] of [others, neurons].entries()) {
      const alone = solveOne(model, { ...problem, choices: [choice] });
      expect(together[i]?.confidence).toBeCloseTo(alone.confidence, 4);
      alone.changes.forEach(({ shift = [] }, n) => {
        shift.forEach((x, j) => {
          expect(together[i]?.changes[n]?.shift?.[j]).toBeCloseTo(x, 4);
        });
      });
    }
  });

  it('promises nothing where no neuron that may change is active', () => {
    const target = model.tokenizer.encodeTarget('Astana');
    const asked = prompts.map((text) => questionsOf(model.tokenizer.encodePrompt(text), target));
    const solution = solveOne(model, { layer, choices: [[]], prompts: asked, hold: [] });
    expect(solution).toEqual({ changes: [], confidence: 0 });
  });
});
