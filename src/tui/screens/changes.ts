// What an edit changed that it was not about: the rows of the check.
import type { ApplyResult, Regression } from '../../index.js';
import { isOwn } from '../../probe/results.js';

import { percent } from '../../report/numbers.js';
import { printable } from '../../report/style.js';
import { roleText } from '../../report/words.js';

/** A change of probability below which a probe counts as unchanged in the list. */
const VISIBLE = 0.001;

/** A prompt that is answered otherwise than before, though it is about something else. */
export interface Change {
  /** Its role, or the earlier edit that it belongs to. */
  who: string;
  prompt: string;
  expect: string;
  /** Probability of the expected answer. */
  before: number;
  after: number;
  /** The answer with its probability; the probability alone where the answer is the same. */
  was: string;
  now: string;
  /** Another answer is on top. */
  flipped: boolean;
  regression: boolean;
}

/** Neighbourhood and unrelated probes that changed, and all else that counts as a regression; worst loss first. */
export function changesOf({ before, after, regressions }: ApplyResult): Change[] {
  const key = ({ role, prompt }: Pick<Regression, 'role' | 'prompt'>) => `${role} ${prompt}`;
  const lost = new Set(regressions.map(key));
  const measured = before.flatMap((was, i): Change[] => {
    const now = after[i];
    const [wasTop, nowTop] = [was.top[0], now?.top[0]];
    if (!now || !wasTop || !nowTop || isOwn(was)) return [];
    const flipped = wasTop.id !== nowTop.id;
    if (!flipped && Math.abs(was.prob - now.prob) < VISIBLE) return [];
    const { role, prompt, expect } = was;
    return [
      {
        ...{ who: roleText(role), prompt, expect, before: was.prob, after: now.prob, flipped },
        was: answer(wasTop),
        now: flipped ? answer(nowTop) : percent(nowTop.prob),
        regression: lost.has(key(was)),
      },
    ];
  });
  const known = new Set(before.map(key));
  const further = regressions.flatMap((one): Change[] => {
    if (known.has(key(one))) return [];
    const { role, edit, prompt, expect, kind } = one;
    const flipped = kind === 'top1';
    return [
      {
        ...{ prompt, expect, before: one.before.prob, after: one.after.prob, flipped, regression: true },
        who: edit ? `edit ${edit.id}` : roleText(role),
        was: answer({ token: one.before.answer, prob: one.before.answerProb }),
        now: flipped
          ? answer({ token: one.after.answer, prob: one.after.answerProb })
          : percent(one.after.answerProb),
      },
    ];
  });
  return [...measured, ...further].sort((a, b) => b.before - b.after - (a.before - a.after));
}

function answer({ token, prob }: { token: string; prob: number }): string {
  return `${printable(token)} ${percent(prob)}`;
}
