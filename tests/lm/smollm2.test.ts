// A pretrained language model, as its file comes: answers, score maps, knowledge neurons and what surgery on them does.
import { statSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { LanguageModel } from '../../src/lm/language-model.js';
import type { NeuronId } from '../../src/lm/overlay.js';
import { tokensIn } from '../../src/lm/prompt.js';
import { attribute } from '../../src/locate/attribution.js';
import { coarseNeurons } from '../../src/locate/coarse.js';
import { meanMap, refine } from '../../src/locate/refined.js';
import type { Attribution } from '../../src/locate/score-map.js';
import { probe } from '../../src/probe/probe.js';
import { runCli } from '../support/cli.js';
import { edited } from '../support/edited.js';
import { asSet, ratioError } from '../support/golden.js';
import { describeSmolLm2, readSmolLm2 } from '../support/smollm2.js';

/** Milliseconds that a score map may take on a slow machine, one thread, without a BLAS. */
const SLOW = 600_000;

describeSmolLm2((file) => {
  const { facts, attribution } = readSmolLm2();
  const [france] = facts;
  const [{ prompts, refined, surgery }] = attribution;
  const neurons = refined.map(([layer, neuron]): NeuronId => [layer, neuron]);
  let model: LanguageModel;
  beforeAll(async () => {
    await prepareEngine('wasm+blas').catch(() => prepareEngine('wasm'));
    model = LanguageModel.load(file);
  });

  /** P and rank of one token in each prompt. */
  function ask(questions: readonly { prompt: string; label: number }[]) {
    const probes = questions.map(({ prompt, label }) => ({
      prompt: model.tokenizer.encodePrompt(prompt),
      ask: [model.tokenizer.encodeTarget({ id: label })],
    }));
    return probe(model, probes, 3);
  }

  it.each(facts)('$name: token ids, probabilities and ranks', ({ object, objectIds, label, ...fact }) => {
    const questions = [...fact.prompts, ...fact.heldOut];
    const answers = ask(questions.map(({ prompt }) => ({ prompt, label })));
    const target = model.tokenizer.encodeTarget(object.trim());
    questions.forEach(({ prompt, ids, prob, rank, top }, i) => {
      const encoded = model.tokenizer.encodePrompt(prompt);
      expect(encoded.ids).toEqual(ids);
      expect(tokensIn(encoded, target).ids).toEqual(objectIds);
      expect(ratioError(answers[i]?.asked[0]?.prob, prob)).toBeLessThan(1e-4);
      expect(answers[i]?.asked[0]?.rank).toBe(rank);
      expect(answers[i]?.top.map(({ id }) => id)).toEqual(top.map(({ id }) => id));
    });
  });

  it('score maps, layer by layer, and the knowledge neurons that they come to', { timeout: SLOW }, () => {
    const width = model.info.neurons;
    const settings = { rule: 'gauss-legendre', steps: 20, tolerance: 1e-3, site: 'post' } as const;
    const maps = prompts.map(({ prompt }): Attribution => {
      return attribute(model, model.tokenizer.encodePrompt(prompt), france?.label ?? 0, settings);
    });
    prompts.forEach(({ perLayer, top30 }, i) => {
      const { scores, completeness } = maps[i] as Attribution;
      // In the first layer the FFN's output dwarfs the stream: twenty nodes do not reach into the corner near zero.
      for (let layer = 1; layer < perLayer.length; layer++) {
        const own = scores.subarray(layer * width, (layer + 1) * width);
        const largest = Math.max(...own.map(Math.abs));
        for (const [at, neuron, score] of top30) {
          if (at === layer)
            expect(Math.abs((own[neuron] ?? Number.NaN) - score) / largest).toBeLessThan(1e-3);
        }
        const { sum = 0, delta = 0 } = completeness[layer] ?? {};
        const scale = Math.max(...perLayer.slice(1).map((one) => Math.abs(one.delta)));
        expect(Math.abs(sum - (perLayer[layer]?.sum ?? 0)) / scale).toBeLessThan(1e-3);
        expect(Math.abs(delta - (perLayer[layer]?.delta ?? 0)) / scale).toBeLessThan(1e-3);
      }
    });
    const coarse = maps.map(({ scores }) => {
      return coarseNeurons(scores, width, { mode: 'ratio', value: 0.2, strict: false }).neurons;
    });
    coarse.forEach((found, i) => {
      expect(asSet(found)).toEqual(asSet(prompts[i]?.coarse ?? []));
    });
    const mean = meanMap(maps.map(({ scores }) => scores));
    const found = refine(coarse, mean, width, { share: 0.7, strict: false, minPrompts: 1 });
    expect(asSet(found.neurons.map(({ layer, neuron }) => [layer, neuron]))).toEqual(asSet(neurons));
  });

  it.each(['suppress', 'amplify'] as const)('%s the knowledge neurons', (op) => {
    const [after] = surgery.cases.find((one) => one.op === op && one.neurons === 'refined')?.results ?? [];
    if (!after || !france) throw new Error('no reference');
    const label = france.label;
    const groups = [
      { questions: france.prompts.map(({ prompt }) => ({ prompt, label })), expected: after.own },
      { questions: france.heldOut.map(({ prompt }) => ({ prompt, label })), expected: after.heldOut },
      { questions: surgery.otherPrompts, expected: after.others },
    ];
    for (const { questions, expected } of groups) {
      const found = edited(model, neurons, { type: op }, france.object, () => ask(questions));
      expected.forEach(([prob], i) => {
        expect(ratioError(found[i]?.asked[0]?.prob, prob)).toBeLessThan(1e-2);
      });
    }
  });

  it('one worker locates within 1.5 GB', { timeout: SLOW }, async () => {
    const told = `process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS + ' KiB'))`;
    const args = ['attribute', '--model', file, '--prompt', prompts[0]?.prompt ?? '', '--target', 'Paris'];
    const run = await runCli([...args, '--workers', '1', '--json'], {
      node: ['--import', `data:text/javascript,${encodeURIComponent(told)}`],
      limit: SLOW,
    });
    expect(run.code).toBe(0);
    const peaks = [...run.stderr.matchAll(/peak (\d+) KiB/g)].map(([, kib]) => 1024 * Number(kib));
    expect(Math.max(...peaks)).toBeGreaterThan(statSync(file).size); // the weights alone
    expect(Math.max(...peaks)).toBeLessThan(1.5e9);
  });
});
