// A run's neurons beside those that others located for the same facts: how much of them is the same.
import { groupBy } from '../../group.js';
import { neuronKey, toNeuronId } from '../../lm/overlay.js';
import { joinNeurons } from '../../sets/joined-neurons.js';
import type { FactNeurons } from '../../sets/neuron-files.js';
import { averaged, type Measure, type Value } from './measure.js';
import type { ReportResult } from './results.js';

/** One fact, as both located it. */
export interface ComparedFact {
  fact: ReportResult;
  own: number;
  other: number;
  common: number;
  jaccard: number;
}

export interface Compared {
  /** Where the others are from. */
  source: string;
  facts: ComparedFact[];
  /** Facts that one side alone has. */
  ownAlone: number;
  otherAlone: number;
  measures: Measure[];
}

type Named = FactNeurons & { fact: ReportResult };

/** @param source where the other neurons are from, in words */
export function compareNeurons(
  results: readonly ReportResult[],
  others: readonly FactNeurons[],
  source: string,
): Compared {
  const own = results.map((fact): Named => ({ ...factNeurons(fact), fact }));
  const { both, ownAlone, otherAlone } = joinNeurons(own, others);
  const pairs = groupBy(both, (pair) => pair.own.fact.relation);
  const valuesOf = (group: typeof both) =>
    group.map((pair, i): Value | null => {
      if (isEmpty(pair.own, pair.other)) return null;
      // The next fact of the relation: what neurons in common say if they are the relation's and not the fact's.
      const next = group.length > 1 ? group[(i + 1) % group.length] : undefined;
      return {
        value: jaccard(pair.own, pair.other),
        control: next && !isEmpty(pair.own, next.other) ? jaccard(pair.own, next.other) : undefined,
      };
    });
  const byRelation = [...pairs].map(([relation, group]) => ({ relation, values: valuesOf(group) }));
  const all = byRelation.flatMap(({ values }) => values);
  return {
    source,
    facts: both.map((pair) => ({
      fact: pair.own.fact,
      own: pair.own.neurons.length,
      other: pair.other.neurons.length,
      common: inCommon(pair.own, pair.other),
      jaccard: jaccard(pair.own, pair.other),
    })),
    ownAlone: ownAlone.length,
    otherAlone: otherAlone.length,
    measures: [{ relation: null, values: all }, ...byRelation].flatMap(({ relation, values }) =>
      averaged('jaccard', relation, values, { aim: 'higher', control: 'another fact' }),
    ),
  };
}

/** A result's neurons as files of neurons have them. */
export function factNeurons({ id, relation, subject, object, neurons }: ReportResult): FactNeurons {
  return { id, relation, subject, object, neurons: neurons.map(toNeuronId) };
}

function inCommon(own: FactNeurons, other: FactNeurons): number {
  const known = new Set(other.neurons.map(neuronKey));
  return own.neurons.filter((neuron) => known.has(neuronKey(neuron))).length;
}

const isEmpty = (own: FactNeurons, other: FactNeurons) => own.neurons.length + other.neurons.length === 0;

/** Neurons in both over neurons in either; of two empty sets, one. */
function jaccard(own: FactNeurons, other: FactNeurons): number {
  const common = inCommon(own, other);
  const either = own.neurons.length + other.neurons.length - common;
  return either > 0 ? common / either : 1;
}
