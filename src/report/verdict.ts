// A verdict in words: what was shown, on how many prompts, and whether random neurons do as well.
import { type Comparison, GAINS, type Gain } from '../probe/comparison.js';
import type { Reach, Share } from '../probe/verdict.js';
import { SUCCESSES } from '../probe/verdict.js';
import type { EditResult } from '../session/outcome.js';
import type { StandingEdit } from '../session/standings.js';
import { change, percent, plural, points } from './numbers.js';
import { printable, type Style } from './style.js';

type Judged = Pick<EditResult, 'verdict' | 'comparison' | 'control'>;

/** "works, better than random neurons"; the verdict alone where nothing was compared. */
export function verdictText({ verdict, comparison, control }: Judged): string {
  const words = verdict ?? 'not measured';
  if (comparison === null) return words;
  const others = control?.kind === 'layer' ? 'the same neurons in other layers' : 'random neurons';
  const than: Record<Comparison, string> = {
    'better than random': `, better than ${others}`,
    'no better than random': `, no better than ${others}`,
    'not compared': ` (not compared with ${others})`,
  };
  return `${words}${than[comparison]}`;
}

/**
 * "location bought specificity: flips 2.2% against 17.0%, damage 0.55% against 2.2%, perplexity +0.06% against +3.9%; not
 * success: effect +96.4 points against +92.9 points": the edit's against the controls' means. Undefined where nothing was compared.
 */
export function gainsText({
  comparison,
  gains,
  control,
  metrics,
  perplexity,
}: EditResult): string | undefined {
  if (!control || comparison === null || comparison === 'not compared') return undefined;
  const { damage, flips } = metrics.sideEffects;
  const against = (what: string, own: string, others: string) => `${what} ${own} against ${others}`;
  const harms = [
    ...(flips.all !== null && control.flips
      ? [against('flips', percent(flips.all), percent(control.flips.mean))]
      : []),
    ...(damage === null ? [] : [against('damage', percent(damage), percent(control.damage.mean))]),
    ...(perplexity && control.perplexityRise
      ? [against('perplexity', change(perplexity.rise), change(control.perplexityRise.mean))]
      : []),
  ];
  const shown: Record<Gain, string> = {
    success: `success: ${against('effect', points(metrics.effect), points(control.effect.mean))}`,
    specificity: `specificity: ${harms.join(', ')}`,
  };
  const told = GAINS.filter((gain) => gain === 'success' || harms.length > 0);
  const won = told.filter((gain) => gains.includes(gain)).map((gain) => shown[gain]);
  const rest = told.filter((gain) => !gains.includes(gain)).map((gain) => `not ${shown[gain]}`);
  if (won.length === 0 && told.length > 1) {
    return `location bought neither ${told.map((gain) => shown[gain]).join('; nor ')}`;
  }
  return `location bought ${[...won, ...rest].join('; ')}`;
}

/** What to do about an edit that is no better than random; undefined for others. */
export function adviceText({ comparison, control }: Omit<Judged, 'verdict'>): string | undefined {
  const others = control?.kind === 'layer' ? 'other layers' : 'random neurons';
  return comparison === 'no better than random'
    ? `where ${others} do as well, the place says nothing: try another method, fewer neurons or another dose`
    : undefined;
}

/** What an edit harms, for which it is refused: "2 regressions, perplexity +27.0%"; empty where that is nothing. */
export function harmsText({
  regressions,
  perplexity,
}: Pick<EditResult, 'regressions' | 'perplexity'>): string {
  return [
    ...(regressions.length > 0 ? [plural(regressions.length, 'regression')] : []),
    ...(perplexity && perplexity.rise > perplexity.limit ? [`perplexity ${change(perplexity.rise)}`] : []),
  ].join(', ');
}

/** How a verdict is coloured: as a success only where all was reached, and more than by chance. */
export function verdictTone({ verdict, comparison }: Judged, style: Style): (text: string) => string {
  if (verdict === 'harms others') return style.bad;
  return SUCCESSES.has(verdict ?? '') && comparison !== 'no better than random' ? style.good : style.warn;
}

const AIMS = {
  replace: 'new answer on top',
  raise: 'object on top',
  lower: 'object not on top',
} as const;

/** "new answer on top: 8 of 8 target prompts, 2 of 2 held-out wordings". */
export function reachText({ intent, target, heldOut }: Reach): string {
  const share = ({ before, after, of }: Share, what: string) => {
    const was = before > 0 ? ` (before: ${before})` : '';
    return `${after} of ${plural(of, what)}${was}`;
  };
  const wordings = heldOut.of > 0 ? share(heldOut, 'held-out wording') : 'no held-out wording was probed';
  return `${AIMS[intent]}: ${share(target, 'target prompt')}, ${wordings}`;
}

/** "edit 6 croatia-currency: lost (P(euro) 63.3% → 32.9%; reached on 6 of its prompts, kept on 1)". */
export function standingText({
  id,
  name,
  state,
  wants,
  kept,
  reached,
  probRecorded,
  prob,
}: StandingEdit): string {
  return `edit ${id} ${printable(name)}: ${state} (P(${printable(wants)}) ${percent(probRecorded)} → ${percent(prob)}; reached on ${reached} of its prompts, kept on ${kept})`;
}

/** "7 hold, 1 weakened, 1 lost". */
export function standingsText(standings: readonly Pick<StandingEdit, 'state'>[]): string {
  const count = (state: StandingEdit['state']) => standings.filter((one) => one.state === state).length;
  const holds = count('holds');
  const others = (['weakened', 'lost', 'reached nothing'] as const).filter((state) => count(state) > 0);
  return [
    `${holds} ${holds === 1 ? 'holds' : 'hold'}`,
    ...others.map((state) => `${count(state)} ${state}`),
  ].join(', ');
}
