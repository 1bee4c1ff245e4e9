// What rewrites reached, by the measures of the three protocols that the field uses: Dai et al. 2022 (section 5.1), ROME
// (Meng et al. 2022, section 3.4) and EasyEdit.
import { harmonicMean } from '../../probe/metrics.js';
import type { SweepProbe } from '../result.js';
import type { MeasureName } from './definitions.js';
import { averaged, type Measure, type Value } from './measure.js';
import { type MeasuredProbe, meanOver, probesOf } from './probes.js';
import type { Operated } from './results.js';
import { estimate, weightedMean } from './statistics.js';

/** @param relation that of the facts; null: of all */
export function rewriteMeasures(facts: readonly Operated[], relation: string | null): Measure[] {
  return [...update(facts, relation), ...rome(facts, relation), ...easyEdit(facts, relation)];
}

/** A measure of one probe; undefined where it says nothing of it. */
type OfProbe = (probe: MeasuredProbe) => number | undefined;

/** Means over the prompts of a record; null where it has none. */
function perRecord(
  facts: readonly Operated[],
  role: SweepProbe['role'],
  value: OfProbe,
  before?: OfProbe,
): (Value | null)[] {
  return facts.map((fact) => {
    const probes = probesOf(fact, role);
    const mean = meanOver(probes, value);
    return mean === undefined ? null : { value: mean, before: before && meanOver(probes, before) };
  });
}

function update(facts: readonly Operated[], relation: string | null): Measure[] {
  const known =
    (found: OfProbe): OfProbe =>
    (probe) =>
      probe.before.rank === 1 ? found(probe) : undefined;
  const success = known(({ after }) => Number(after.newRank === 1));
  const changed = known(({ before, after }) => Number(before.answer !== after.answer));
  return [
    ...averaged('success-rate', relation, perRecord(facts, 'target', success)),
    ...averaged('change-rate', relation, perRecord(facts, 'target', changed)),
  ];
}

/** A difference of two probabilities, before and after. */
interface Difference {
  before: number;
  after: number;
}

function rome(facts: readonly Operated[], relation: string | null): Measure[] {
  const differences = facts.map((fact) => {
    const oldTokens = probesOf(fact, 'target')[0]?.tokens ?? 1;
    return {
      target: probesOf(fact, 'target').map((probe) => newOverOld(probe, oldTokens)),
      paraphrase: probesOf(fact, 'paraphrase').map((probe) => newOverOld(probe, oldTokens)),
      neighborhood: probesOf(fact, 'neighborhood').flatMap(expectedOverNew),
    };
  });
  const scores = differences.map(({ target, paraphrase, neighborhood }) => ({
    ES: over(target, success),
    EM: over(target, magnitude),
    PS: over(paraphrase, success),
    PM: over(paraphrase, magnitude),
    NS: over(neighborhood, success),
    NM: over(neighborhood, magnitude),
  }));
  const names = ['ES', 'PS', 'NS', 'EM', 'PM', 'NM'] as const;
  const measures = names.flatMap((name) =>
    averaged(
      name,
      relation,
      scores.map((one) => one[name]),
    ),
  );
  return [...measures, ...score(scores, relation)];
}

const success = (difference: number) => Number(difference > 0);
const magnitude = (difference: number) => difference;

function over(differences: readonly Difference[], value: (difference: number) => number): Value | null {
  const after = meanOver(differences, (one) => value(one.after));
  return after === undefined
    ? null
    : { value: after, before: meanOver(differences, (one) => value(one.before)) };
}

const perToken = (prob: number | undefined, tokens: number) => (prob ?? 0) ** (1 / tokens);

function newOverOld({ tokens, newTokens = 1, before, after }: MeasuredProbe, oldTokens: number): Difference {
  // Where the old answer is the one that is expected, it has no field of its own.
  const of = ({ newProb, oldProb, prob }: SweepProbe['after']) => {
    const old = oldProb === undefined ? perToken(prob, tokens) : perToken(oldProb, oldTokens);
    return perToken(newProb, newTokens) - old;
  };
  return { before: of(before), after: of(after) };
}

function expectedOverNew({ tokens, newTokens = 1, before, after }: MeasuredProbe): Difference[] {
  // A neighbour that expects the new answer itself says nothing about specificity.
  if (before.prob === before.newProb && after.prob === after.newProb) return [];
  const of = ({ prob, newProb }: SweepProbe['after']) =>
    perToken(prob, tokens) - perToken(newProb, newTokens);
  return [{ before: of(before), after: of(after) }];
}

/** The harmonic mean of the three scores' means, over the records that have all three. */
function score(
  records: readonly Record<'ES' | 'PS' | 'NS', Value | null>[],
  relation: string | null,
): Measure[] {
  const whole = records.flatMap(({ ES, PS, NS }) => (ES && PS && NS ? [[ES, PS, NS]] : []));
  if (whole.length === 0) return [];
  const of = (side: 'value' | 'before') => {
    const means = [0, 1, 2].map((i) => weightedMean(whole.map((one) => one[i]?.[side] ?? 0)));
    return (weights: ArrayLike<number>) => harmonicMean(means.map((mean) => mean(weights)));
  };
  const before = of('before')(new Uint8Array(whole.length).fill(1));
  return [{ name: 'S', relation, estimate: estimate(whole.length, of('value')), before }];
}

function easyEdit(facts: readonly Operated[], relation: string | null): Measure[] {
  const right = (side: 'before' | 'after', rank: 'rank' | 'newRank'): OfProbe => {
    return (probe) => Number(probe[side][rank] === 1);
  };
  const accuracy = (name: MeasureName, role: SweepProbe['role'], rank: 'rank' | 'newRank') => {
    return averaged(name, relation, perRecord(facts, role, right('after', rank), right('before', rank)));
  };
  const stays: OfProbe = ({ before, after }) => Number(before.answer === after.answer);
  const others = facts.map((fact) => {
    const value = meanOver(probesOf(fact, 'neighborhood', 'unrelated'), stays);
    return value === undefined ? null : { value };
  });
  return [
    ...accuracy('rewrite-accuracy', 'target', 'newRank'),
    ...accuracy('rephrase-accuracy', 'paraphrase', 'newRank'),
    ...averaged('locality', relation, others),
    ...accuracy('portability', 'portability', 'rank'),
  ];
}
