// What locating a fact costs: the score maps of its prompts, and of everything that they are held against. Thresholds
// and shares can then be tried on them at once.
import { InputError } from '../errors.js';
import { checkRoom, type EncodedTarget, tokensIn } from '../lm/prompt.js';
import type { Attribution, MapSettings } from '../locate/score-map.js';
import type { Fact } from '../spec/edit-file.js';
import type { LocateSettings } from '../spec/settings.js';
import { backgroundMaps } from './background.js';
import type { Context } from './context.js';
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
  /** Prompts with words that the vocabulary does not have. */
  unknown: string[];
  /** How many of the fact's maps came from the cache. */
  cached: number;
  /** Rule and site that they were computed with. */
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
export async function mapFact(context: Context, fact: Fact, settings: LocateSettings): Promise<FactMaps> {
  const start = performance.now();
  if (fact.prompts.length < settings.minPrompts) {
    throw new InputError(
      `${fact.prompts.length} are given, the settings ask for ${settings.minPrompts}; ` +
        'add prompts or lower --min-prompts',
      'fact.prompts',
    );
  }
  const negatives = fact.negativePrompts ?? [];
  const encoded = await context.run('encode', {
    prompts: [
      ...fact.prompts.map((value, i) => ({ field: `fact.prompts.${i}`, value })),
      ...negatives.map((value, i) => ({ field: `fact.negativePrompts.${i}`, value })),
    ],
    targets: [{ field: 'fact.object', value: fact.object }],
  });
  const [object] = encoded.targets;
  if (!object) throw new Error('the object was not encoded');
  const count = fact.prompts.length;
  encoded.prompts.forEach((prompt, i) => {
    const field = i < count ? `fact.prompts.${i}` : `fact.negativePrompts.${i - count}`;
    checkRoom(prompt, tokensIn(prompt, object), context.model.maxLength, field);
  });
  const requests = encoded.prompts.map((prompt) => ({ prompt, target: object }));
  const { maps, cached } = await scoreMaps(context, requests, settings, 'locate', (index, map) => {
    if (index < count) context.control.onMap?.(index, map);
  });
  const background = await backgroundMaps(context, { ...fact, object: object.words }, settings);
  return {
    fact,
    object,
    own: maps.slice(0, count),
    negative: maps.slice(count),
    background,
    unknown: encoded.prompts.filter(({ unknownTokens }) => unknownTokens > 0).map(({ prompt }) => prompt),
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
