// What the model says to one prompt: its answers, and the score map of one of them.
import { type EncodedPrompt, type EncodedTarget, type Target, type Tokens, tokensIn } from '../lm/prompt.js';
import type { Attribution } from '../locate/score-map.js';
import type { Answer } from '../probe/results.js';
import type { LocateSettings } from '../spec/settings.js';
import type { Context } from './context.js';
import { scoreMaps } from './score-maps.js';

/** A target: its token, of several the first, and then all of them; their texts. */
export interface TargetTokens {
  id: number;
  ids?: number[];
  token: string;
}

/** What the model answers to a prompt; the shape that scripts read. */
export interface ProbeAnswer {
  prompt: string;
  ids: number[];
  position: number;
  top: Answer[];
  target: (TargetTokens & { prob: number; rank: number }) | null;
  /** Words of the prompt that the vocabulary does not have; the model sees the unknown token in their place. */
  unknownWords: string[];
}

/** A score map; the shape that scripts read (there as nested arrays). */
export interface ScoreMap extends Attribution {
  prompt: string;
  target: TargetTokens;
  settings: LocateSettings;
  layers: number;
  /** Words of the prompt that the vocabulary does not have. */
  unknownWords: string[];
  seconds: number;
}

/** Answers to one prompt: the most probable ones, and the target's where one is given. @internal */
export async function probe(
  context: Context,
  prompt: string,
  target: Target | undefined,
  top: number,
): Promise<ProbeAnswer> {
  const encoded = await context.run('encode', {
    prompts: [{ field: 'prompt', value: prompt }],
    targets: target === undefined ? [] : [{ field: targetField(target), value: target }],
  });
  const [question] = encoded.prompts;
  const [asked] = encoded.targets;
  if (!question) throw new Error('the prompt was not encoded');
  if (asked) await checkPair(context, question, asked);
  const probes = [{ prompt: question, ask: asked ? [asked] : [] }];
  const [answers] = await context.run('probe', { probes, top });
  if (!answers) throw new Error('the prompt was not answered');
  const [measured] = answers.asked;
  return {
    prompt,
    ...answers.shown,
    top: answers.top,
    target: measured ? { ...targetFields(measured), prob: measured.prob, rank: measured.rank } : null,
    unknownWords: question.unknownWords,
  };
}

/** The score map of one prompt. @internal */
export async function attribute(
  context: Context,
  prompt: string,
  target: Target,
  settings: LocateSettings,
): Promise<ScoreMap> {
  const start = performance.now();
  const encoded = await context.run('encode', {
    prompts: [{ field: 'prompt', value: prompt }],
    targets: [{ field: targetField(target), value: target }],
  });
  const [question] = encoded.prompts;
  const [asked] = encoded.targets;
  if (!question || !asked) throw new Error('prompt and target were not encoded');
  await checkPair(context, question, asked);
  const requests = [{ prompt: question, target: asked }];
  const { maps } = await scoreMaps(context, requests, settings, 'locate');
  const [map] = maps;
  if (!map) throw new Error('no score map was computed');
  const seconds = (performance.now() - start) / 1000;
  const fields = targetFields(tokensIn(question, asked));
  const { unknownWords } = question;
  return {
    ...map,
    prompt,
    target: fields,
    settings,
    layers: context.model.layers,
    unknownWords,
    seconds,
  };
}

function checkPair(context: Context, prompt: EncodedPrompt, target: EncodedTarget): Promise<void> {
  return context.run('checkAnswers', { asked: [{ field: 'prompt', value: { prompt, target } }] });
}

function targetFields({ ids, token }: Tokens): TargetTokens {
  const [id = 0] = ids;
  return { id, ...(ids.length > 1 && { ids }), token };
}

function targetField(target: Target): string {
  return typeof target === 'string' ? 'target' : 'target.id';
}
