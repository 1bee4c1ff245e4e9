// Which facts of a set a sweep takes, and what is done with each.
import { createHash } from 'node:crypto';
import { isKnown } from '../background/known.js';
import type { Measured } from '../engine/pool/tasks.js';
import { hashOf } from '../hash.js';
import { draw, seeded, seedFrom } from '../random.js';
import type { Context } from '../session/context.js';
import type { SetItem } from '../sets/set.js';
import type { Choice } from './manifest.js';
import { unknownRelation } from './refusals.js';

/** A record of the set, and its place there. */
export interface Placed {
  item: SetItem;
  /** From 0. */
  place: number;
}

/** Facts that are asked at once whether the model knows them. */
const AT_ONCE = 64;

/**
 * The facts that are wanted, in the order of the set.
 * @param items of the relations that are wanted
 * @param known what is known of facts already, by their keys; what is found out is added
 */
export async function select(
  context: Context,
  items: readonly Placed[],
  { known: onlyKnown, limit, seed }: Choice,
  known: Map<string, boolean>,
): Promise<Placed[]> {
  const order = seed === null ? [...items] : draw(items, items.length, seeded(seed));
  const most = limit ?? order.length;
  const taken: Placed[] = [];
  while (order.length > 0 && taken.length < most) {
    const some = order.splice(0, onlyKnown ? AT_ONCE : order.length);
    if (onlyKnown) await ask(context, some, known);
    taken.push(...some.filter(({ item }) => !onlyKnown || known.get(knownKey(item))));
    context.progress('ask', Math.min(taken.length, most), most);
  }
  return taken.slice(0, most).sort((a, b) => a.place - b.place);
}

/** The items of some relations. @throws InputError when the set has no such relation */
export function ofRelations(items: readonly SetItem[], relations: readonly string[]): SetItem[] {
  const names = [...new Set(items.map(({ fact }) => fact.relation))];
  const unknown = relations.find((name) => !names.includes(name));
  if (unknown !== undefined) throw unknownRelation('set', unknown, names, '--relation');
  return items.filter(({ fact }) => relations.includes(fact.relation));
}

/** Finds out which facts the model knows, as its background does: by all of their wordings. */
async function ask(context: Context, some: readonly Placed[], known: Map<string, boolean>): Promise<void> {
  const asked = some.map(({ item }) => item).filter((item) => !known.has(knownKey(item)));
  const wordings = asked.flatMap(({ fact }) =>
    fact.prompts.map((prompt) => ({ prompt, answer: fact.object })),
  );
  const answers: (Measured | null)[] = await context.run('askWordings', { wordings });
  for (const item of asked) known.set(knownKey(item), isKnown(answers.splice(0, item.fact.prompts.length)));
}

function knownKey({ fact: { prompts, object } }: SetItem): string {
  return hashOf([prompts, object]);
}

/**
 * The new answer of a rewrite: what the record asks for, else another object of the relation, drawn.
 * @param objects of the relation, in the whole set
 */
export function newAnswer({ id, to, fact }: SetItem, objects: readonly string[], seed: number) {
  if (to !== undefined) return to;
  const digest = createHash('sha256').update(id).digest().readUInt32LE();
  const others = objects.filter((one) => one !== fact.object);
  return draw(others, 1, seeded(seedFrom(seeded(seed)) ^ digest))[0] ?? fact.object; // which is then refused
}

/** The objects of each relation of a set. */
export function objectsOf(items: readonly Placed[]): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const { item } of items) {
    const { relation, object } = item.fact;
    const own = found.get(relation) ?? new Set();
    if (typeof object === 'string') own.add(object);
    found.set(relation, own);
  }
  return new Map([...found].map(([relation, objects]) => [relation, [...objects]]));
}
