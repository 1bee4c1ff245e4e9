// What an edit is measured with: the tokens of its answers, its own prompts, and the facts around it.
import { InputError } from '../errors.js';
import type { EncodedTarget } from '../lm/prompt.js';
import { type EditFile, isSolved, type ProbeSpec, withMethod } from '../spec/edit-file.js';
import { distinctPrompts, promptKey } from '../spec/prompts.js';
import { drawProbes, type FactWords, otherWordings } from './background.js';
import type { Context } from './context.js';
import { repeatedWarning } from './fact-warnings.js';
import { type EncodedProbe, encodeProbes, type Measuring, type ProbeRequest } from './measure.js';

/** An edit that is ready to be carried out on any choice of neurons. */
export interface Operator {
  edit: EditFile;
  rewrite: { from: EncodedTarget; to: EncodedTarget } | undefined;
  probes: readonly EncodedProbe[];
  /** Scale activations at the target position instead of value vectors. */
  whatIf: boolean;
}

/** An edit that was read and understood, and is not worked out yet. */
export interface EncodedEdit extends EditProbes {
  /** As the file has it. */
  given: EditFile;
  /** Without what says nothing new. */
  edit: EditFile;
  /** What was left out. */
  warnings: string[];
}

export interface EditProbes {
  /** With the object in words. */
  fact: FactWords;
  /** Old and new answer of a rewrite. */
  rewrite: Measuring['rewrite'];
  probes: EncodedProbe[];
}

/** @throws InputError that names the field of the edit file that cannot be used */
export async function encodeGiven(context: Context, file: EditFile): Promise<EncodedEdit> {
  const given = withMethod(file, context.model.causal);
  const { edit, warnings } = withoutRepeats(given);
  return { given, edit, warnings, ...(await encodeEdit(context, edit)) };
}

/**
 * An edit without what says nothing new: prompts that are given twice, and held-out wordings that are target prompts.
 * @returns also what was left out, in words
 */
export function withoutRepeats(given: EditFile): { edit: EditFile; warnings: string[] } {
  const { kept, repeated } = distinctPrompts(given.fact.prompts);
  const targets = new Set(kept.map(promptKey));
  const isTarget = ({ prompt }: ProbeSpec) => targets.has(promptKey(prompt));
  const { paraphrase } = given.probes;
  return {
    edit: {
      ...given,
      fact: { ...given.fact, prompts: kept },
      probes: { ...given.probes, paraphrase: paraphrase.filter((one) => !isTarget(one)) },
    },
    warnings: [
      ...(repeated.length > 0 ? [repeatedWarning(repeated)] : []),
      ...paraphrase
        .filter(isTarget)
        .map(({ prompt }) => `"${prompt}" is a target prompt, and no held-out wording`),
    ],
  };
}

export async function encodeEdit(context: Context, edit: EditFile): Promise<EditProbes> {
  const { object, rewrite } = await encodeTargets(context, edit);
  const heldOut = edit.probes.paraphrase.map(({ prompt }) => prompt);
  const fact = { ...edit.fact, object: object.words, heldOut };
  const probes = await encodeProbes(context, probeRequests(context, edit, fact));
  for (const which of rewrite ? (['to', 'from'] as const) : []) {
    const target = rewrite?.[which];
    const field = `operation.${which}`;
    const asked = target ? probes.map(({ prompt }) => ({ field, value: { prompt, target } })) : [];
    await context.run('checkAnswers', { asked });
  }
  const { operation } = edit;
  // What cannot be carried out is refused before anything is located.
  if (!isSolved(edit)) await context.run('closedChange', { operation, object: edit.fact.object });
  return { fact, rewrite, probes };
}

async function encodeTargets(
  context: Context,
  { fact, operation }: EditFile,
): Promise<{ object: EncodedTarget; rewrite: Measuring['rewrite'] }> {
  const targets = [{ field: 'fact.object', value: fact.object }];
  if (operation.type === 'rewrite') {
    targets.push({ field: 'operation.to', value: operation.to });
    targets.push({ field: 'operation.from', value: operation.from ?? fact.object });
  }
  const [object, to, from] = (await context.run('encode', { prompts: [], targets })).targets;
  if (!object) throw new Error('the object was not encoded');
  if (!to || !from) return { object, rewrite: undefined };
  if (to.ids.join() === from.ids.join())
    throw new InputError(`"${to.token}" is the old answer; name another one`, 'operation.to');
  return { object, rewrite: { from, to } };
}

/**
 * The file's probes, and what is drawn from the fact base: facts around the edited one, and, where the file names none,
 * held-out wordings.
 */
function probeRequests(
  { expected, facts }: Context,
  { probes, operation, fact: { prompts, object } }: EditFile,
  fact: FactWords,
): ProbeRequest[] {
  const wordings = probes.paraphrase.length > 0 ? [] : otherWordings(facts, fact);
  const drawn = {
    paraphrase: wordings.map((prompt) => {
      return { prompt, expect: operation.type === 'rewrite' ? operation.to : object };
    }),
    ...drawProbes(expected, fact),
  };
  const own = prompts.map((prompt, i): ProbeRequest => {
    return {
      role: 'target',
      field: `fact.prompts.${i}`,
      expectField: 'fact.object',
      prompt,
      expect: object,
      named: true,
    };
  });
  const answer = operation.type === 'rewrite' ? 'operation.to' : 'fact.object';
  const others = (['paraphrase', 'neighborhood', 'unrelated'] as const).flatMap((role) => {
    const source = role === 'paraphrase' ? answer : 'facts.json'; // the file's own share in what is drawn
    const named = probes[role];
    const fresh = drawn[role].filter(
      ({ prompt }) => !named.some((one) => promptKey(one.prompt) === promptKey(prompt)),
    );
    return [...named, ...fresh].map(
      (probe, i): ProbeRequest => ({
        role,
        field: i < named.length ? `probes.${role}.${i}.prompt` : source,
        expectField: i < named.length ? `probes.${role}.${i}.expect` : source,
        named: i < named.length,
        ...probe,
      }),
    );
  });
  return [...own, ...others];
}
