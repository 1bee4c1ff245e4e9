// What a solved rewrite holds in place: the wordings of other edits, the file's own probes of other facts, and facts of the base.
import type { HeldPrompt } from '../engine/pool/tasks.js';
import { isOwn } from '../probe/results.js';
import { isOfWholeLayers, isSolved } from '../spec/edit-file.js';
import { factKeys, leftOf } from './applied-edits.js';
import { type FactWords, type HeldWording, heldPrompts } from './background.js';
import type { Context } from './context.js';
import type { Operator } from './edit-probes.js';
import type { EncodedProbe, Measuring } from './measure.js';
import { Standings } from './standings.js';

/** The applied edits of other facts. */
export function standingsBeside(context: Context, fact: FactWords): Promise<Standings> {
  return Standings.of(
    context,
    context.edits.flatMap((one) => leftOf(one, factKeys(fact)) ?? []),
  );
}

/** What an edit holds from the beginning, in groups: nothing where it is not solved for, or holds real text alone (ROME, MEMIT). */
export async function heldBy(
  context: Context,
  operator: Pick<Operator, 'edit' | 'rewrite' | 'probes'>,
  fact: FactWords,
  earlier: Standings,
  beside: readonly HeldPrompt[],
): Promise<(readonly HeldPrompt[])[]> {
  if (!isSolved(operator.edit) || isOfWholeLayers(operator.edit)) return [];
  const applied = earlier.wordings.flatMap(({ subject, probes }) => heldOf(subject, probes));
  return firstHeld(context, operator, fact, [...applied, ...beside]);
}

/** A prompt without what is known of it beside. */
export function asHeld({ prompt, expect, subject, inContexts }: HeldPrompt): HeldPrompt {
  return { prompt, expect, subject, inContexts };
}

/**
 * What is held of another edit: its own wordings, with its new answer. Where every edit of a set holds all others, their
 * problems are those into which the normal equations of a set come apart (MEMIT, Meng et al. 2023, equation 14): with K the
 * keys, R K' (C + K K')^-1 is the sum of r_i (M^-1 k_i)' with M = C + K K', and what k_i k_i' weighs in M moves w_i = M^-1 k_i
 * along itself only, which is scaled anyway. Here the others weigh as one group, whatever their number.
 * @param answers of a rewrite, where the probes do not have them
 */
export function heldOf(
  subject: string | undefined,
  probes: readonly EncodedProbe[],
  answers?: Measuring['rewrite'],
): HeldPrompt[] {
  return probes.filter(isOwn).map(({ prompt, expect, rewrite = answers }) => {
    return { prompt, subject, expect: rewrite?.to ?? expect, inContexts: true };
  });
}

/**
 * What a solved rewrite holds from the beginning, in groups: the wordings of all other edits, the file's own probes of other
 * facts, and facts of the base in wordings that are not probed.
 */
async function firstHeld(
  context: Context,
  { rewrite, probes }: Pick<Operator, 'rewrite' | 'probes'>,
  fact: FactWords,
  edited: readonly HeldPrompt[],
): Promise<(readonly HeldPrompt[])[]> {
  const named = probes.filter(
    (one) => one.named && (one.role === 'neighborhood' || one.role === 'unrelated'),
  );
  const object = rewrite?.from.words ?? fact.object;
  const drawn = await Promise.all(
    heldPrompts(context.expected, { ...fact, object }).map((group) => encodeHeld(context, group)),
  );
  return [edited, named, ...drawn];
}

/** Prompts of the fact base, ready to be held. */
export async function encodeHeld(context: Context, wordings: readonly HeldWording[]): Promise<HeldPrompt[]> {
  const named = wordings.map(({ prompt }) => ({ field: 'facts.json', value: prompt }));
  const encoded = await context.run('encode', { prompts: named, targets: [] });
  return encoded.prompts.map((prompt, i) => ({ prompt, subject: wordings[i]?.subject }));
}
