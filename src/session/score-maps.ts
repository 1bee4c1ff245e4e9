// Score maps of many prompts: from the ledger where they are cached, else from the workers, kept as they come.
import { attributeMany } from '../engine/pool/attributions.js';
import type { RunTask } from '../engine/pool/share.js';
import type { ScoreMapKey } from '../ledger/score-maps.js';
import { type EncodedPrompt, type EncodedTarget, questionsOf, tokensIn } from '../lm/prompt.js';
import { averageAnswer } from '../locate/answer.js';
import type { Attribution, MapSettings } from '../locate/score-map.js';
import type { Context, Progress } from './context.js';

export interface MapRequest {
  prompt: EncodedPrompt;
  target: EncodedTarget;
}

/** The rule as the cache knows it: with what decides its nodes, the path where it is not plain, and the noise. */
export function ruleKey({ rule, steps, tolerance, path, noise }: MapSettings): string {
  return [
    rule === 'adaptive' ? `adaptive-${tolerance}` : `${rule}-${steps}`,
    ...(path === 'frozen-norm' ? [path] : []),
    ...(noise ? [Object.values(noise).join('-')] : []),
  ].join('+');
}

/**
 * Score maps in the order of the requests. What was computed before an interruption stays cached.
 * @param onMap is shown every map as it comes
 * @returns the maps, and which of them came from the cache
 */
export async function scoreMaps(
  context: Context,
  requests: readonly MapRequest[],
  { rule, steps, tolerance, site, path, noise }: MapSettings,
  stage: Progress['stage'],
  onMap?: (index: number, map: Attribution) => void,
): Promise<{ maps: Attribution[]; known: boolean[] }> {
  const settings = { rule, steps, tolerance, site, path, noise };
  const cache = context.ledger?.scoreMaps;
  const keyOf = ({ prompt, target }: MapRequest) => ({
    state: context.state,
    prompt: prompt.prompt,
    target: tokensIn(prompt, target).ids.join(' '),
    rule: ruleKey(settings),
    site,
  });
  const known = requests.map((request) => cache?.get(keyOf(request)));
  const missing = requests.filter((_, i) => !known[i]);
  context.progress(stage, 0, requests.length);
  const found = compute(context, missing, settings);
  const fresh: [ScoreMapKey, Attribution][] = [];
  let done = 0;
  const maps = await Promise.all(
    requests.map(async (request, i) => {
      const map = known[i] ?? (await (found[missing.indexOf(request)] as Promise<Attribution>));
      if (!known[i]) {
        fresh.push([keyOf(request), map]);
        await undefined; // those of one task come together: the first to go on keeps them all
        if (fresh.length > 0) cache?.keep(fresh.splice(0));
      }
      onMap?.(i, map);
      context.progress(stage, ++done, requests.length);
      return map;
    }),
  );
  return { maps, known: known.map((map) => map !== undefined) };
}

/** One map per request, each as soon as it is there: of an answer of several tokens, the mean of theirs. */
function compute(
  context: Context,
  requests: readonly MapRequest[],
  settings: MapSettings,
): Promise<Attribution>[] {
  const questions = requests.map(({ prompt, target }) => questionsOf(prompt, tokensIn(prompt, target)));
  const run: RunTask = (task, input) => context.run(task, input);
  const maps = attributeMany(run, context.pool.workers, context.model, questions.flat(), settings);
  return questions.map((own) => Promise.all(maps.splice(0, own.length)).then(averageAnswer));
}
