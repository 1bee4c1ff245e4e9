// Score maps of many prompts: from the ledger where they are cached, else from the workers, kept as they come.

import { attributeMany } from '../engine/attributions.js';
import type { EncodedPrompt } from '../lm/tokenizer.js';
import type { Attribution, AttributionSettings } from '../locate/attribution.js';
import type { Context, Progress } from './context.js';

export interface MapRequest {
  prompt: EncodedPrompt;
  /** Token id. */
  target: number;
}

/** The rule as the cache knows it: with what decides its nodes. */
export function ruleKey({ rule, steps, tolerance }: AttributionSettings): string {
  return rule === 'adaptive' ? `adaptive-${tolerance}` : `${rule}-${steps}`;
}

/**
 * Score maps in the order of the requests. What was computed before an interruption stays cached.
 * @param onMap is shown every map as it comes
 * @returns the maps, and how many of them came from the cache
 */
export async function scoreMaps(
  context: Context,
  requests: readonly MapRequest[],
  { rule, steps, tolerance, site }: AttributionSettings,
  stage: Progress['stage'],
  onMap?: (index: number, map: Attribution) => void,
): Promise<{ maps: Attribution[]; cached: number }> {
  const settings = { rule, steps, tolerance, site };
  const cache = context.ledger?.scoreMaps;
  const keyOf = ({ prompt, target }: MapRequest) => ({
    state: context.state,
    prompt: prompt.prompt,
    target,
    rule: ruleKey(settings),
    site,
  });
  const known = requests.map((request) => cache?.get(keyOf(request)));
  const missing = requests.filter((_, i) => !known[i]);
  const { pool, model } = context;
  const found = attributeMany(
    (task, input) => context.run(task, input),
    pool.workers,
    model,
    missing,
    settings,
  );
  let done = 0;
  const maps = await Promise.all(
    requests.map(async (request, i) => {
      const map = known[i] ?? (await (found[missing.indexOf(request)] as Promise<Attribution>));
      if (!known[i]) cache?.set(keyOf(request), map);
      onMap?.(i, map);
      context.progress(stage, ++done, requests.length);
      return map;
    }),
  );
  return { maps, cached: requests.length - missing.length };
}
