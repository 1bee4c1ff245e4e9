// Two trials side by side: the columns of their list as rows, their neurons, and what each made of the answers.
import type { ProbeResult } from '../../index.js';
import { isOwn } from '../../probe/results.js';
import { percent, plural } from '../../report/numbers.js';
import { type Page, paragraphs } from '../../report/page.js';
import { printable } from '../../report/style.js';
import { table } from '../../report/table.js';
import { roleText } from '../../report/words.js';
import { keyOf } from '../bench.js';
import { type ListedTrial, TRIAL_FIELDS } from './trial-fields.js';

export function compareTrials(both: readonly [ListedTrial, ListedTrial], { width, style }: Page): string {
  const titles = both.map(({ number }) => `trial ${number}`);
  const [, ...fields] = TRIAL_FIELDS;
  const rows = fields.map(({ title, show }) => {
    const cells = both.map(show);
    const differ = cells[0] !== cells[1];
    return [title, ...cells.map((cell) => (differ ? style.bold(cell) : cell))];
  });
  const wide = titles.map((title) => ({ title, shrinks: true }));
  return paragraphs(table([{ title: '' }, ...wide], rows, width), neuronsText(both), answers());

  function answers(): string {
    const [first, second] = both.map(({ trial }) => trial);
    if (!first || !second) return '';
    const others = new Map(second.after.map((one) => [identityOf(one), one]));
    const probes = first.before.flatMap((was, i) => {
      const [one, other] = [first.after[i], others.get(identityOf(was))];
      if (!one || !other) return [];
      const differ = one.top[0]?.id !== other.top[0]?.id;
      return isOwn(was) || differ ? [{ was, one, other, differ }] : [];
    });
    const around = probes.filter(({ was }) => !isOwn(was)).length;
    const rows = probes.map(({ was, one, other, differ }) => [
      roleText(was.role),
      printable(was.prompt),
      answerText(was),
      ...[one, other].map((now) => (differ ? style.bold(answerText(now)) : answerText(now))),
    ]);
    const columns = [{ title: 'role' }, { title: 'prompt', shrinks: true }, { title: 'before' }];
    return [
      `top answers on the fact's own prompts${around === 0 ? '; none of the others differs' : `, and on ${plural(around, 'other')} that differ`}`,
      table([...columns, ...titles.map((title) => ({ title }))], rows, width),
    ].join('\n');
  }
}

function neuronsText(both: readonly ListedTrial[]): string {
  const [first = new Set(), second = new Set()] = both.map(
    ({ trial: { result } }) => new Set(result?.neurons.map(keyOf)),
  );
  const shared = [...first].filter((key) => second.has(key)).length;
  return ` ${plural(shared, 'neuron')} in common; ${first.size - shared} and ${second.size - shared} of their own`;
}

function identityOf({ role, prompt }: ProbeResult): string {
  return `${role} ${prompt}`;
}

function answerText({ top: [best] }: ProbeResult): string {
  return best ? `${printable(best.token)} ${percent(best.prob)}` : '–';
}
