// What of a set a model can be asked for: the items, as it is asked for them, and the others with why.
import { inParts, type Work } from '../background/work.js';
import { promptKey } from '../spec/prompts.js';
import { UNNAMED } from './format.js';
import { type ReasonCount, Reasons } from './reasons.js';
import type { SetItem } from './set.js';

/** An item that cannot be used. */
export interface RefusedItem {
  id: string;
  place: string;
  reason: string;
}

/** What of some items a model can be asked for. */
export interface Usability {
  /** Without the prompts and probes that it cannot be asked; on a masked model, prefixes end with a mask. In their order. */
  usable: SetItem[];
  refused: RefusedItem[];
  /** Why prompts and probes of usable items are gone. */
  leftOut: ReasonCount[];
  /** Of usable items, what is worth knowing. */
  notes: ReasonCount[];
}

/** Items of one task. */
const PART = 64;

const SEVERAL_OBJECTS = 'several true objects';
const SEVERAL_TOKENS = 'an object of several tokens';

/**
 * Judges items for a model. @internal
 * @param edit whether they are to be edited: the new answer must then be in the vocabulary, and no other object be true,
 *   which could come up in place of the old one
 */
export async function usableFor(
  work: Work,
  items: readonly SetItem[],
  { edit = false }: { edit?: boolean | undefined } = {},
): Promise<Usability> {
  const starts = Array.from({ length: Math.ceil(items.length / PART) }, (_, i) => i * PART);
  const parts = await inParts(work, 'ask', starts, (start) =>
    work.run('judgeItems', { items: items.slice(start, start + PART), edit }),
  );
  const several = withSeveralObjects(items);
  const usable: SetItem[] = [];
  const refused: RefusedItem[] = [];
  const leftOut = new Reasons();
  const notes = new Reasons();
  for (const [i, { item, reason, leftOut: gone, tokens }] of parts.flat().entries()) {
    const { id = '', place = '' } = items[i] ?? {};
    const isSeveral = several.has(i);
    const why = reason ?? (edit && isSeveral ? SEVERAL_OBJECTS : undefined);
    if (!item || why !== undefined) {
      refused.push({ id, place, reason: why ?? '' });
      continue;
    }
    usable.push(item);
    for (const one of gone) leftOut.add(one);
    if (isSeveral) notes.add(SEVERAL_OBJECTS);
    if (tokens > 1) notes.add(SEVERAL_TOKENS);
  }
  return { usable, refused, leftOut: leftOut.list(), notes: notes.list() };
}

/** The places of items that name further true objects, or whose subject has another one in the same relation. */
function withSeveralObjects(items: readonly SetItem[]): Set<number> {
  const keyOf = ({ fact }: SetItem) => JSON.stringify([fact.relation, promptKey(fact.subject)]);
  const objects = new Map<string, Set<string>>();
  for (const item of items) {
    if (item.fact.relation === UNNAMED) continue; // which is not one relation
    const { object } = item.fact;
    const own = objects.get(keyOf(item)) ?? new Set();
    objects.set(keyOf(item), own.add(typeof object === 'string' ? promptKey(object) : `${object.id}`));
  }
  return new Set(
    items.flatMap((item, i) => (item.alsoTrue || (objects.get(keyOf(item))?.size ?? 0) > 1 ? [i] : [])),
  );
}
