// Operating: what an edit does to chosen neurons, worked out and measured, with nothing recorded yet.
import { InputError, NotFiniteError } from '../errors.js';
import { extendOverlay, type Overlay } from '../lm/overlay.js';
import type { ProbeResult } from '../probe/results.js';
import { isSolved, type Operation } from '../spec/edit-file.js';
import type { Change } from '../surgery/change.js';
import { replay, type VectorChange } from '../surgery/replay.js';
import type { Context } from './context.js';
import type { Operator } from './edit-probes.js';
import { measure } from './measure.js';
import type { Plan } from './plan.js';
import { readVectors } from './state.js';

/** What an operation came to. */
export interface Operated {
  /** Empty for a what-if. */
  vectors: VectorChange[];
  after: ProbeResult[];
}

/**
 * Carries a plan out and measures it; nothing is recorded.
 * @param dose how far to go: 0 changes nothing, 1 is the edit, 2 goes twice as far
 * @param divergence whether the KL divergence from the present state is measured too
 * @throws InputError that names the field of the edit file when value vectors or answers are no longer finite numbers
 */
export async function carryOut(
  context: Context,
  { rewrite, whatIf, edit: { operation }, probes }: Operator,
  { neurons, changes }: Plan,
  { dose = 1, divergence = false }: { dose?: number; divergence?: boolean } = {},
): Promise<Operated> {
  const reference = divergence ? context.overlay : undefined;
  const measuring = { overlay: context.overlay, reference, rewrite };
  if (whatIf) {
    const factor = 1 + dose * (activationFactor(operation) - 1);
    const after = await measure(context, probes, { ...measuring, whatIf: { neurons: [...neurons], factor } });
    return { vectors: [], after };
  }
  const current = await readVectors(context, neurons, context.overlay);
  const planned = neurons.flatMap((at, i) => {
    const change = changes[i];
    return change ? [{ at, change: weaken(change, dose) }] : [];
  });
  const vectors = replay(current, [planned])[0] ?? [];
  const wild = vectors.find(({ after }) => !after.every(Number.isFinite));
  if (wild) {
    throw new InputError(
      `makes the value vector of layer ${wild.at[0]}, neuron ${wild.at[1]} overflow; choose a smaller strength`,
      strengthField(operation),
    );
  }
  const overlay = overlayWith(context, vectors);
  try {
    return { vectors, after: await measure(context, probes, { ...measuring, overlay }) };
  } catch (error) {
    if (error instanceof NotFiniteError) throw new InputError(error.message, strengthField(operation));
    throw error;
  }
}

/** The present state with some value vectors in place of its own. */
export function overlayWith({ overlay }: Context, vectors: readonly VectorChange[]): Overlay {
  return extendOverlay(
    overlay,
    vectors.map(({ at, after: vector }) => ({ at, vector })),
  );
}

/** The field that says how strong an operation is. */
function strengthField(operation: Operation): string {
  switch (operation.type) {
    case 'amplify':
    case 'scale':
      return 'operation.factor';
    case 'rewrite':
      return isSolved({ operation }) ? 'operation' : 'operation.lambdaNew or lambdaOld';
    default:
      return 'operation';
  }
}

/** v + dose (change(v) - v), which is a change of the same form. */
function weaken(change: Change, dose: number): Change {
  if (dose === 1) return change;
  const { scale, alongNorm, shift, gain = 1 } = change;
  return {
    scale: 1 + dose * (scale - 1),
    alongNorm: alongNorm?.map((x) => dose * x),
    shift,
    gain: dose * gain,
  };
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
