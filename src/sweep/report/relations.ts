// The measures of a run's relations: what erasing them left, and where their neurons are active, each beside its control.
import type { ActivatedFact, AskedFact, KindActivation, Relations } from '../relations/file.js';
import { averaged, type Control, type Measure, type Value } from './measure.js';
import { perplexityRise, type Surprise } from './perplexity.js';
import { sum } from './statistics.js';

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
    return averaged(name, null, values, { control: beside });
  });
  return [...overall, ...found];
}

function placeMeasures(
  place: Place,
  relation: string,
  facts: readonly AskedFact[],
  control: Control['name'],
): Measure[] {
  const drawn = (controls: AskedFact['controls'], side: keyof AskedFact['after']) =>
    controls.length > 0 ? sum(controls.map((one) => one[side])) / controls.length : undefined;
  const right = facts.map(({ before, after, controls }): Value => {
    return { value: after.accuracy, before: before.accuracy, control: drawn(controls, 'accuracy') };
  });
  const surprises = facts.map(({ before: { surprise: before }, after, controls }): Value<Surprise> => {
    const random = drawn(controls, 'surprise');
    return {
      value: { before, after: after.surprise },
      control: random === undefined ? undefined : { before, after: random },
    };
  });
  return [
    ...averaged(`${place}-accuracy`, relation, right, { control }),
    ...perplexityRise(`${place}-perplexity`, relation, surprises, { control }),
  ];
}

function overallValue({ estimate: { value }, before, control }: Measure): Value {
  return { value, before, control: control?.estimate.value, controlled: control?.own.value };
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
