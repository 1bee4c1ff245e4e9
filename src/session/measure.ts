// Probing: the prompts of an edit, measured in some state of the model, in the shape that scripts read.
import type { Named, TaskInput } from '../engine/pool/tasks.js';
import { NotFiniteError } from '../errors.js';
import type { Overlay } from '../lm/overlay.js';
import { type EncodedPrompt, type EncodedTarget, exactly, type Target, type Tokens } from '../lm/prompt.js';
import type { Asked } from '../probe/probe.js';
import { answerTokens, type ProbeResult, type Role } from '../probe/results.js';
import type { Context } from './context.js';

/** Answers listed with each probe. */
const TOP = 5;

/** A probe before it is encoded. */
export interface ProbeRequest {
  role: Role;
  /** Where prompt and answer stand in the file, for errors. */
  field: string;
  expectField: string;
  prompt: string;
  expect: Target;
  named: boolean;
}

/** A probe that is ready to be measured. */
export interface EncodedProbe {
  role: Role;
  prompt: EncodedPrompt;
  expect: EncodedTarget;
  /** Old and new answer of the rewrite that the probe belongs to, where that is not the one that is being measured. */
  rewrite?: Measuring['rewrite'];
  /** Named in the edit file, not drawn from the fact base. */
  named: boolean;
}

/** @throws InputError that names the field of the first probe that cannot be used */
export async function encodeProbes(
  context: Context,
  requests: readonly ProbeRequest[],
): Promise<EncodedProbe[]> {
  const prompts = requests.map(({ field, prompt }): Named<string> => ({ field, value: prompt }));
  const targets = requests.map(({ expectField, expect }): Named<Target> => {
    return { field: expectField, value: expect };
  });
  const encoded = await context.run('encode', { prompts, targets });
  const probes = requests.flatMap(({ role, named, field }, i) => {
    const prompt = encoded.prompts[i];
    const expect = encoded.targets[i];
    return prompt && expect ? [{ field, probe: { role, prompt, expect, named } }] : [];
  });
  await context.run('checkAnswers', {
    asked: probes.map(({ field, probe: { prompt, expect: target } }) => ({
      field,
      value: { prompt, target },
    })),
  });
  return probes.map(({ probe }) => probe);
}

/**
 * Probes of recorded edits, to be measured again: the prompts, and the recorded tokens of their answers.
 * @param field what the probes belong to, for errors
 */
export async function encodeRecorded(
  context: Context,
  recorded: readonly ProbeResult[],
  field: string,
): Promise<EncodedProbe[]> {
  const requests = recorded.map(({ role, prompt, expectId, expectIds }) => {
    const expect = { ids: answerTokens(expectId, expectIds) };
    return { role, prompt, expect, field, expectField: field, named: true };
  });
  const encoded = await encodeProbes(context, requests);
  return encoded.map((probe, i) => ({ ...probe, rewrite: rewriteOf(recorded[i]) }));
}

/** The answers of a rewrite as they were recorded; undefined for other operations. */
function rewriteOf(recorded: ProbeResult | undefined): Measuring['rewrite'] {
  if (recorded?.newId === undefined || recorded.oldId === undefined) return undefined;
  const { newId, newIds, oldId, oldIds } = recorded;
  const answer = (ids: readonly number[]) => exactly({ ids: [...ids], token: '' }); // their texts are not asked for
  return { to: answer(answerTokens(newId, newIds)), from: answer(answerTokens(oldId, oldIds)) };
}

/** How probes are measured. */
export interface Measuring {
  /** State of the model. */
  overlay: Overlay;
  /** A rewrite's old and new answer, measured beside the expected one. */
  rewrite?: { from: EncodedTarget; to: EncodedTarget } | undefined;
  whatIf?: TaskInput<'probe'>['whatIf'];
  /** State from which the KL divergence is measured. */
  reference?: Overlay | undefined;
}

type TokenFields<K extends string> = Record<`${K}Id`, number> & Partial<Record<`${K}Ids`, number[]>>;

/** An answer of several tokens: the most probable one in the place of each. */
function bestField<K extends string>(
  key: K,
  { ids, best }: Pick<Asked, 'ids' | 'best'>,
): Partial<Record<`${K}Best`, number[]>> {
  return ids.length > 1 ? ({ [`${key}Best`]: best } as Record<`${K}Best`, number[]>) : {};
}

/** The tokens of an answer in the shape that scripts read: the first one's id, and all where there are several. */
function tokenFields<K extends string>(key: K, { ids }: Tokens): TokenFields<K> {
  const [id = 0] = ids;
  return { [`${key}Id`]: id, ...(ids.length > 1 && { [`${key}Ids`]: ids }) } as TokenFields<K>;
}

/** Probes of one task: it bounds what a worker holds, and several workers share the work. */
const PART = 256;

/**
 * Measures probes, in their order.
 * @param onPart is told how many are done
 * @throws NotFiniteError when what the model computes is no number
 */
export async function measure(
  context: Context,
  probes: readonly EncodedProbe[],
  measuring: Measuring,
  onPart?: (done: number) => void,
): Promise<ProbeResult[]> {
  const starts = Array.from({ length: Math.ceil(probes.length / PART) }, (_, i) => i * PART);
  let done = 0;
  const parts = await Promise.all(
    starts.map(async (start) => {
      const found = await measurePart(context, probes.slice(start, start + PART), measuring);
      done += found.length;
      onPart?.(done);
      return found;
    }),
  );
  return parts.flat();
}

async function measurePart(
  context: Context,
  probes: readonly EncodedProbe[],
  { overlay, rewrite, whatIf, reference }: Measuring,
): Promise<ProbeResult[]> {
  const asked = probes.map(({ prompt, expect, rewrite: own = rewrite }) => {
    return { prompt, ask: own ? [expect, own.to, own.from] : [expect] };
  });
  const answers = await context.run('probe', { probes: asked, top: TOP, whatIf, reference }, overlay);
  return probes.map(({ role, prompt, expect }, i) => {
    const { asked = [], top = [], reference: known } = answers[i] ?? {};
    const [expected = { ...expect, prob: 0, rank: 0, best: [] }, to, from] = asked;
    return {
      role,
      prompt: prompt.prompt,
      expect: expected.token,
      ...tokenFields('expect', expected),
      ...bestField('expect', expected),
      prob: expected.prob,
      rank: expected.rank,
      ...(to && { ...tokenFields('new', to), ...bestField('new', to), newProb: to.prob, newRank: to.rank }),
      ...(from && { ...tokenFields('old', from), oldProb: from.prob }),
      ...(known && { kl: known.kl }),
      top,
    };
  });
}

/** The same; undefined where what the model computes in that state is no number any more. */
export async function measureIfFinite(
  context: Context,
  probes: readonly EncodedProbe[],
  measuring: Measuring,
): Promise<ProbeResult[] | undefined> {
  try {
    return await measure(context, probes, measuring);
  } catch (error) {
    if (error instanceof NotFiniteError) return undefined;
    throw error;
  }
}
