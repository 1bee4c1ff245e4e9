// What an edit did to the prompts that it was measured on: the rows of the check.
import type { ApplyResult, ProbeResult, Regression } from '../../index.js';
import { isOwn } from '../../probe/results.js';

import { percent } from '../../report/numbers.js';
import { printable } from '../../report/style.js';
import { roleText } from '../../report/words.js';

/** A change of probability below which a probe counts as unchanged in the list. */
const VISIBLE = 0.001;

/** An answer as it is shown. */
export interface Answer {
  text: string;
  /** It is the one that was expected. */
  expected: boolean;
}

/** A prompt before and after an edit. */
export interface Change {
  /** Its role, or the earlier edit that it belongs to. */
  who: string;
  /** It is about the edited fact itself. */
  own: boolean;
  prompt: string;
  expect: string;
  /** Probability of the expected answer. */
  before: number;
  after: number;
  /** The answers on top, as far as they are known, three at most. */
  tops: { before: Answer[]; after: Answer[] };
  /** The answer with its probability; the probability alone where the answer is the same. */
  was: string;
  now: string;
  /** Another answer is on top. */
  flipped: boolean;
  regression: boolean;
}

/** Answers that are shown of a prompt. */
const TOP = 3;

/** What the check lists. */
export const VIEWS = {
  changes: 'what else changed, worst first',
  regressions: 'regressions, worst first',
  probes: 'every probe',
  words: 'all that was measured, in words',
} as const;
export type View = keyof typeof VIEWS;

/** The rows of one view. */
export function rowsOf(view: View, result: ApplyResult): Change[] {
  if (view === 'words') return [];
  if (view === 'probes') return measuredIn(result);
  const changed = changesOf(result);
  return view === 'changes' ? changed : changed.filter(({ regression }) => regression);
}

/** Neighbourhood and unrelated probes that changed, and all else that counts as a regression; worst loss first. */
function changesOf(result: ApplyResult): Change[] {
  const { before, regressions } = result;
  const measured = measuredIn(result).filter(({ own, flipped, before: was, after: now }) => {
    return !own && (flipped || Math.abs(was - now) >= VISIBLE);
  });
  const known = new Set(before.map(key));
  const further = regressions.flatMap((one): Change[] => {
    if (known.has(key(one))) return [];
    const { role, edit, prompt, expect, kind } = one;
    const flipped = kind === 'top1';
    const shown = ({ answer: token, answerProb: prob }: Regression['before']) => [
      { text: answer({ token, prob }), expected: token === expect },
    ];
    return [
      {
        ...{ prompt, expect, before: one.before.prob, after: one.after.prob, flipped, regression: true },
        own: false,
        tops: { before: shown(one.before), after: shown(one.after) },
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

const key = ({ role, prompt }: Pick<Regression, 'role' | 'prompt'>) => `${role} ${prompt}`;

/** Every probe of the edit, in the order in which they were asked: the fact's own first. */
function measuredIn({ before, after, regressions }: ApplyResult): Change[] {
  const lost = new Set(regressions.map(key));
  return before.flatMap((was, i): Change[] => {
    const now = after[i];
    const [wasTop, nowTop] = [was.top[0], now?.top[0]];
    if (!now || !wasTop || !nowTop) return [];
    const flipped = wasTop.id !== nowTop.id;
    const { role, prompt, expect } = was;
    return [
      {
        ...{
          who: roleText(role),
          own: isOwn(was),
          prompt,
          expect,
          before: was.prob,
          after: now.prob,
          flipped,
        },
        tops: { before: topOf(was), after: topOf(now) },
        was: answer(wasTop),
        now: flipped ? answer(nowTop) : percent(nowTop.prob),
        regression: lost.has(key(was)),
      },
    ];
  });
}

function topOf({ top, expectId }: ProbeResult): Answer[] {
  return top.slice(0, TOP).map((one) => ({ text: answer(one), expected: one.id === expectId }));
}

function answer({ token, prob }: { token: string; prob: number }): string {
  return `${printable(token)} ${percent(prob)}`;
}
