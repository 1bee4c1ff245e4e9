// The words that say what an edit did, and the measurements that they stand for.
import type { ProbeResult } from './results.js';
import { type Intent, NEGLIGIBLE, reaches } from './standing.js';

/** What each verdict means: the one table that docs/checks.md, `apply --help` and the terminal UI show. */
export const VERDICTS = {
  // rewrite
  works: 'the new answer is on top on every target prompt and every held-out wording',
  'works in part': 'it is on top on some target prompts and, where there are any, on some held-out wordings',
  'works on its own prompts': 'it is on top on every target prompt; no held-out wording was probed',
  'fails on other wordings': 'it is on top on target prompts, and on no held-out wording',
  'not on top': 'it is on top on no target prompt, though its probability rose',
  // suppress, erase, scale below 1
  silenced: 'the object is on top on no target prompt and no held-out wording any more',
  'silenced in part': 'it is on top on fewer of them than before',
  weakened: 'it is on top where it was; its probability fell',
  // amplify, scale above 1
  raised: 'the object is on top on every target prompt and every held-out wording; before, it was not',
  'raised in part': 'it is on top on more of them than before',
  strengthened: 'it is on top where it was; its probability rose',
  // all
  'no effect':
    'no top answer changed as intended, and the mean probability on the target prompts moved by less than 1 point',
  'wrong way': 'no top answer changed as intended, and the mean probability moved against the intention',
  'harms others':
    'the regression check failed (see the regressions), or ordinary text surprises the model too much (see the perplexity)',
} as const;

export type Verdict = keyof typeof VERDICTS;

/** Verdicts that say that an edit did all that it was meant to. */
export const SUCCESSES: ReadonlySet<string> = new Set<Verdict>([
  'works',
  'silenced',
  'raised',
  'strengthened',
]);

/** On how many of its prompts an edit shows what it is meant to, before and after it. */
export interface Share {
  before: number;
  after: number;
  of: number;
}

/** How far an edit got: the shares that its verdict stands on. */
export interface Reach {
  intent: Intent;
  /** Target prompts. */
  target: Share;
  /** Held-out wordings. */
  heldOut: Share;
}

/** Shares of an edit. @param before and `after` in one order */
export function reachOf(
  intent: Intent,
  before: readonly ProbeResult[],
  after: readonly ProbeResult[],
): Reach {
  const share = (role: ProbeResult['role']): Share => {
    const count = (probes: readonly ProbeResult[]) =>
      probes.filter((one) => one.role === role && reaches(intent, one)).length;
    return {
      before: count(before),
      after: count(after),
      of: before.filter((one) => one.role === role).length,
    };
  };
  return { intent, target: share('target'), heldOut: share('paraphrase') };
}

/**
 * The verdict, by the table above.
 * @param effect mean change of probability on the target prompts, positive in the direction that the operation intends
 * @param harms whether something changed that should not have
 */
export function verdictOf({ intent, target, heldOut }: Reach, effect: number, harms: boolean): Verdict {
  if (harms) return 'harms others';
  const gained = target.after + heldOut.after - target.before - heldOut.before;
  const stuck = intent === 'replace' ? target.after === 0 : gained <= 0;
  if (stuck && effect < NEGLIGIBLE) return effect > -NEGLIGIBLE ? 'no effect' : 'wrong way';
  const everywhere = target.after === target.of && heldOut.after === heldOut.of;
  switch (intent) {
    case 'replace':
      if (target.after === 0) return 'not on top';
      if (heldOut.of > 0 && heldOut.after === 0) return 'fails on other wordings';
      if (!everywhere) return 'works in part';
      return heldOut.of > 0 ? 'works' : 'works on its own prompts';
    case 'lower':
      if (everywhere) return 'silenced';
      return gained > 0 ? 'silenced in part' : 'weakened';
    case 'raise':
      if (gained > 0) return everywhere ? 'raised' : 'raised in part';
      return 'strengthened';
  }
}
