// A trial as lines: every probe before and after, with bars, beside what random neurons did; grouped by role.
import type { ProbeResult } from '../../index.js';
import { isOwn, ROLES } from '../../probe/results.js';

import { cutTexts } from '../../report/cut.js';
import { bar, shortPercent } from '../../report/numbers.js';
import { printable, type Style } from '../../report/style.js';
import { fitTo } from '../../report/table.js';
import { roleText } from '../../report/words.js';
import type { Trial } from '../bench.js';

/** Columns that two bars share where there is room. */
const WIDEST_BAR = 12;
/** Columns of a line that are neither the prompt nor bars. */
const NUMBERS = 4 + 1 + 3 + 4 + 1 + 2 + 4;

interface Measured {
  text: string;
  before: number;
  after: number;
  random: number | undefined;
  changed: boolean;
}

export interface TrialRow {
  /** The prompt, whole; empty for the line of a role. */
  prompt: string;
  line: string;
}

export function trialRows({ before, after, result }: Trial, width: number, style: Style): TrialRow[] {
  const probes = before.flatMap((was, i) => {
    const now = after[i];
    return now ? [{ was, now, random: result?.control?.after[i] }] : [];
  });
  const bars = Math.min(WIDEST_BAR, Math.max(4, Math.floor((width - NUMBERS) / 6)));
  return ROLES.flatMap((role) => {
    const own = probes.filter(({ was }) => was.role === role);
    if (own.length === 0) return [];
    const about = own[0]?.was.newProb !== undefined && isOwn({ role }) ? 'P(new)' : 'P(expected)';
    // Wordings of one fact differ from the start on; what is asked of other facts, by what is asked about.
    const prompts = own.map(({ was }) => printable(was.prompt));
    const cut = isOwn({ role }) ? prompts : cutTexts(prompts, width - NUMBERS - 2 * bars - 1);
    const rows = own.map(({ was, now, random }, i): Measured & { prompt: string } => {
      const read = (one: Pick<ProbeResult, 'prob' | 'newProb'>) =>
        about === 'P(new)' ? (one.newProb ?? 0) : one.prob;
      return {
        prompt: prompts[i] ?? '',
        text: cut[i] ?? '',
        before: read(was),
        after: read(now),
        random: random && read(random),
        changed: was.top[0]?.id !== now.top[0]?.id,
      };
    });
    const mean = (value: (row: Measured) => number) =>
      rows.reduce((sum, row) => sum + value(row), 0) / rows.length;
    const all: Measured = {
      text: `${roleText(role)} ×${rows.length}${about === 'P(new)' ? ' P(new)' : ''}`,
      before: mean((row) => row.before),
      after: mean((row) => row.after),
      random: result?.control ? mean((row) => row.random ?? 0) : undefined,
      changed: false,
    };
    return [
      { prompt: '', line: line(all, true) },
      ...rows.map((row) => ({ prompt: row.prompt, line: line(row, false) })),
    ];
  });

  function line({ text, before: from, after: to, random, changed }: Measured, heading: boolean): string {
    const prompt = fitTo(text, width - NUMBERS - 2 * bars);
    const left = `${shortPercent(from).padStart(4)} ${style.dim(bar(from, bars).padEnd(bars))}`;
    const tone = changed ? style.warn : style.accent;
    const right = `${shortPercent(to).padStart(4)} ${tone(bar(to, bars).padEnd(bars))}`;
    const control = random === undefined ? '' : style.dim(shortPercent(random).padStart(4));
    return `${heading ? style.bold(prompt) : prompt}${left} → ${right}  ${control}`;
  }
}

/** The head line above the rows. */
export function trialHead(width: number): string {
  const bars = Math.min(WIDEST_BAR, Math.max(4, Math.floor((width - NUMBERS) / 6)));
  const prompt = fitTo('probe', width - NUMBERS - 2 * bars);
  return `${prompt}${fitTo('before', bars + 5)} → ${fitTo('after', bars + 5)} random`;
}
