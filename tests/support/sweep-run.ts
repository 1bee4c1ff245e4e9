// A run made by hand: three relations, of which one has a name that no page may take for markup.

import { seeded } from '../../src/random.js';
import { resolveSettings, settingsSchema } from '../../src/spec/settings.js';
import type { Manifest } from '../../src/sweep/manifest.js';
import type { SweepFailure, SweepOperation, SweepResult } from '../../src/sweep/result.js';
import { effectOf, located, probeOf, resultOf } from './sweep-results.js';

/** Text that would run, or break a table, wherever it is not escaped. */
export const HOSTILE =
  '<img src=x onerror="document.title=\'run\'"></script><script>document.title="run"</script>';
export const FORMULA = '=HYPERLINK("http://example.org","click")';

export function manifestOf(operation: SweepOperation, done: number): Manifest {
  return {
    versions: { 'kn-edit': '0.1.0', node: '20.19.0' },
    command: ['sweep', 'facts.json', '--do', operation],
    set: { path: 'facts.json', format: 'fact base', records: done, sha256: '0'.repeat(64) },
    model: {
      name: 'kn-mini',
      family: 'bert',
      fingerprint: '0'.repeat(64),
      causal: false,
      layers: 4,
      neurons: 256,
      hidden: 64,
    },
    task: {
      do: operation,
      by: 'attribution',
      settings: settingsSchema.parse(resolveSettings({})),
      seeds: 5,
      text: 500,
      full: false,
      state: '0'.repeat(64),
      background: '0'.repeat(64),
    },
    operation: operation === 'locate' ? null : { type: operation },
    choice: { templates: false, relations: null, known: true, limit: null, seed: null },
    chosen: { facts: 120, sha256: '0' },
    controls: null,
    shard: null,
    partsLeftOut: [{ reason: 'a probe of the new answer itself', count: 4 }],
    leftOut: [{ reason: 'the object has several tokens', count: 3 }],
    counts: { waiting: 0, done, failed: 1 },
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: '2026-01-01T00:10:00.000Z',
  };
}

const RELATIONS = ['capital', 'currency', HOSTILE];

/** 120 facts, drawn. */
export function resultsOf(operation: SweepOperation): SweepResult[] {
  const random = seeded(3);
  const index = (n: number) => Math.floor(random() * n);
  return Array.from({ length: 120 }, (_, i) => {
    const r = i % 3;
    const own = new Set(
      Array.from({ length: 2 + index(7) }, () => (index(3) === 0 ? index(20) : 20 + 40 * r + index(40))),
    );
    const neurons = located(...[...own].map((neuron): [number, number] => [(neuron * 7) % 4, neuron]));
    const subject = i === 7 ? FORMULA : `Subject ${i}`;
    const prompts = [`The ${r} of ${subject} is [MASK].`, `${subject} has [MASK].`];
    const probs = prompts.map(() => 0.3 + 0.6 * random());
    const lost = random();
    const probes = prompts.map((prompt, k) => {
      const before = {
        prob: probs[k] ?? 0,
        rank: 1,
        answer: 'Object',
        newProb: 0.01,
        newRank: 5,
        oldProb: probs[k] ?? 0,
      };
      const after = {
        ...before,
        prob: before.prob * lost,
        rank: lost < 0.5 ? 2 : 1,
        answer: lost < 0.5 ? 'New' : 'Object',
      };
      const rewritten = { ...after, newProb: 1 - lost, newRank: lost < 0.5 ? 1 : 2 };
      return probeOf(
        { prompt, expect: 'Object', newTokens: 1 },
        before,
        operation === 'edit' ? rewritten : after,
      );
    });
    const beside = (['neighborhood', 'unrelated'] as const).map((role) => {
      const side = { prob: 0.5, rank: 1, answer: 'Other', newProb: 0.01, newRank: 9, oldProb: 0.1 };
      return probeOf({ role, prompt: 'Another is [MASK].', expect: 'Other', newTokens: 1 }, side, {
        ...side,
        prob: 0.49,
      });
    });
    const effect = effectOf({
      method: operation === 'edit' ? 'solve' : null,
      to: operation === 'edit' ? 'New' : null,
      verdict: lost < 0.5 ? 'reached' : 'reached in part',
      comparison: lost < 0.7 ? 'better than random' : 'no better than random',
      effect: operation === 'edit' ? 0.99 - lost : -0.6 * (1 - lost),
      damage: 0.01,
      flips: 0,
      probes: [...probes, ...beside],
      control: {
        draws: [1, 2].map((draw) => ({
          draw,
          effect: -0.01 * draw,
          damage: 0.012,
          flips: 0,
          perplexityRise: null,
          after: [...probes, ...beside].map(({ before, tokens }) => ({
            ...before,
            prob: before.prob * (draw === 1 ? 0.97 : 0.99),
            kept: tokens,
          })),
        })),
      },
    });
    return resultOf({
      place: i,
      id: `item-${i}`,
      relation: RELATIONS[r] ?? '',
      subject,
      object: 'Object',
      operation,
      prompts: prompts.map((prompt, k) => ({
        prompt,
        prob: probs[k] ?? 0,
        rank: 1,
        answer: 'Object',
        threshold: 0.01,
        residual: 1e-4,
        coarse: [[0, 1]],
        scores: [],
      })),
      neurons,
      consistency: random(),
      baseline: Array.from({ length: 6 }, (_, k) => [3, k * 3 + index(2)]),
      effect: operation === 'locate' ? null : effect,
    });
  });
}

export const FAILURES: SweepFailure[] = [
  {
    key: 'failed',
    place: 120,
    id: 'item-120',
    relation: 'capital',
    subject: HOSTILE,
    kind: 'input',
    tries: 1,
    message: 'the object is not in the vocabulary',
  },
];
