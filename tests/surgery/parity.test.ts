// Every operation, on weights and on activations, against the reference values and the peer.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { Block, NeuronInputs } from '../../src/lm/block.js';
import type { LanguageModel } from '../../src/lm/language-model.js';
import type { NeuronId } from '../../src/lm/overlay.js';
import { trace } from '../../src/lm/transformer.js';
import { probe } from '../../src/probe/probe.js';
import { operationSchema } from '../../src/spec/edit-file.js';
import { closedChange } from '../../src/surgery/operations.js';
import { scaleActivations } from '../../src/surgery/what-if.js';
import { edited } from '../support/edited.js';
import { describeOnEngines } from '../support/engines.js';
import { KINDS, PEER_FAMILIES, ratioError, readGolden, readPeer } from '../support/golden.js';
import { loadGolden } from '../support/models.js';

/** P(token) when some neurons are doubled before the non-linearity, as the peer does it to GPT-2 [V]. */
function doubledBefore(model: LanguageModel, neurons: readonly NeuronId[], prompt: string): Float32Array {
  const blocks = model.network.blocks.map((block, layer): Block => {
    const activate = ({ z, up }: NeuronInputs) => {
      const [rows, width] = z.shape;
      const factors = new Float32Array(rows * width).fill(1);
      for (const [at, neuron] of neurons) if (at === layer) factors[(rows - 1) * width + neuron] = 2;
      return block.activate({ z: tf.mul(z, tf.tensor2d(factors, [rows, width])), up });
    };
    return Object.create(block, { activate: { value: activate } });
  });
  const encoded = model.tokenizer.encodePrompt(prompt);
  return tf.tidy(() =>
    tf.softmax(trace({ ...model.network, blocks }, [encoded]).logits).dataSync<'float32'>(),
  );
}

await describeOnEngines(KINDS, ['wasm', 'wasm+blas', 'tensorflow'], (family, engine) => {
  const golden = readGolden(family);
  const peer = PEER_FAMILIES.find((one) => one === family);
  let model: LanguageModel;
  beforeAll(async () => {
    model = await loadGolden(family, engine);
  });

  const cases = golden.facts.flatMap((fact, index) =>
    fact.surgery.cases.map((one) => ({
      fact,
      one,
      name: [`fact ${index}:`, one.op, one.scaling, one.direction, one.scope].filter(Boolean).join(' '),
    })),
  );

  /** Whether the embeddings are as wide as the stream. */
  const wide = cases.some(({ one }) => one.op === 'rewrite' && one.direction !== 'readout');

  it('erases to the unknown token where there is one', () => {
    const erase = () => closedChange(model, { type: 'erase', value: 'unk' }, 'unused');
    if (!wide || model.tokenizer.unknown === undefined) return expect(erase).toThrow('use "zero"');
    expect(erase().shift).toHaveLength(model.info.hidden);
  });

  it('rewrites along embeddings where they are as wide as the stream', () => {
    const tokens = { to: { id: 9 }, from: { id: 8 } };
    const rewrite = { type: 'rewrite', ...tokens, method: 'absolute', direction: 'embedding' };
    const change = () => closedChange(model, operationSchema.parse(rewrite), 'unused');
    if (!wide) return expect(change).toThrow('readout');
    expect(change().shift).toHaveLength(model.info.hidden);
  });

  it.each(cases)('$name', ({ fact, one }) => {
    const { neurons } = fact.surgery;
    const questions = fact.prompts.map(({ prompt }) => ({
      prompt: model.tokenizer.encodePrompt(prompt),
      ask: [fact.label, fact.newLabel].map((id) => model.tokenizer.encodeTarget({ id })),
    }));
    const operation = () => {
      if (one.op === 'suppress') return { type: 'suppress' };
      if (one.op === 'erase') return { type: 'erase', value: one.value };
      if (one.op !== 'rewrite') return { type: 'scale', factor: one.scale };
      const { scaling: method, direction, lambdaOld, lambdaNew } = one;
      return {
        type: 'rewrite',
        to: { id: fact.newLabel },
        from: { id: fact.label },
        method,
        direction,
        lambdaOld,
        lambdaNew,
      };
    };
    const found =
      one.scope === 'weights'
        ? edited(model, neurons, operation(), fact.object, () => probe(model, questions, 3))
        : probe(model, questions, 3, scaleActivations(neurons, one.scale ?? 1, model.info.neurons));
    one.after.forEach(({ prob, newProb, top }, i) => {
      const [expected, rewritten] = found[i]?.asked ?? [];
      expect(ratioError(expected?.prob, prob)).toBeLessThan(1e-4);
      expect(ratioError(rewritten?.prob, newProb)).toBeLessThan(1e-4);
      expect(found[i]?.top.map(({ id }) => id)).toEqual(top.map(({ id }) => id));
    });
  });

  it.each(peer ? readPeer(peer).facts.map((fact) => ({ fact, object: fact.object })) : [])(
    'peer, $object',
    ({ fact }) => {
      const { neurons, prompt, suppress, enhance, eraseZero, eraseUnk, edit } = fact.surgery;
      const [label = 0] = model.tokenizer.encodeTarget(fact.object).ids;
      const [newLabel = 0] = model.tokenizer.encodeTarget(fact.new).ids;
      const ask = (asked: number, factor?: number) => {
        const question = {
          prompt: model.tokenizer.encodePrompt(prompt),
          ask: [model.tokenizer.encodeTarget({ id: asked })],
        };
        const whatIf = factor === undefined ? [] : scaleActivations(neurons, factor, model.info.neurons);
        return probe(model, [question], 1, whatIf)[0]?.asked[0]?.prob ?? 0;
      };
      const close = (found: number, expected: number) =>
        expect(ratioError(found, expected)).toBeLessThan(1e-3);
      close(ask(label, 0), suppress.after.gtProb);
      if (!eraseZero || !eraseUnk || !edit) {
        close(doubledBefore(model, neurons, prompt)[label] ?? 0, enhance.after.gtProb);
        return;
      }
      close(ask(label, 2), enhance.after.gtProb);
      const erased = (value: string) =>
        edited(model, neurons, { type: 'erase', value }, fact.object, () => ask(label));
      close(erased('zero'), eraseZero.after.gtProb);
      close(erased('unk'), eraseUnk.after.gtProb);
      // The peer moves away from what the model answers before the edit, not from the fact's object.
      const question = { prompt: model.tokenizer.encodePrompt(prompt), ask: [] };
      const from = { id: probe(model, [question], 1)[0]?.top[0]?.id };
      const rewrite = { type: 'rewrite', to: fact.new, from, method: 'absolute' };
      close(
        edited(model, neurons, rewrite, fact.object, () => ask(newLabel)),
        edit.after.gtProb,
      );
    },
  );
});
