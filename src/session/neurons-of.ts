// The neurons that an edit would change, before anything is tried.
import type { LocatedNeuron } from '../locate/refined.js';
import { type EditFile, isAtSubject, isSolved, withMethod } from '../spec/edit-file.js';
import { chooseNeurons } from './choose.js';
import { metricsAtSubject } from './choose-at-subject.js';
import type { Context } from './context.js';
import { encodeGiven } from './edit-probes.js';
import { heldBy, standingsBeside } from './held.js';
import type { Located } from './locate.js';

/**
 * The neurons that an edit would change in the model's present state.
 * @throws InputError when there are none, or they do not fit the model
 */
export async function neuronsOf(
  context: Context,
  file: EditFile,
  located: Located | undefined,
): Promise<LocatedNeuron[]> {
  const named = withMethod(file, context.model.causal);
  if (!isSolved(named) || named.neurons) return chooseNeurons(context, named, located, { held: [] });
  const { edit, fact, rewrite, probes } = await encodeGiven(context, named);
  const earlier = await standingsBeside(context, fact);
  const held = await heldBy(context, { edit, rewrite, probes }, fact, earlier, []);
  const metrics = isAtSubject(named) ? await metricsAtSubject(context, edit, held) : undefined;
  return chooseNeurons(context, edit, located, { held, metrics });
}
