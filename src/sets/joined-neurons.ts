// What two sources found for the same facts, side by side.
import { promptKey } from '../spec/prompts.js';
import type { FactNeurons } from './neuron-files.js';

/** What two sources found. */
export interface JoinedNeurons<A extends FactNeurons, B extends FactNeurons> {
  /** Facts that both have. */
  both: { own: A; other: B }[];
  /** Facts that one alone has. */
  ownAlone: A[];
  otherAlone: B[];
}

/**
 * Pairs the facts of two sources: those with the same id, and then those with the same relation, subject and object, however
 * these are capitalised. Every fact is in one pair at most.
 */
export function joinNeurons<A extends FactNeurons, B extends FactNeurons>(
  own: readonly A[],
  other: readonly B[],
): JoinedNeurons<A, B> {
  const both: { own: A; other: B }[] = [];
  let ownAlone = own;
  const left = new Set(other);
  for (const keyOf of [(fact: FactNeurons) => fact.id, contentOf]) {
    const known = new Map(
      [...left].flatMap((fact) => (keyOf(fact) === undefined ? [] : [[keyOf(fact), fact]])),
    );
    const rest: A[] = [];
    for (const fact of ownAlone) {
      const key = keyOf(fact);
      const found = key === undefined ? undefined : known.get(key);
      if (found && left.delete(found)) both.push({ own: fact, other: found });
      else rest.push(fact);
    }
    ownAlone = rest;
  }
  return { both, ownAlone: [...ownAlone], otherAlone: [...left] };
}

/** Equal for the same relation, subject and object; undefined where one is not known. `P36(capital)` is P36. */
function contentOf({ relation, subject, object }: FactNeurons): string | undefined {
  if (relation === undefined || subject === undefined || object === undefined) return undefined;
  return JSON.stringify([relation.replace(/\(.*\)$/s, ''), promptKey(subject), promptKey(object)]);
}
