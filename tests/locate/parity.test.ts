// Score maps and neuron sets against the reference values, and against EleutherAI/knowledge-neurons.
import { beforeAll, expect, it } from 'vitest';
import type { LanguageModel } from '../../src/lm/language-model.js';
import { attribute } from '../../src/locate/attribution.js';
import { coarseNeurons, type ThresholdMode } from '../../src/locate/coarse.js';
import { FIXED_RULES } from '../../src/locate/quadrature.js';
import { meanMap, refine } from '../../src/locate/refined.js';
import type { Attribution } from '../../src/locate/score-map.js';
import { resolveSettings, settingsSchema } from '../../src/spec/settings.js';
import { describeOnEngines } from '../support/engines.js';
import {
  asSet,
  factsOn,
  KINDS,
  KINKED,
  MODERN,
  PEER_FAMILIES,
  ratioError,
  readGolden,
  readPeer,
  relativeError,
} from '../support/golden.js';
import { loadGolden } from '../support/models.js';

/** A rule by its name in the reference values. */
function parseRule(name: string) {
  const rule = FIXED_RULES.find((one) => name.startsWith(one));
  if (!rule) throw new Error(`unknown rule ${name}`);
  return { rule, steps: Number(name.slice(rule.length + 1)), tolerance: 1e-3, site: 'post' as const };
}

/** A score map of the reference values. */
interface Reference {
  scores: number[][];
  completeness: { sum: number; delta: number }[];
}

const sizeOf = (values: readonly number[]) => Math.max(...values.map(Math.abs));

await describeOnEngines(KINDS, ['wasm', 'wasm+blas', 'tensorflow', 'webgpu'], (family, engine) => {
  const golden = readGolden(family);
  const facts = factsOn(engine, golden);
  /**
   * To save time, the newer kinds are compared by every rule on one engine, by one rule on the others, and by `adaptive`
   * alone on webgpu, where the older ones are compared by one rule.
   */
  const newer = MODERN.includes(family);
  const full = engine === 'wasm' || (engine !== 'webgpu' && !newer);
  const rulesOf = (reference: object = {}) =>
    Object.keys(reference).filter(
      (name) => full || (name === golden.setsFrom && !(engine === 'webgpu' && newer)),
    );
  let model: LanguageModel;
  beforeAll(async () => {
    model = await loadGolden(family, engine);
  });

  /** Score maps by one rule, with their completeness, in every prompt. */
  function compareMaps(
    name: string,
    which: 'attribution' | 'attributionPre' | 'attributionFrozenNorm',
    setting: object = {},
  ): void {
    for (const { label, prompts } of facts) {
      for (const { prompt, prob, [which]: attribution } of prompts) {
        const settings = { ...parseRule(name), ...setting };
        const found = attribute(model, model.tokenizer.encodePrompt(prompt), label, settings);
        const { scores = [], completeness = [] } = attribution[name] ?? {};
        expect(ratioError(found.prob, prob)).toBeLessThan(5e-5);
        expect(relativeError(found.scores, scores.flat())).toBeLessThan(1e-4);
        const scale = sizeOf(completeness.map(({ delta }) => delta));
        // What a rule that misses the corner near zero sums up to can be a hundred times as large.
        const size = sizeOf(completeness.flatMap(({ sum, delta }) => [sum, delta]));
        completeness.forEach(({ sum, delta }, layer) => {
          const { sum: ownSum = 0, delta: ownDelta = 0, residual = 0 } = found.completeness[layer] ?? {};
          expect(Math.abs(ownSum - sum) / size).toBeLessThan(1e-4);
          expect(Math.abs(ownDelta - delta) / scale).toBeLessThan(1e-4);
          expect(Math.abs(residual * scale - Math.abs(sum - delta)) / size).toBeLessThan(1e-3);
        });
      }
    }
  }

  const [first] = facts[0]?.prompts ?? [];
  it.each(rulesOf(first?.attribution))('%s score maps', (name) => {
    compareMaps(name, 'attribution');
  });
  it.each(rulesOf(first?.attributionPre))('%s score maps at site pre', (name) => {
    compareMaps(name, 'attributionPre', { site: 'pre' });
  });
  it.each(rulesOf(first?.attributionFrozenNorm))('%s score maps, frozen norm', (name) => {
    compareMaps(name, 'attributionFrozenNorm', { path: 'frozen-norm' });
  });

  /** @param by a rule that has converged, as far as it has */
  function compareConverged(found: Attribution, by: Reference | undefined, tolerance: number): void {
    const { scores = [], completeness = [] } = by ?? {};
    const scale = sizeOf(completeness.map(({ delta }) => delta));
    const missing = sizeOf(completeness.map(({ sum, delta }) => sum - delta)) / scale;
    expect(relativeError(found.scores, scores.flat())).toBeLessThan(20 * tolerance + missing);
    for (const { residual } of found.completeness) expect(residual).toBeLessThanOrEqual(tolerance);
  }

  it.each(!full || KINKED.includes(family) ? [1e-3] : [1e-3, 1e-4])(
    'adaptive maps are complete within %f, and agree with converged ones',
    (tolerance) => {
      const settings = { rule: 'adaptive' as const, steps: 20, tolerance, site: 'post' as const };
      for (const { label, prompts } of facts) {
        for (const { prompt, attribution, attributionFrozenNorm } of prompts) {
          const encoded = model.tokenizer.encodePrompt(prompt);
          compareConverged(
            attribute(model, encoded, label, settings),
            attribution[golden.setsFrom],
            tolerance,
          );
          if (model.info.normsOutput) {
            const found = attribute(model, encoded, label, { ...settings, path: 'frozen-norm' });
            compareConverged(found, attributionFrozenNorm['gauss-legendre-48'], tolerance);
            // The path ends where the plain one does, in a few nodes.
            for (const { nodes } of found.completeness) expect(nodes).toBeLessThan(20);
          }
        }
      }
    },
  );

  it.each(full ? facts : [])('$object: coarse and refined sets', ({ label, prompts, sets }) => {
    const maps = prompts.map(({ prompt }) => {
      const settings = parseRule(golden.setsFrom);
      return attribute(model, model.tokenizer.encodePrompt(prompt), label, settings).scores;
    });
    expect(sets).toHaveLength(9);
    for (const { threshold, share, coarse, refined } of sets) {
      const width = model.info.neurons;
      const found = maps.map(
        (scores) => coarseNeurons(scores, width, { mode: 'ratio', value: threshold, strict: false }).neurons,
      );
      expect(found.map(asSet)).toEqual(coarse.map(asSet));
      const { neurons } = refine(found, meanMap(maps), width, { share, strict: false, minPrompts: 1 });
      expect(asSet(neurons.map(({ layer, neuron }) => [layer, neuron]))).toEqual(asSet(refined));
    }
  });
});

