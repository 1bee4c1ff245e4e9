// What the located neurons of many facts have in common: how many there are, in which layers, and which facts share them
// (Dai et al. 2022, section 4 and figure 2).
import { groupBy } from '../../group.js';
import { type Neuron, type NeuronId, neuronKey, toNeuronId } from '../../lm/overlay.js';
import {
  type Estimate,
  estimate,
  meanOf,
  ratioOf,
  type Statistic,
  sum,
  weightedRatio,
} from './statistics.js';

/** The neurons of one fact: the refined ones, or those of the activation baseline. */
export interface LocatedFact {
  relation: string;
  neurons: readonly NeuronId[];
}

/** The refined neurons of results. */
export function locatedIn(
  results: readonly { relation: string; neurons: readonly Neuron[] }[],
): LocatedFact[] {
  return results.map(({ relation, neurons }) => ({ relation, neurons: neurons.map(toNeuronId) }));
}

/** How many neurons a fact has; undefined of no facts. */
export function countOf(facts: readonly LocatedFact[]): Estimate | undefined {
  return meanOf(facts.map(({ neurons }) => neurons.length));
}

/** Share of all located neurons that lie in each layer, over all facts together; empty where there is no neuron. */
export function layerShares(facts: readonly LocatedFact[], layers: number): Estimate[] {
  return Array.from({ length: layers }, (_, layer) =>
    ratioOf(
      facts.map(({ neurons }) => {
        return { over: neurons.filter(([own]) => own === layer).length, under: neurons.length };
      }),
    ),
  ).filter((one) => one !== undefined);
}

/** How often each neuron is located among some facts. */
export function countNeurons(facts: readonly LocatedFact[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { neurons } of facts) {
    for (const key of neurons.map(neuronKey)) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Mean number of neurons that two facts share, over pairs of facts. */
export interface Intersections {
  relations: string[];
  /** Of a fact of the row's relation and another one of the column's [R, R]; null where there is no such pair. */
  matrix: (number | null)[][];
  /** Of two facts of one relation: by relation, and over all such pairs. */
  within: (Estimate | undefined)[];
  withinAll: Estimate | undefined;
  /**
   * Of a fact and one of another relation, where each other relation counts the same: by relation, and over all facts. (The
   * paper's released code draws such pairs; this is what its draws come to on average.)
   */
  between: (Estimate | undefined)[];
  betweenAll: Estimate | undefined;
}

/** Pairs are not listed: a neuron that c of the facts have is shared by c (c - 1) / 2 pairs of them. */
export function intersections(facts: readonly LocatedFact[]): Intersections {
  const groups = [...groupBy(facts, ({ relation }) => relation)];
  const sizes = groups.map(([, group]) => group.length);
  const counts = groups.map(([, group]) => countNeurons(group));
  /** Mean number that a fact of relation r shares with another one of relation s; null where there is none. */
  const sharedWith = ({ neurons }: LocatedFact, r: number, s: number) => {
    const own = r === s ? 1 : 0;
    const others = (sizes[s] ?? 0) - own;
    const shared = sum(neurons.map((neuron) => (counts[s]?.get(neuronKey(neuron)) ?? 0) - own));
    return others > 0 ? shared / others : null;
  };
  const perFact = groups.map(([, group], r) => {
    return group.map((fact) => groups.map((_, s) => sharedWith(fact, r, s)));
  });
  const withOthers = perFact.map((rows, r) => {
    return rows.flatMap((row) => average(row.filter((_, s) => s !== r)) ?? []);
  });
  return {
    relations: groups.map(([relation]) => relation),
    matrix: perFact.map((rows) => groups.map((_, s) => average(rows.map((row) => row[s] ?? null)))),
    within: groups.map(([, group]) => pairsWithin(group)),
    withinAll: pairsWithin(facts),
    between: withOthers.map(meanOf),
    betweenAll: meanOf(withOthers.flat()),
  };
}

/**
 * Mean over all pairs of facts of one relation; a fact that has no other one in its relation is in no pair. A resample's pairs
 * of a fact with itself do not count.
 */
function pairsWithin(all: readonly LocatedFact[]): Estimate | undefined {
  const sizes = groupBy(all, ({ relation }) => relation);
  const facts = all.filter(({ relation }) => (sizes.get(relation)?.length ?? 0) > 1);
  if (facts.length === 0) return undefined;
  const places = new Map<string, number>();
  const placeOf = (key: string) => {
    const place = places.get(key) ?? places.size;
    places.set(key, place);
    return place;
  };
  /** Of each fact: its relation, and its neurons as those of the relation. */
  const own = facts.map(({ relation, neurons }): [number, number[]] => [
    placeOf(relation),
    neurons.map((neuron) => placeOf(`${relation} ${neuronKey(neuron)}`)),
  ]);
  const ofRelations = new Set(own.map(([relation]) => relation));
  const statistic: Statistic = (weights) => {
    const [all, same] = [new Float64Array(places.size), new Float64Array(places.size)];
    own.forEach(([relation, neurons], i) => {
      const weight = weights[i] ?? 0;
      for (const place of [relation, ...neurons]) {
        all[place] = (all[place] ?? 0) + weight;
        same[place] = (same[place] ?? 0) + weight ** 2;
      }
    });
    let [shared, total] = [0, 0];
    all.forEach((count, place) => {
      const pairs = count ** 2 - (same[place] ?? 0); // twice the pairs that are two facts
      if (ofRelations.has(place)) total += pairs;
      else shared += pairs;
    });
    return shared / total;
  };
  const counts = new Uint32Array(places.size);
  for (const place of own.flat(2)) counts[place] = (counts[place] ?? 0) + 1;
  const othersAt = (place: number) => (counts[place] ?? 0) - 1;
  const parts = own.map(([relation, neurons]) => {
    return { over: sum(neurons.map(othersAt)), under: othersAt(relation) };
  });
  return estimate(facts.length, statistic, weightedRatio(parts).values);
}

function average(values: readonly (number | null)[]): number | null {
  const known = values.filter((one) => one !== null);
  return known.length > 0 ? sum(known) / known.length : null;
}
