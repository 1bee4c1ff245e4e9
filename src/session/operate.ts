// Operating: what an edit does to chosen neurons, worked out and measured, with nothing recorded yet.
import type { HeldPrompt } from '../engine/tasks.js';
import { InputError } from '../errors.js';
import { extendOverlay, type NeuronId } from '../lm/overlay.js';
import type { EncodedTarget } from '../lm/prompt.js';
import type { ProbeResult } from '../probe/results.js';
import type { EditFile, Operation } from '../spec/edit-file.js';
import type { Change } from '../surgery/change.js';
import { replay, type VectorChange } from '../surgery/replay.js';
import { heldPrompts } from './background.js';
import type { Context } from './context.js';
import { type EncodedProbe, measure } from './measure.js';
import { readVectors } from './state.js';

/** An edit that is ready to be carried out on any choice of neurons. */
export interface Operator {
  edit: EditFile;
  rewrite: { from: EncodedTarget; to: EncodedTarget } | undefined;
  probes: readonly EncodedProbe[];
  /** Prompts that a solved rewrite holds, by group. */
  hold: readonly (readonly HeldPrompt[])[];
  /** Scale activations at the target position instead of value vectors. */
  whatIf: boolean;
}

/** What an operation came to. */
export interface Operated {
  /** Empty for a what-if. */
  vectors: VectorChange[];
  after: ProbeResult[];
  warning: string | undefined;
}

/** Reads what an operation needs beside its neurons: the prompts that a solved rewrite holds. */
export async function prepareOperator(
  context: Context,
  operator: Omit<Operator, 'hold'>,
  fact: { subject: string; relation: string; object: string },
): Promise<Operator> {
  const { operation } = operator.edit;
  if (operation.type !== 'rewrite' || operation.method !== 'solve') return { ...operator, hold: [] };
  const named = operator.probes.filter(
    (one) => one.named && (one.role === 'neighborhood' || one.role === 'unrelated'),
  );
  const object = operator.rewrite?.from.words ?? fact.object;
  const drawn = await Promise.all(
    heldPrompts(context.facts, { ...fact, object }).map(async (group) => {
      const prompts = group.map((value) => ({ field: 'facts.json', value }));
      const encoded = await context.run('encode', { prompts, targets: [] });
      return encoded.prompts.map((prompt) => ({ prompt }));
    }),
  );
  return { ...operator, hold: [named, ...drawn] };
}

/**
 * Carries an operation out on some neurons, and measures it.
 * @param dose how far to go: 0 changes nothing, 1 is the edit, 2 goes twice as far
 * @param probes measured afterwards
 */
export async function operate(
  context: Context,
  operator: Operator,
  neurons: readonly NeuronId[],
  dose = 1,
  probes: readonly EncodedProbe[] = operator.probes,
): Promise<Operated> {
  const { rewrite, whatIf, edit } = operator;
  const measuring = {
    overlay: context.overlay,
    reference: context.overlay,
    rewrite,
  };
  if (whatIf) {
    const factor = 1 + dose * (activationFactor(edit.operation) - 1);
    const after = await measure(context, probes, { ...measuring, whatIf: { neurons: [...neurons], factor } });
    return { vectors: [], after, warning: undefined };
  }
  const { changes, warning } = await planChanges(context, operator, neurons);
  const current = await readVectors(context, neurons, context.overlay);
  const dosed = changes.map((change) => weaken(change, dose));
  const planned = neurons.flatMap((at, i) => (dosed[i] ? [{ at, change: dosed[i] }] : []));
  const vectors = replay(current, [planned])[0] ?? [];
  const overlay = extendOverlay(
    context.overlay,
    vectors.map(({ at, after: vector }) => ({ at, vector })),
  );
  return { vectors, after: await measure(context, probes, { ...measuring, overlay }), warning };
}

/** v + dose (change(v) - v), which is a change of the same form. */
function weaken({ scale, alongNorm, shift }: Change, dose: number): Change {
  if (dose === 1) return { scale, alongNorm, shift };
  return {
    scale: 1 + dose * (scale - 1),
    alongNorm: alongNorm?.map((x) => dose * x),
    shift: shift?.map((x) => dose * x),
  };
}

/** What the operation does to each neuron. */
async function planChanges(
  context: Context,
  { edit: { operation, fact }, rewrite, probes, hold }: Operator,
  neurons: readonly NeuronId[],
): Promise<{ changes: Change[]; warning: string | undefined }> {
  if (operation.type !== 'rewrite' || operation.method !== 'solve' || !rewrite) {
    const change = await context.run('closedChange', { operation, object: fact.object });
    return { changes: neurons.map(() => change), warning: undefined };
  }
  const { changes, confidence } = await context.run('solveRewrite', {
    layer: neurons[0]?.[0] ?? 0,
    neurons: neurons.map(([, neuron]) => neuron),
    prompts: probes.filter(({ role }) => role === 'target').map(({ prompt }) => prompt),
    target: rewrite.to,
    hold: hold.map((group) => group.map(({ prompt, expect }) => ({ prompt, expect }))),
  });
  const warning =
    confidence < 0.5
      ? `the new answer reaches only ${(100 * confidence).toFixed(1)}% on some locating prompt: ` +
        'allow more neurons ("neurons") or hold fewer probes'
      : undefined;
  return { changes, warning };
}

function activationFactor(operation: Operation): number {
  switch (operation.type) {
    case 'suppress':
      return 0;
    case 'amplify':
    case 'scale':
      return operation.factor;
    default:
      throw new InputError(
        `a what-if scales activations; "${operation.type}" cannot be tried that way`,
        'operation.type',
      );
  }
}
