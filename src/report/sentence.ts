// What an edit did, in one sentence, as one would say it.
import type { ApplyResult, ProbeResult, RoleMetrics } from '../index.js';
import { percent, plural } from './numbers.js';
import { printable } from './style.js';
import { harmsText, verdictText } from './verdict.js';

/**
 * "works, better than random neurons: Astana is the answer to 8 of 8 prompts and to 2 of 2 other wordings (mean P
 * 86.4%); 90 of 90 other facts keep their answer."
 */
export function verdictSentence(result: ApplyResult): string {
  const { metrics, rewrite, before, after } = result;
  const found = (role: RoleMetrics['role']) => metrics.roles.find((one) => one.role === role);
  const own = [found('target'), found('paraphrase')].filter((one) => one !== undefined);
  const did = rewrite
    ? `${printable(rewrite.to)} is the answer to ${wins(own)} (mean P ${percent(own[0]?.newProbAfter ?? 0)})`
    : `the object's probability went from ${percent(own[0]?.probBefore ?? 0)} to ${percent(own[0]?.probAfter ?? 0)}`;
  const others = changedOthers(before, after);
  const kept = `${others.count - others.changed} of ${plural(others.count, 'other fact')} keep their answer`;
  const verdict = verdictText(result);
  const harms = harmsText(result);
  return harms === '' ? `${verdict}: ${did}; ${kept}.` : `${verdict}: ${harms}; ${did}.`;
}

/** "8 of 8 prompts and 2 of 2 other wordings". */
function wins(roles: readonly RoleMetrics[]): string {
  return roles
    .map(({ role, count, newTop1After = 0 }) => {
      const what = role === 'target' ? 'prompt' : 'other wording';
      return `${Math.round(newTop1After * count)} of ${plural(count, what)}`;
    })
    .join(' and ');
}

function changedOthers(before: readonly ProbeResult[], after: readonly ProbeResult[]) {
  const others = before.flatMap((was, i) => {
    const now = after[i];
    return now && (was.role === 'neighborhood' || was.role === 'unrelated') ? [{ was, now }] : [];
  });
  const changed = others.filter(({ was, now }) => was.top[0]?.id !== now.top[0]?.id).length;
  return { count: others.length, changed };
}
