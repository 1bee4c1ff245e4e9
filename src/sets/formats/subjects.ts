// The subjects of bags of prompts that do not name them: prompts of one pattern are equal but for the subject.
import { groupBy } from '../../group.js';

interface Bag {
  relation: string;
  prompts: readonly string[];
}

/** The subject of each bag, empty where none is found. Bags of a relation have its patterns in one order. */
export function subjectsOf(bags: readonly Bag[]): string[] {
  const groups = groupBy(bags, ({ relation, prompts }) => JSON.stringify([relation, prompts.length]));
  const found = new Map<Bag, string>();
  for (const group of groups.values()) {
    const frames = (group[0]?.prompts ?? []).map((_, k) =>
      frameOf(group.map(({ prompts }) => prompts[k] ?? '')),
    );
    for (const bag of group) found.set(bag, betweenFrames(bag, frames) || sharedName(bag));
  }
  return bags.map((bag) => found.get(bag) ?? '');
}

/** How many characters before and behind the subject are those of the pattern. */
interface Frame {
  before: number;
  behind: number;
}

/** No subject has more words. */
const LONGEST = 20;
const LETTER = /[\p{L}\p{M}\p{N}]/u;

/** What all prompts of a pattern begin and end with, in whole words. */
function frameOf(prompts: readonly string[]): Frame {
  const [first = '', ...others] = prompts;
  let before = first.length;
  let behind = first.length;
  for (const other of others) {
    before = Math.min(before, equalStart(first, other));
    behind = Math.min(behind, equalStart(reversed(first), reversed(other)));
  }
  while (before > 0 && LETTER.test(first[before - 1] ?? '')) before--;
  while (behind > 0 && LETTER.test(first[first.length - behind] ?? '')) behind--;
  return { before, behind };
}

function equalStart(a: string, b: string): number {
  let i = 0;
  while (i < a.length && i < b.length && a[i] === b[i]) i++;
  return i;
}

const reversed = (text: string) => text.split('').reverse().join('');

/** The longest text between the frames that all prompts of a bag have. */
function betweenFrames({ prompts }: Bag, frames: readonly Frame[]): string {
  return longest(
    prompts.map((prompt, k) => {
      const { before, behind } = frames[k] ?? { before: 0, behind: 0 };
      return prompt.slice(before, prompt.length - behind).trim();
    }),
    prompts,
  );
}

/** Of a bag that stands alone in its relation: the longest run of words that all prompts share, names before others. */
function sharedName({ prompts }: Bag): string {
  const [first = ''] = prompts;
  const words = [...first.matchAll(/\[MASK\]|[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu)];
  const runs = words.flatMap((start, i) =>
    words.slice(i, i + LONGEST).map((end) => first.slice(start.index, end.index + end[0].length)),
  );
  const own = runs.filter((run) => !run.includes('[MASK]') && LETTER.test(run));
  return (
    longest(
      own.filter((run) => /[\p{Lu}\p{N}]/u.test(run)),
      prompts,
    ) || longest(own, prompts)
  );
}

function longest(candidates: readonly string[], prompts: readonly string[]): string {
  const shared = candidates.filter((one) => prompts.every((prompt) => prompt.includes(one)));
  return shared.reduce((most, one) => (one.length > most.length ? one : most), '');
}
