// The measures of a run's relations: what erasing them left, and where their neurons are active, each beside its control.
import type { ActivatedFact, AskedFact, KindActivation, Relations } from '../relations/file.js';
import { type Aim, averaged, type Control, controlOf, type Measure, type Value } from './measure.js';
import { estimate, sum, weightedMean } from './statistics.js';

/** All measures, those of all relations first. */
export function relationMeasures({ erasure, activation }: Relations): Measure[] {
  return [
    ...(erasure ? erasureMeasures(erasure) : []),
    ...(activation ? activationMeasures(activation) : []),
  ];
}

type Erasure = NonNullable<Relations['erasure']>;
type Place = 'erased' | 'others';

function erasureMeasures({ settings, relations }: Erasure): Measure[] {
  const beside = settings.control === 'layer' ? 'other layers' : 'random neurons';
  const found = relations.flatMap(({ relation, own, others }) => [
    ...placeMeasures('erased', relation, own, beside),
    ...placeMeasures('others', relation, others, beside),
  ]);
  const names = [...new Set(found.map(({ name }) => name))];
  const overall = names.flatMap((name) => {
    const values = found.filter((one) => one.name === name).map(overallValue);
    return averaged(name, null, values, { aim: aimAt(name), control: beside });
  });
  return [...overall, ...found];
}

function placeMeasures(
  place: Place,
  relation: string,
  facts: readonly AskedFact[],
  beside: Control['name'],
): Measure[] {
  const values = facts.map(({ before, after, controls }): Value => {
    const control = controls.length > 0 ? meanOf(controls.map(({ accuracy }) => accuracy)) : undefined;
    return { value: after.accuracy, before: before.accuracy, control };
  });
  const name = `${place}-accuracy` as const;
  return [
    ...averaged(name, relation, values, { aim: aimAt(name), control: beside }),
    ...rise(place, relation, facts, beside),
  ];
}

/** Rise of exp(mean over facts of their mean -log P); of a control, the mean over its draws. */
function rise(
  place: Place,
  relation: string,
  facts: readonly AskedFact[],
  beside: Control['name'],
): Measure[] {
  const n = facts.length;
  if (n === 0) return [];
  const name = `${place}-perplexity` as const;
  const perplexity = (surprise: (fact: AskedFact) => number | undefined) => {
    const mean = weightedMean(facts.map((fact) => surprise(fact) ?? 0));
    return (weights: ArrayLike<number>) => Math.exp(mean(weights));
  };
  const before = perplexity((one) => one.before.surprise);
  const after = perplexity((one) => one.after.surprise);
  const draws = (facts[0]?.controls ?? []).map((_, d) => perplexity((one) => one.controls[d]?.surprise));
  const controlled = (weights: ArrayLike<number>) => meanOf(draws.map((draw) => draw(weights)));
  const control =
    draws.length > 0
      ? controlOf(
          beside,
          estimate(n, (weights) => controlled(weights) - before(weights)),
          estimate(n, (weights) => after(weights) - controlled(weights)),
          aimAt(name),
        )
      : undefined;
  return [
    {
      name,
      relation,
      estimate: estimate(n, (weights) => after(weights) - before(weights)),
      before: before(new Uint8Array(n).fill(1)),
      ...(control && { control }),
    },
  ];
}

/** Erasing is meant to harm the relation, and nothing else. */
function aimAt(name: Measure['name']): Aim {
  return name === 'erased-accuracy' || name === 'others-perplexity' ? 'lower' : 'higher';
}

function overallValue({ estimate: { value }, before, control }: Measure): Value {
  return { value, before, control: control?.estimate.value };
}

const ACTIVATIONS = {
  'activation-stated': ({ stated }: ActivatedFact) => ofKind(stated),
  'activation-named': ({ named }: ActivatedFact) => ofKind(named),
  'activation-unrelated': ({ unrelated }: ActivatedFact) => ofKind(unrelated),
  'activation-lift': ({ stated, unrelated }: ActivatedFact) => lift(stated, unrelated),
};

function activationMeasures({ relations }: NonNullable<Relations['activation']>): Measure[] {
  const groups = [
    { relation: null, facts: relations.flatMap(({ facts }) => facts) },
    ...relations.map(({ relation, facts }) => ({ relation, facts })),
  ];
  return groups.flatMap(({ relation, facts }) =>
    (Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[]).flatMap((name) => {
      const found = averaged(name, relation, facts.map(ACTIVATIONS[name]), { aim: 'higher' });
      // Whether neurons are less active than random ones where their fact is not stated is no question of better or worse.
      return name === 'activation-named' || name === 'activation-unrelated' ? found.map(uncompared) : found;
    }),
  );
}

function ofKind(kind: KindActivation | null): Value | null {
  return kind && { value: kind.activation, control: kind.random ?? undefined };
}

function lift(stated: KindActivation | null, unrelated: KindActivation | null): Value | null {
  if (!stated || !unrelated) return null;
  const controlled = stated.random !== null && unrelated.random !== null;
  return {
    value: stated.activation - unrelated.activation,
    control: controlled ? (stated.random ?? 0) - (unrelated.random ?? 0) : undefined,
  };
}

function uncompared(measure: Measure): Measure {
  const { control } = measure;
  return control ? { ...measure, control: { ...control, comparison: 'not compared' } } : measure;
}

function meanOf(values: readonly number[]): number {
  return sum(values) / values.length;
}
