// Probing: the prompts of an edit, measured in some state of the model, in the shape that scripts read.
import type { Named, TaskInput } from '../engine/tasks.js';
import type { Overlay } from '../lm/overlay.js';
import type { EncodedPrompt, Target } from '../lm/tokenizer.js';
import type { ProbeResult, Role } from '../probe/results.js';
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
  expect: { id: number; token: string };
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
  return requests.flatMap(({ role, named }, i) => {
    const prompt = encoded.prompts[i];
    const expect = encoded.targets[i];
    return prompt && expect ? [{ role, prompt, expect, named }] : [];
  });
}

/**
 * Measures probes, in their order.
 * @param newTarget token id of a rewrite's new answer, measured beside the expected one
 */
export async function measure(
  context: Context,
  probes: readonly EncodedProbe[],
  overlay: Overlay,
  newTarget: number | undefined,
  whatIf?: TaskInput<'probe'>['whatIf'],
): Promise<ProbeResult[]> {
  const answers = await context.run(
    'probe',
    {
      questions: probes.map(({ prompt, expect }) => ({
        prompt,
        ask: newTarget === undefined ? [expect.id] : [expect.id, newTarget],
      })),
      top: TOP,
      whatIf,
    },
    overlay,
  );
  return probes.map(({ role, prompt, expect }, i) => {
    const [expected, rewritten] = answers[i]?.asked ?? [];
    return {
      role,
      prompt: prompt.prompt,
      expect: expect.token,
      expectId: expect.id,
      prob: expected?.prob ?? 0,
      rank: expected?.rank ?? 0,
      ...(rewritten && { newId: rewritten.id, newProb: rewritten.prob, newRank: rewritten.rank }),
      top: answers[i]?.top ?? [],
    };
  });
}
