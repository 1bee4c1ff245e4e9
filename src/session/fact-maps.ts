// What locating a fact costs: the score maps of its prompts, and of everything that they are held against. Thresholds
// and shares can then be tried on them at once.
import { InputError } from '../errors.js';
import type { EncodedTarget } from '../lm/prompt.js';
import type { Attribution, MapSettings } from '../locate/score-map.js';
import type { Fact } from '../spec/edit-file.js';
import { distinctPrompts } from '../spec/prompts.js';
import type { LocateSettings } from '../spec/settings.js';
import { backgroundMaps } from './background.js';
import type { Context } from './context.js';
import { type FactAnswer, lackingWarning } from './fact-warnings.js';
import { ruleKey, scoreMaps } from './score-maps.js';

export interface FactMaps {
  fact: Fact;
  object: EncodedTarget;
  /** One per prompt. */
  own: Attribution[];
  /** One per negative prompt. */
  negative: Attribution[];
  /** Of each background fact; empty where generic neurons are not left out. */
  background: Attribution[][];
  /** What they could not be held against, in words. */
  lacking: string | undefined;
  /** What the model answers to each of the prompts. */
  answers: FactAnswer[];
  /** Prompts that were given more than once; each counts once. */
  repeated: string[];
  /** How many of the fact's maps came from the cache. */
  cached: number;
  /** Rule, path and site that they were computed with. */
  key: string;
  /** Layers, and neurons a layer (F). */
  layers: number;
  width: number;
  seconds: number;
}

/**
 * Computes the score maps that locating a fact needs, the fact's own first.
 * @throws InputError when a prompt or the object is not usable, or there are fewer prompts than `minPrompts`
 */
export async function mapFact(context: Context, given: Fact, settings: LocateSettings): Promise<FactMaps> {
  const start = performance.now();
  const { kept, places, repeated } = distinctPrompts(given.prompts);
  const fact = { ...given, prompts: kept };
  if (fact.prompts.length < settings.minPrompts) {
    throw new InputError(
      `${fact.prompts.length}${repeated.length > 0 ? ' different ones' : ''} are given, the settings ask for ${settings.minPrompts}; ` +
        'add prompts or lower --min-prompts',
      'fact.prompts',
    );
  }
  const negatives = fact.negativePrompts ?? [];
  const encoded = await context.run('encode', {
    prompts: [
      ...fact.prompts.map((value, i) => ({ field: `fact.prompts.${places[i]}`, value })),
      ...negatives.map((value, i) => ({ field: `fact.negativePrompts.${i}`, value })),
    ],
    targets: [{ field: 'fact.object', value: fact.object }],
  });
  const [object] = encoded.targets;
  if (!object) throw new Error('the object was not encoded');
  const count = fact.prompts.length;
  const requests = encoded.prompts.map((prompt) => ({ prompt, target: object }));
  await context.run('checkAnswers', {
    asked: requests.map((value, i) => {
      const field = i < count ? `fact.prompts.${places[i]}` : `fact.negativePrompts.${i - count}`;
      return { field, value };
    }),
  });
  const { maps, cached } = await scoreMaps(context, requests, settings, 'locate', (index, map) => {
    const place = places[index]; // of the prompts as they were given
    if (place !== undefined) context.control.onMap?.(place, map);
  });
  const own = encoded.prompts.slice(0, count);
  const answers = await context.run('probe', {
    probes: own.map((prompt) => ({ prompt, ask: [object] })),
    top: 1,
  });
  const background = await backgroundMaps(context, fact, settings);
  return {
    fact,
    object,
    own: maps.slice(0, count),
    negative: maps.slice(count),
    background,
    lacking: lackingWarning(context.facts),
    answers: own.map(({ prompt, unknownWords }, i) => {
      const { asked = [], top = [] } = answers[i] ?? {};
      return { prompt, unknownWords, rank: asked[0]?.rank ?? 0, answer: top[0]?.token ?? '' };
    }),
    repeated,
    cached,
    key: mapsKey(settings),
    layers: context.model.layers,
    width: context.model.neurons,
    seconds: (performance.now() - start) / 1000,
  };
}

/** What of the settings decides the maps; what is left can be changed without computing anything again. */
export function mapsKey(settings: MapSettings & { maxGeneric: number }): string {
  return [ruleKey(settings), settings.site, settings.maxGeneric < 1 ? 'background' : ''].join();
}
