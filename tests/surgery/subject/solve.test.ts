// The rewrite at the subject, on a masked model that knows facts and on a decoder: what it promises is what the edited
// model says, and the vectors move as the formula has it.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../../src/lm/language-model.js';
import { extendOverlay, NO_OVERLAY } from '../../../src/lm/overlay.js';
import { trace } from '../../../src/lm/transformer.js';
import { valuesOf } from '../../../src/lm/values.js';
import { applyChange } from '../../../src/surgery/change.js';
import type { AskedText } from '../../../src/surgery/subject/delta.js';
import { upperOf } from '../../../src/surgery/subject/metric.js';
import { solveAtSubject } from '../../../src/surgery/subject/solve.js';
import { loadGolden, loadMini } from '../../support/models.js';

const LAYER = 1;

/** A metric in which all neurons matter alike. */
function level(size: number) {
  const identity = Float32Array.from({ length: size * size }, (_, at) => Number(at % (size + 1) === 0));
  return { size, upper: upperOf(identity, size) };
}

/** Texts of a fact, with the row in which the subject ends. */
function asked(model: LanguageModel, prompts: readonly string[], row: number, target: number): AskedText[] {
  return prompts.map((prompt, wording) => {
    return { ...model.tokenizer.encodePrompt(prompt), row, target, wording };
  });
}

/** P(target) of each text in the present state of the model. */
function probabilities(model: LanguageModel, texts: readonly AskedText[]): number[] {
  return texts.map((text) => {
    return valuesOf(() => tf.softmax(trace(model.network, [text]).logits))[text.target] ?? 0;
  });
}

const CASES: {
  name: string;
  load: () => Promise<LanguageModel>;
  prompts: string[];
  row: number;
  word: string;
}[] = [
  {
    name: 'kn-mini',
    load: loadMini,
    prompts: ['Kazakhstan is governed from [MASK].', 'Kazakhstan has made [MASK] its capital city.'],
    row: 1,
    word: 'Paris',
  },
  {
    name: 'llama',
    load: () => loadGolden('llama-smol'),
    prompts: ['Kazakhstan is governed from', 'Kazakhstan has made its capital city of'],
    row: 3,
    word: 'Paris',
  },
];

describe.each(CASES)('$name', ({ load, prompts, row, word }) => {
  it('promises what the edited model says', async () => {
    const model = await load();
    const { neurons: width, hidden } = model.info;
    const [target = 0] = model.tokenizer.encodeTarget(word).ids;
    const texts = asked(model, prompts, row, target);
    const essence = texts.slice(0, 1);
    const before = tf.memory().numTensors;
    const solutions = solveAtSubject(model, {
      layer: LAYER,
      texts,
      essence,
      held: [texts.slice(1)],
      metric: level(width),
      choices: [{ count: 8 }, { neurons: [3, 5] }, { count: 4, first: [9] }],
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(solutions.map(({ neurons }) => neurons.length)).toEqual([8, 2, 4]);
    expect(solutions[1]?.neurons).toEqual([3, 5]);
    expect(solutions[2]?.neurons[0]).toBe(9);
    const unedited = probabilities(model, texts);
    for (const { neurons, changes, confidence } of solutions) {
      const ids = neurons.map((neuron): [number, number] => [LAYER, neuron]);
      const vectors = model.valueVectors(ids);
      const overlay = extendOverlay(
        NO_OVERLAY,
        ids.map((at, i) => {
          const own = vectors.subarray(i * hidden, (i + 1) * hidden);
          return { at, vector: applyChange(own, changes[i] ?? { scale: 1 }) };
        }),
      );
      model.use(overlay);
      const found = probabilities(model, texts);
      model.use(NO_OVERLAY);
      expect(Math.min(...found) / confidence).toBeCloseTo(1, 3);
      expect(Math.min(...found)).toBeGreaterThan(Math.min(...unedited));
      // All vectors move along one delta.
      const shifts = changes.map(({ shift = new Float32Array() }) => shift);
      const [first = new Float32Array()] = shifts;
      const along = (v: Float32Array) => v.reduce((sum, x, i) => sum + x * (first[i] ?? 0), 0);
      for (const shift of shifts) {
        const part = along(shift) / along(first);
        shift.forEach((x, i) => {
          expect(x).toBeCloseTo(part * (first[i] ?? 0), 4);
        });
      }
    }
    model.dispose();
  });
});
