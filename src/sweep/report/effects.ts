// What an operation did to its facts and to what lies around them, beside the same on random neurons (Dai et al. 2022,
// sections 4 and 5).

import { groupBy } from '../../group.js';
import { surpriseAt } from '../../probe/metrics.js';
import type { SweepOperation } from '../result.js';
import { type Aim, averaged, type Measure, ratioMeasure, type Value } from './measure.js';
import { perplexityRise, type Surprise } from './perplexity.js';
import { meanOver, overProbes, probesOf } from './probes.js';
import type { MeasuredProbe, Operated } from './results.js';
import type { Parts } from './statistics.js';

/**
 * What an operation did, by all measures that do not ask for a new answer.
 * @param relation that of the facts; null: of all
 */
export function effectMeasures(
  facts: readonly Operated[],
  operation: SweepOperation,
  relation: string | null,
): Measure[] {
  const aim = operation === 'suppress' || operation === 'erase' ? 'lower' : 'higher';
  return [
    ...averaged(
      'effect',
      relation,
      facts.map((fact) => ({ value: fact.effect.effect, control: control(fact, (draw) => draw.effect) })),
      { aim },
    ),
    ...(operation === 'edit' ? [] : ownMeasures(facts, relation, aim)),
    ...shares(facts, relation),
    ...(['damage', 'flips'] as const).flatMap((harm) => {
      const values = facts.map((fact) =>
        valued(
          fact.effect[harm],
          control(fact, (draw) => draw[harm]),
        ),
      );
      return averaged(harm, relation, values);
    }),
    ...accuracy('within-accuracy', relation, facts, 'neighborhood'),
    ...accuracy('between-accuracy', relation, facts, 'unrelated'),
    ...perplexity('within-perplexity', relation, facts, 'neighborhood'),
    ...perplexity('between-perplexity', relation, facts, 'unrelated'),
    ...averaged(
      'text-perplexity',
      relation,
      facts.map((fact) => {
        const { perplexity: text } = fact.effect;
        return valued(
          text && text.after / text.before - 1,
          control(fact, (draw) => draw.perplexityRise),
        );
      }),
    ),
  ];
}

type Draw = NonNullable<Operated['effect']['control']>['draws'][number];

const control = ({ effect }: Operated, value: (draw: Draw) => number | null) => {
  return effect.control ? meanOver(effect.control.draws, value) : undefined;
};
const valued = (value: number | null, beside?: number) =>
  value === null ? null : { value, control: beside };

/** Of operations on the object that the fact has: a rewrite has measures of its own. */
function ownMeasures(facts: readonly Operated[], relation: string | null, aim: Aim): Measure[] {
  return [
    ...ratioMeasure('ratio', relation, facts.map(changeOf), { aim }),
    ...(relation === null ? relationMean(facts, aim) : []),
    ...accuracy('accuracy', relation, facts, 'target', aim),
    ...perplexity('own-perplexity', relation, facts, 'target', aim === 'lower' ? 'higher' : 'lower'),
  ];
}

/** Sums over the fact's prompts. */
function changeOf(fact: Operated): Value<Parts> {
  const own = probesOf(fact, 'target');
  const under = total(own, ({ before }) => before.prob);
  const change = (probOf: (probe: MeasuredProbe) => number) => ({ over: total(own, probOf) - under, under });
  const controlled = own.every(({ random }) => random.length > 0);
  return {
    value: change(({ after }) => after.prob),
    control: controlled ? change(({ random }) => meanOver(random, ({ prob }) => prob) ?? 0) : undefined,
  };
}

function total(probes: readonly MeasuredProbe[], value: (probe: MeasuredProbe) => number): number {
  return probes.reduce((all, one) => all + value(one), 0);
}

/** The change ratio, averaged over relations in place of facts. */
function relationMean(facts: readonly Operated[], aim: Aim): Measure[] {
  const values = [...groupBy(facts, ({ relation }) => relation).values()].map((group) => {
    const [measure] = ratioMeasure('ratio', null, group.map(changeOf), { aim });
    if (!measure) return null;
    const { estimate, control: random } = measure;
    if (!random) return { value: estimate.value };
    return { value: estimate.value, control: random.estimate.value, controlled: random.own.value };
  });
  return averaged('ratio-relations', null, values, { aim });
}

function shares(facts: readonly Operated[], relation: string | null): Measure[] {
  const compared = facts.flatMap(({ effect: { comparison } }) => {
    return comparison === null || comparison === 'not compared' ? [] : [comparison === 'better than random'];
  });
  const share = (yes: boolean) => ({ value: Number(yes) });
  return [
    ...averaged('better-than-random', relation, compared.map(share)),
    ...averaged(
      'refused',
      relation,
      facts.map(({ effect: { wouldRefuse } }) => share(wouldRefuse)),
    ),
  ];
}

type Place = 'target' | 'neighborhood' | 'unrelated';

function accuracy(
  name: 'accuracy' | 'within-accuracy' | 'between-accuracy',
  relation: string | null,
  facts: readonly Operated[],
  role: Place,
  aim?: Aim,
): Measure[] {
  const values = facts.map((fact) => overProbes(probesOf(fact, role), ({ rank }) => Number(rank === 1)));
  return averaged(name, relation, values, { ...(aim && { aim }) });
}

function perplexity(
  name: 'own-perplexity' | 'within-perplexity' | 'between-perplexity',
  relation: string | null,
  facts: readonly Operated[],
  role: Place,
  aim?: Aim,
): Measure[] {
  const surprises = facts.flatMap((fact): Value<Surprise>[] => {
    const found = overProbes(probesOf(fact, role), ({ prob }) => surpriseAt(prob));
    if (found?.before === undefined) return [];
    const { value: after, before, control: random } = found;
    return [
      { value: { before, after }, control: random === undefined ? undefined : { before, after: random } },
    ];
  });
  return perplexityRise(name, relation, surprises, { ...(aim && { aim }) });
}
