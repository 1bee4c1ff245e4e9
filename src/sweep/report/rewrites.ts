// What rewrites reached, by the measures of the three protocols that the field uses: Dai et al. 2022 (section 5.1), ROME
// (Meng et al. 2022, section 3.4) and EasyEdit.
import { harmonicMean } from '../../probe/metrics.js';
import { perToken } from '../../probe/results.js';
import type { SweepProbe, SweepSide } from '../result.js';
import type { MeasureName } from './definitions.js';
import { averaged, type Measure, measureOf, type Value } from './measure.js';
import { type OfSide, overProbes, probesOf } from './probes.js';
import type { MeasuredProbe, Operated } from './results.js';
import { weightedMean } from './statistics.js';

/** @param relation that of the facts; null: of all */
export function rewriteMeasures(facts: readonly Operated[], relation: string | null): Measure[] {
  const mean = (name: MeasureName, of: OfSide, ...roles: SweepProbe['role'][]) => {
    return averaged(
      name,
      relation,
      facts.map((fact) => overProbes(probesOf(fact, ...roles), of)),
    );
  };
  return [
    ...mean('success-rate', known(success), 'target'),
    ...mean('change-rate', known(changed), 'target'),
    ...mean('ES', positive(newOverOld), 'target'),
    ...mean('PS', positive(newOverOld), 'paraphrase'),
    ...mean('NS', positive(expectedOverNew), 'neighborhood'),
    ...mean('EM', newOverOld, 'target'),
    ...mean('PM', newOverOld, 'paraphrase'),
    ...mean('NM', expectedOverNew, 'neighborhood'),
    ...score(facts, relation),
    ...mean('rewrite-accuracy', newTokens, 'target'),
    ...mean('rephrase-accuracy', newTokens, 'paraphrase'),
    ...mean('locality', keptTokens, 'neighborhood', 'unrelated'),
    ...mean('portability', expectedTokens, 'portability'),
  ];
}

/** Of prompts that the model answered with the object before. */
function known(of: OfSide): OfSide {
  return (side, probe) => (probe.before.rank === 1 ? of(side, probe) : undefined);
}

const success: OfSide = ({ newRank }) => Number(newRank === 1);
/** Says nothing of the answer before, with which others are compared. */
const changed: OfSide = (side, { before }) =>
  side === before ? undefined : Number(side.answer !== before.answer);

const newTokens: OfSide = ({ newHits = 0 }, probe) => newHits / (probe.newTokens ?? 1);
const expectedTokens: OfSide = ({ hits }, { tokens }) => hits / tokens;
const keptTokens: OfSide = ({ kept }, { tokens }) => (kept === undefined ? undefined : kept / tokens);

function newOverOld(side: SweepSide, { tokens, newTokens: count, oldTokens }: MeasuredProbe): number {
  // Where the old answer is the one that is expected, it has no field of its own.
  const old = side.oldProb === undefined ? perToken(side.prob, tokens) : perToken(side.oldProb, oldTokens);
  return perToken(side.newProb, count) - old;
}

/** A neighbour that expects the new answer itself says nothing about specificity. */
function expectedOverNew(side: SweepSide, probe: MeasuredProbe): number | undefined {
  if (probe.expectsNew) return undefined;
  return perToken(side.prob, probe.tokens) - perToken(side.newProb, probe.newTokens);
}

function positive(difference: OfSide): OfSide {
  return (side, probe) => {
    const found = difference(side, probe);
    return found === undefined ? undefined : Number(found > 0);
  };
}

/** A record's ES, PS and NS. */
type Scores = [number, number, number];

/** The harmonic mean of the three scores' means, over the records that have all three. */
function score(facts: readonly Operated[], relation: string | null): Measure[] {
  const records = facts.map((fact): Value<Scores> | null => {
    const parts = [
      overProbes(probesOf(fact, 'target'), positive(newOverOld)),
      overProbes(probesOf(fact, 'paraphrase'), positive(newOverOld)),
      overProbes(probesOf(fact, 'neighborhood'), positive(expectedOverNew)),
    ];
    const of = (side: keyof Value) => allThree(parts.map((one) => one?.[side]));
    const value = of('value');
    return value ? { value, before: of('before'), control: of('control') } : null;
  });
  return measureOf('S', relation, records, (scores) => {
    const means = ([0, 1, 2] as const).map((i) => weightedMean(scores.map((one) => one[i])));
    return { statistic: (weights) => harmonicMean(means.map((mean) => mean(weights))) };
  });
}

function allThree([a, b, c]: readonly (number | undefined)[]): Scores | undefined {
  return a === undefined || b === undefined || c === undefined ? undefined : [a, b, c];
}
