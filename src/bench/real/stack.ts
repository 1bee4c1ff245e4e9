// npm run eval:real -- --stack 1,4,16,64: so many facts rewritten together, as `kn-edit apply` does it with a set: each on the
// state that those before it leave, with the keys of all others held, in as many neurons.
import { extendOverlay, NO_OVERLAY, type Overlay, overlayVectors } from '../../lm/overlay.js';
import { neuronsFor } from '../../spec/choices.js';
import { keysAt } from '../../surgery/keys.js';
import { subjectInContexts } from '../../surgery/subject/texts.js';
import type { Asked } from './asked.js';
import { type Figures, meanFigures, type Yardstick } from './measure.js';
import { type Bench, editsAtSubject, heldBeside } from './methods.js';

/** `subject` beside ROME's full vectors, each with the keys of the others held. */
const METHODS = ['subject', 'rome'] as const;

export interface StackRow {
  /** Facts that are rewritten. */
  edits: number;
  method: string;
  /** Means over all of them, in the state with all of them; floats and seconds are those of all together. */
  figures: Figures;
}

/**
 * Rewrites the first facts together, in the numbers asked for.
 * @param yardstick whose unrelated facts are none of these
 * @param onRow is told of each row when it is measured
 */
export function stackRows(
  bench: Bench,
  facts: readonly Asked[],
  counts: readonly number[],
  yardstick: Yardstick,
  onRow: (row: StackRow) => void,
): void {
  const distinct = [...new Map(facts.map((fact) => [`${fact.subject}\n${fact.relation}`, fact])).values()];
  for (const count of counts.filter((one) => one <= distinct.length)) {
    const stacked = distinct.slice(0, count);
    const few = neuronsFor('subject', count - 1, bench.model.info.neurons);
    for (const method of METHODS) {
      const { name, overlay, seconds } = stack({ ...bench, neurons: [few] }, stacked, method);
      const edits = stacked.map((fact) => {
        const [figures] = yardstick.measure(apart(fact, stacked), [{ overlay, seconds }]).edited;
        return figures ? [figures] : [];
      });
      const figures = { ...meanFigures(edits.flat()), floats: overlay.values.length, seconds };
      onRow({ edits: count, method: name, figures });
    }
  }
}

/** All of the edits, one on top of the other. */
function stack(
  bench: Bench,
  facts: readonly Asked[],
  method: (typeof METHODS)[number],
): { name: string; overlay: Overlay; seconds: number } {
  const { model } = bench;
  let overlay = NO_OVERLAY;
  let seconds = 0;
  let name: string = method;
  try {
    for (const fact of facts) {
      const others = facts.filter((one) => one !== fact).flatMap((one) => subjectInContexts(model, one));
      const keys = keysAt(model, others, bench.layer);
      const held = method === 'subject' ? heldBeside(bench, fact) : [];
      const [edit] = editsAtSubject(bench, fact, [method], [keys, ...held]);
      if (!edit) continue;
      overlay = extendOverlay(overlay, overlayVectors(edit.overlay));
      seconds += edit.seconds;
      name = edit.name;
      model.use(overlay);
    }
  } finally {
    model.use(NO_OVERLAY);
  }
  return { name, overlay, seconds };
}

/** A fact without those of its neighbours that are rewritten, too. */
function apart(fact: Asked, stacked: readonly Asked[]): Asked {
  const rewritten = new Set(stacked.map(({ prompt }) => prompt.prompt));
  return { ...fact, neighbours: fact.neighbours.filter(({ prompt }) => !rewritten.has(prompt.prompt)) };
}
