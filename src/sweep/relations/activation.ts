// Activation of knowledge neurons on sentences that state their fact, that name its subject, and that do neither (Dai et al.
// 2022, section 4), beside random neurons.

import { hashOf } from '../../hash.js';
import { type NeuronId, neuronKey, toNeuronId } from '../../lm/overlay.js';
import { seeded } from '../../random.js';
import type { Context } from '../../session/context.js';
import { countReasons } from '../../sets/reasons.js';
import type { FactSentences } from '../../sets/sentences.js';
import { matchedRandom } from '../../surgery/controls.js';
import { Meter } from '../meter.js';
import type { ReportResult } from '../report/results.js';
import { askedAnywhere, askedForObject, unrelatedTo } from './cloze.js';
import {
  type ActivatedFact,
  type ActivatedRelation,
  type ActivationSettings,
  KINDS,
  type KindActivation,
} from './file.js';

const NO_NEURON = 'facts without a neuron';
const NO_SENTENCE = 'facts of which the file has no sentences';
const NOT_NAMED = {
  stated: 'sentences that do not name the object, or not where the model can be asked for it',
  named: 'sentences that do not name the subject, or nothing that the model can be asked for',
  unrelated: 'unrelated sentences that have nothing that the model can be asked for',
};
const NOT_ASKED = 'sentences that the model cannot be asked';

/**
 * The activations on the sentences about the facts of a relation.
 * @param byId the sentences about each fact
 * @param pool all sentences, of which unrelated ones are drawn: as many as state the fact, none that names its subject
 */
export async function sentenceActivations(
  context: Context,
  relation: string,
  facts: readonly ReportResult[],
  byId: ReadonlyMap<string, FactSentences>,
  pool: readonly string[],
  settings: ActivationSettings,
): Promise<ActivatedRelation> {
  const meter = new Meter();
  const found = await Promise.all(
    facts.map(async (fact): Promise<{ fact: ActivatedFact | undefined; reasons: string[] }> => {
      const sentences = byId.get(fact.id);
      if (!sentences) return { fact: undefined, reasons: [NO_SENTENCE] };
      if (fact.neurons.length === 0) return { fact: undefined, reasons: [NO_NEURON] };
      const reasons: string[] = [];
      return { fact: await activationOf(context, fact, sentences, pool, settings, reasons), reasons };
    }),
  );
  return {
    relation,
    facts: found.flatMap(({ fact }) => fact ?? []),
    leftOut: countReasons(found.flatMap(({ reasons }) => reasons)),
    ...meter.lap(),
  };
}

/** @param reasons is given why sentences are not asked, a reason for each */
async function activationOf(
  context: Context,
  { id, subject, object, neurons }: ReportResult,
  { stated, named }: FactSentences,
  pool: readonly string[],
  { seeds, seed }: ActivationSettings,
  reasons: string[],
): Promise<ActivatedFact> {
  const { causal, neurons: width } = context.model;
  // Whichever facts are asked besides, a fact draws the same.
  const random = seeded(Number.parseInt(hashOf([seed, id]).slice(0, 8), 16));
  const own = neurons.map(toNeuronId);
  const others = Array.from({ length: seeds }, () => matchedRandom(own, width, random));
  const places = new Map<string, NeuronId>([...own, ...others.flat()].map((at) => [neuronKey(at), at]));
  const columns = new Map([...places.keys()].map((key, i) => [key, i]));
  const unrelated = unrelatedTo(subject, pool, stated.length, random);
  const prompts = {
    stated: stated.map((one) => askedForObject(one, subject, object, causal)),
    named: named.map((one) => askedAnywhere(one, subject, causal, random)),
    unrelated: unrelated.map((one) => askedAnywhere(one, undefined, causal, random)),
  };
  const kinds = KINDS.map(async (kind): Promise<KindActivation | null> => {
    const asked = prompts[kind].filter((one) => one !== undefined);
    for (let i = asked.length; i < prompts[kind].length; i++) reasons.push(NOT_NAMED[kind]);
    const answers = await context.run('activationsAt', { prompts: asked, neurons: [...places.values()] });
    const rows = answers.filter((one) => one !== null);
    for (let i = rows.length; i < answers.length; i++) reasons.push(NOT_ASKED);
    if (rows.length === 0) return null;
    const meanOf = (some: readonly NeuronId[]) => {
      const sum = some.reduce((total, at) => {
        const column = columns.get(neuronKey(at)) ?? 0;
        return total + rows.reduce((all, row) => all + (row[column] ?? 0), 0);
      }, 0);
      return sum / (some.length * rows.length);
    };
    const control = others.flat();
    return {
      sentences: rows.length,
      activation: meanOf(own),
      random: control.length > 0 ? meanOf(control) : null,
    };
  });
  const [first = null, second = null, third = null] = await Promise.all(kinds);
  return { id, neurons: own.length, stated: first, named: second, unrelated: third };
}