await describeOnEngines(PEER_FAMILIES, ['wasm', 'wasm+blas'], (family, engine) => {
  const peer = readPeer(family);
  let model: LanguageModel;
  beforeAll(async () => {
    model = await loadGolden(family, engine);
  });

  it('preset eleutherai reproduces the peer: maps, coarse sets under every mode, refined sets', () => {
    const settings = settingsSchema.parse(resolveSettings({ preset: 'eleutherai' }, model.info));
    const thresholds: Record<string, { mode: ThresholdMode; value: number }> = {
      'adaptive-0.3': { mode: settings.thresholdMode, value: settings.threshold },
      'adaptive-0.2': { mode: 'ratio', value: 0.2 },
      'absolute-1e-4': { mode: 'absolute', value: 1e-4 },
      'percentile-98': { mode: 'percentile', value: 98 },
    };
    const width = model.info.neurons;
    for (const { object, prompts, scores, coarse, refined } of peer.facts) {
      const [label = 0] = model.tokenizer.encodeTarget(object).ids;
      const maps = prompts.map(
        (prompt) => attribute(model, model.tokenizer.encodePrompt(prompt), label, settings).scores,
      );
      maps.forEach((map, i) => {
        expect(relativeError(map, scores[i]?.flat() ?? [])).toBeLessThan(1e-3);
      });
      const sets = (name: string) => {
        const threshold = thresholds[name];
        if (!threshold) throw new Error(`unknown mode ${name}`);
        return maps.map(
          (map) => coarseNeurons(map, width, { ...threshold, strict: settings.strict }).neurons,
        );
      };
      expect(Object.keys(coarse)).toHaveLength(4);
      for (const [name, expected] of Object.entries(coarse)) {
        expect(sets(name).map(asSet)).toEqual(expected.map(asSet));
      }
      for (const one of refined) {
        const sharing = { share: one.p, strict: settings.strict, minPrompts: 1 };
        const { neurons } = refine(sets(one.coarse), meanMap(maps), width, sharing);
        expect(asSet(neurons.map(({ layer, neuron }) => [layer, neuron]))).toEqual(asSet(one.neurons));
      }
    }
  });
});
