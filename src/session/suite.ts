// Making suites: drawn from a model's fact base, or recorded from its own answers.
import { basename } from 'node:path';
import { InputError } from '../errors.js';
import type { ModelInfo } from '../lm/model-info.js';
import { companion } from '../lm/one-file.js';
import { draw, seeded } from '../random.js';
import type { BaseFact } from '../spec/fact-base.js';
import type { Suite } from '../spec/suite-file.js';
import { askOnce } from './background.js';
import type { Context } from './context.js';

/**
 * A suite of facts, one wording each (a held-out one where there is one).
 * @throws InputError when the model has no fact base
 */
export function drawSuite(
  facts: readonly BaseFact[],
  { name, fingerprint, directory }: Pick<ModelInfo, 'name' | 'fingerprint' | 'directory'>,
  count: number,
  seed: number,
): Suite {
  if (facts.length === 0) {
    const file = basename(companion(directory, 'facts.json'));
    throw new InputError(`this model has no fact base (${file}) to draw from; write the suite by hand`);
  }
  const random = seeded(seed);
  const probes = draw(facts, count, random).flatMap((fact) => askOnce(fact, random));
  return {
    name: `${probes.length} facts of ${name} (seed ${seed})`,
    model: name,
    fingerprint,
    tolerance: { top1: 'expected', maxProbabilityDrop: 0.1 },
    probes,
  };
}

/** The suite with the base model's own answers and probabilities as the expectation. */
export async function recordSuite(context: Context, suite: Suite): Promise<Suite> {
  const prompts = suite.probes.map(({ prompt }, i) => ({ field: `probes.${i}.prompt`, value: prompt }));
  const encoded = await context.base().run('encode', { prompts, targets: [] });
  const probes = encoded.prompts.map((prompt) => ({ prompt, ask: [] }));
  const answers = await context.base().run('probe', { probes, top: 1 });
  return {
    ...suite,
    model: context.model.name,
    fingerprint: context.model.fingerprint,
    probes: suite.probes.map((probe, i) => {
      const top = answers[i]?.top[0];
      return top ? { ...probe, expect: { id: top.id }, prob: Number(top.prob.toFixed(6)) } : probe;
    }),
  };
}
