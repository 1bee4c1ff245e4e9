// Records for evaluations out of a model's own facts, in the manner of CounterFact: a fact that it knows, a new object
// that is wrong for it, and the neighbours that must not follow.
import { groupBy } from '../../group.js';
import { draw, seeded } from '../../random.js';
import type { BaseFact } from '../../spec/fact-base.js';

/** Neighbours of a record, as many as CounterFact has. */
const NEIGHBOURS = 10;

/** A fact, what a rewrite is to make of it, and the facts beside it. */
export interface Counterfact {
  fact: BaseFact;
  /** An object of the same relation, but of none of the subject's facts there. */
  to: string;
  /** Facts of the same relation about other subjects; those with the same object come first. */
  neighbours: BaseFact[];
}

/**
 * One record per fact, in their order; the same seed gives the same records. Facts in whose relation there is no other
 * object have none. After CounterFact (Meng et al. 2022, "Locating and Editing Factual Associations in GPT").
 * @param facts those that the model knows, so that every record can be measured
 * @param count neighbours of a record, at most
 */
export function counterfacts(facts: readonly BaseFact[], seed: number, count = NEIGHBOURS): Counterfact[] {
  const random = seeded(seed);
  const relations = groupBy(facts, ({ relation }) => relation);
  return facts.flatMap((fact) => {
    const others = relations.get(fact.relation) ?? [];
    const own = others.filter(({ subject }) => subject === fact.subject);
    const taken = new Set(own.map(({ object }) => object));
    const objects = new Set(others.map(({ object }) => object).filter((object) => !taken.has(object)));
    const [to] = draw([...objects], 1, random);
    if (to === undefined) return [];
    const beside = others.filter(({ subject }) => subject !== fact.subject);
    const same = draw(withObject(beside, fact.object, true), count, random);
    const different = draw(withObject(beside, fact.object, false), count - same.length, random);
    return [{ fact, to, neighbours: [...same, ...different] }];
  });
}

function withObject(facts: readonly BaseFact[], object: string, same: boolean): BaseFact[] {
  return facts.filter((fact) => (fact.object === object) === same);
}
