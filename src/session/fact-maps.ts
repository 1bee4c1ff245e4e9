// What locating a fact costs: the score maps of its prompts, and of everything that they are held against. Thresholds
// and shares can then be tried on them at once.
import { InputError } from '../errors.js';
import type { EncodedPrompt, EncodedTarget } from '../lm/prompt.js';
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
  /** The model's state that they were computed in. */
  state: string;
  /** Layers, and neurons a layer (F). */
  layers: number;
  width: number;
  seconds: number;
}

/** A fact in tokens, ready to be asked. */
export interface EncodedFact {
  /** Without prompts that say nothing new. */
  fact: Fact;
  object: EncodedTarget;
  own: EncodedPrompt[];
  negative: EncodedPrompt[];
  /** Where each of its prompts stands among those that were given. */
  places: number[];
  /** Prompts that were given more than once; each counts once. */
  repeated: string[];
}

/**
 * Computes the score maps that locating a fact needs, the fact's own first.
 * @throws InputError when a prompt or the object is not usable, or there are fewer prompts than `minPrompts`
 */
export async function mapFact(context: Context, given: Fact, settings: LocateSettings): Promise<FactMaps> {
  const start = performance.now();
  const encoded = await encodeFact(context, given, settings);
  const [maps] = await mapFacts(context, [encoded], settings);
  if (!maps) throw new Error('the fact was not mapped');
  const background = await backgroundMaps(context, encoded.fact, settings);
  return { ...maps, background, seconds: (performance.now() - start) / 1000 };
}

/** @throws InputError when a prompt or the object is not usable, or there are fewer prompts than `minPrompts` */
export async function encodeFact(
  context: Context,
  given: Fact,
  settings: LocateSettings,
): Promise<EncodedFact> {
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
  const fields = [
    ...places.map((place) => `fact.prompts.${place}`),
    ...negatives.map((_, i) => `fact.negativePrompts.${i}`),
  ];
  const texts = [...fact.prompts, ...negatives];
  const { prompts, targets } = await context.run('encode', {
    prompts: texts.map((value, i) => ({ field: fields[i] ?? '', value })),
    targets: [{ field: 'fact.object', value: fact.object }],
  });
  const [object] = targets;
  if (!object) throw new Error('the object was not encoded');
  await context.run('checkAnswers', {
    asked: prompts.map((prompt, i) => ({ field: fields[i] ?? '', value: { prompt, target: object } })),
  });
  const count = fact.prompts.length;
  return { fact, object, own: prompts.slice(0, count), negative: prompts.slice(count), places, repeated };
}

/** The score maps of some facts, and what the model answers to their prompts; without those of the background. */
export async function mapFacts(
  context: Context,
  facts: readonly EncodedFact[],
  settings: LocateSettings,
): Promise<FactMaps[]> {
  const start = performance.now();
  const requests = facts.flatMap(({ own, negative, object }) =>
    [...own, ...negative].map((prompt) => ({ prompt, target: object })),
  );
  const places = facts.flatMap(({ places, negative }) => [...places, ...negative.map(() => undefined)]);
  const { maps, known } = await scoreMaps(context, requests, settings, 'locate', (index, map) => {
    const place = places[index]; // of the prompts as they were given
    if (place !== undefined) context.control.onMap?.(place, map);
  });
  const answers = await context.run('probe', {
    probes: facts.flatMap(({ own, object }) => own.map((prompt) => ({ prompt, ask: [object] }))),
    top: 1,
  });
  const seconds = (performance.now() - start) / 1000 / facts.length;
  return facts.map(({ fact, object, own, negative, repeated }) => {
    const cached = known.splice(0, own.length + negative.length).filter(Boolean).length;
    return {
      fact,
      object,
      own: maps.splice(0, own.length),
      negative: maps.splice(0, negative.length),
      background: [],
      lacking: lackingWarning(context.facts),
      answers: own.map(({ prompt, unknownWords }) => {
        const { asked = [], top = [] } = answers.shift() ?? {};
        return { prompt, unknownWords, rank: asked[0]?.rank ?? 0, answer: top[0]?.token ?? '' };
      }),
      repeated,
      cached,
      key: mapsKey(settings),
      state: context.state,
      layers: context.model.layers,
      width: context.model.neurons,
      seconds,
    };
  });
}

/** What of the settings decides the maps; what is left can be changed without computing anything again. */
export function mapsKey(settings: MapSettings & { maxGeneric: number }): string {
  return [ruleKey(settings), settings.site, settings.maxGeneric < 1 ? 'background' : ''].join();
}
