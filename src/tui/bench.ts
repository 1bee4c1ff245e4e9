// What lies on the bench: the fact, how it is located, what is done to it, and what a trial showed. Plain data and pure
// changes of it; everything is worked out by the session.
import type {
  ApplyResult,
  EditFile,
  Fact,
  FactMaps,
  LocatedNeuron,
  LocateOptions,
  Operation,
  ProbeResult,
} from '../index.js';

export const STEPS = ['fact', 'locate', 'operate', 'check', 'ledger'] as const;
export type Step = (typeof STEPS)[number];

export interface Trial {
  before: readonly ProbeResult[];
  after: readonly ProbeResult[];
  /** Absent while the controls still run. */
  result: ApplyResult | undefined;
}

export interface Bench {
  step: Step;
  /** The edit in work; its fact may not be whole yet. */
  edit: EditFile | undefined;
  /** How to locate: the edit's own settings, with what was changed here. */
  options: LocateOptions;
  /** Score maps of the fact, in the model's present state. */
  maps: FactMaps | undefined;
  /** Neurons that the operation would change, before any is left out. */
  chosen: readonly LocatedNeuron[];
  /** Keys of the neurons that are left out. */
  left: ReadonlySet<string>;
  /** What the present edit would do. */
  trial: Trial | undefined;
}

export const EMPTY: Bench = {
  step: 'fact',
  edit: undefined,
  options: {},
  maps: undefined,
  chosen: [],
  left: new Set(),
  trial: undefined,
};

export type Change =
  | { type: 'go'; step: Step }
  | { type: 'open'; edit: EditFile }
  | { type: 'fact'; fact: Fact }
  | { type: 'options'; options: LocateOptions }
  | { type: 'mapped'; maps: FactMaps }
  | { type: 'operation'; operation: Operation }
  | { type: 'chosen'; neurons: readonly LocatedNeuron[] }
  | { type: 'tick'; key: string }
  | { type: 'tried'; trial: Trial | undefined }
  | { type: 'model changed' }
  | { type: 'clear' };

const NOTHING_KNOWN = { maps: undefined, chosen: [], left: new Set<string>(), trial: undefined };

export function changeBench(bench: Bench, change: Change): Bench {
  const { edit } = bench;
  switch (change.type) {
    case 'go':
      return { ...bench, step: change.step };
    case 'open':
      return { ...bench, ...NOTHING_KNOWN, edit: change.edit, options: change.edit.locate ?? {} };
    case 'fact':
      return edit ? { ...bench, ...NOTHING_KNOWN, edit: { ...edit, fact: change.fact } } : bench;
    case 'options':
      return { ...bench, options: change.options, left: new Set(), trial: undefined };
    case 'mapped':
      // Located here: the neurons that the file may have named stand back.
      return { ...bench, maps: change.maps, edit: edit && { ...edit, neurons: undefined }, trial: undefined };
    case 'operation':
      return edit
        ? { ...bench, edit: { ...edit, operation: change.operation }, left: new Set(), trial: undefined }
        : bench;
    case 'chosen':
      return { ...bench, chosen: change.neurons };
    case 'tick': {
      const left = new Set(bench.left);
      if (!left.delete(change.key)) left.add(change.key);
      return { ...bench, left, trial: undefined };
    }
    case 'tried':
      return { ...bench, trial: change.trial };
    case 'model changed':
      return { ...bench, ...NOTHING_KNOWN };
    case 'clear':
      return EMPTY;
  }
}

/** "layer:neuron". */
export function keyOf({ layer, neuron }: { layer: number; neuron: number }): string {
  return `${layer}:${neuron}`;
}

/** The neurons that stay ticked. */
export function ticked({ chosen, left }: Bench): LocatedNeuron[] {
  return chosen.filter((one) => !left.has(keyOf(one)));
}

/**
 * The edit as it stands on the bench, as an edit file would hold it: with its settings, or, once neurons were left out,
 * with the neurons themselves.
 */
export function editOnBench(bench: Bench): EditFile | undefined {
  const { edit, left, options } = bench;
  if (!edit || (left.size === 0 && edit.neurons)) return edit;
  if (left.size === 0) return { ...edit, locate: Object.keys(options).length > 0 ? options : undefined };
  return {
    ...edit,
    locate: undefined,
    neurons: ticked(bench).map(({ layer, neuron }) => [layer, neuron]),
  };
}
