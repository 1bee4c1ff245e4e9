// What lies on the bench: the fact, how it is located, what is done to it, and what was tried so far. Plain data and pure
// changes of it; everything is worked out by the session.
import type {
  ApplyResult,
  EditFact,
  EditFile,
  Fact,
  FactMaps,
  LocatedNeuron,
  LocateOptions,
  Neuron,
  Operation,
  ProbeResult,
} from '../index.js';
import { factName } from '../spec/fact-name.js';

export const STEPS = ['fact', 'locate', 'operate', 'check', 'ledger'] as const;
export type Step = (typeof STEPS)[number];

/** What is chosen of an edit besides its fact, with what follows from that: to come back to at once. */
export interface Choice {
  operation: Operation;
  /** Its held-out wordings should answer what the operation makes them answer. */
  probes: EditFile['probes'];
  /** Neurons that the file names. */
  neurons: EditFile['neurons'];
  /** How to locate: the edit's own settings, with what was changed here. */
  options: LocateOptions;
  /** Score maps of the fact, in the model's present state. */
  maps: FactMaps | undefined;
  /** Neurons that the operation would change, before any is left out. */
  chosen: readonly LocatedNeuron[];
  /** Keys of the neurons that are left out. */
  left: ReadonlySet<string>;
}

/** An edit that was tried. */
export interface Trial {
  /** Which edit that is, in which state of the model. */
  key: string;
  /** Of which fact it is a trial, and in which state of the model. */
  fact: string;
  state: string;
  choice: Choice;
  before: readonly ProbeResult[];
  after: readonly ProbeResult[];
  /** Absent while the controls still run. */
  result: ApplyResult | undefined;
  /** It was stopped before that. */
  stopped?: boolean;
}

/** An edit whose fact was written or changed here, and that is not applied yet. */
export interface Draft {
  edit: EditFile;
  /** Where it is kept; absent for one that was just begun, or that could not be written. */
  file?: string | undefined;
}

/** Neurons that are looked at, one of them in whole. */
export interface Looking {
  neurons: readonly Neuron[];
  at: number;
  /** The edit at hand: the one on the bench, or one of the ledger. */
  edit?: 'bench' | number | undefined;
  /** The fact of an edit of the ledger, and how it is located; absent where the one on the bench is meant. */
  about?: EditFact | undefined;
}

/** What is written by hand of an edit. */
export type Written = Pick<EditFile, 'name' | 'fact'>;

export interface Bench extends Omit<Choice, 'operation' | 'probes' | 'neurons'> {
  step: Step;
  /** The edit in work; its fact may not be whole yet. */
  edit: EditFile | undefined;
  /** What was written of it before it was changed, the last one last; empty when nothing was. */
  past: readonly Written[];
  /** The draft that the edit is, as it was last kept. */
  draft: Draft | undefined;
  /** The other drafts. */
  drafts: readonly Draft[];
  /** What was chosen before, the last one last; and what was taken back of that, the next one last. */
  choices: { past: readonly Choice[]; undone: readonly Choice[] };
  /** All that was tried, in every state of the model, in the order in which it was first tried. */
  trials: readonly Trial[];
  /** They are listed, in place of the step's screen. */
  listing: boolean;
  /** What covers the step's screen, where that is a neuron. */
  looking: Looking | undefined;
  /** Where the fact is located: its map through the layers is shown in place of the lists. */
  graph: boolean;
}

export const EMPTY: Bench = {
  step: 'fact',
  edit: undefined,
  past: [],
  draft: undefined,
  drafts: [],
  options: {},
  maps: undefined,
  chosen: [],
  left: new Set(),
  choices: { past: [], undone: [] },
  trials: [],
  listing: false,
  looking: undefined,
  graph: false,
};

export type Change =
  | { type: 'go'; step: Step }
  | { type: 'open'; edit: EditFile; draft?: Draft | undefined }
  | { type: 'drafts'; drafts: readonly Draft[] }
  | { type: 'kept'; draft: Draft }
  | { type: 'drop'; draft: Draft }
  | { type: 'fact'; fact: Fact }
  | { type: 'typed'; written: Written; first: boolean }
  | { type: 'undo' }
  | { type: 'options'; options: LocateOptions }
  | { type: 'mapped'; maps: FactMaps }
  | { type: 'operation'; operation: Operation }
  | { type: 'chosen'; neurons: readonly LocatedNeuron[] }
  | { type: 'tick'; key: string }
  | { type: 'take back' }
  | { type: 'choose again' }
  | { type: 'tried'; trial: Trial }
  | { type: 'stopped'; key: string }
  | { type: 'gave way'; key: string }
  | { type: 'list'; shown: boolean }
  | { type: 'take'; trial: Trial }
  | { type: 'look'; looking: Looking | undefined }
  | { type: 'graph'; shown: boolean }
  | { type: 'applied' }
  | { type: 'model changed' };

const NOTHING_KNOWN = { maps: undefined, chosen: [], left: new Set<string>(), choices: EMPTY.choices };

export function changeBench(bench: Bench, change: Change): Bench {
  const { edit } = bench;
  switch (change.type) {
    case 'go':
      return { ...bench, step: change.step, looking: undefined, listing: false };
    case 'look':
      return { ...bench, looking: change.looking };
    case 'graph':
      return { ...bench, graph: change.shown };
    case 'open': {
      const { edit: opened, draft } = change;
      const drafts = draftsOf(bench).filter((one) => one !== draft);
      const options = opened.locate ?? {};
      return { ...bench, ...NOTHING_KNOWN, drafts, draft, past: [], edit: opened, options };
    }
    case 'drafts':
      return { ...bench, drafts: [...bench.drafts, ...change.drafts] };
    case 'kept':
      return { ...bench, draft: change.draft };
    case 'drop': {
      const { draft } = change;
      if (draft.edit === edit) return { ...EMPTY, drafts: bench.drafts, trials: bench.trials };
      return { ...bench, drafts: bench.drafts.filter((one) => one !== draft) };
    }
    case 'fact':
      return edit
        ? {
            ...bench,
            ...NOTHING_KNOWN,
            past: [...bench.past, writtenOf(edit)],
            edit: withFact(edit, change.fact),
          }
        : bench;
    case 'typed': {
      if (!edit) return bench;
      // While one text is typed, what it began from is remembered once.
      const past = change.first ? [...bench.past, writtenOf(edit)] : bench.past;
      return { ...bench, ...NOTHING_KNOWN, past, edit: { ...edit, ...change.written } };
    }
    case 'undo': {
      const before = bench.past.at(-1);
      if (!edit || !before) return bench;
      return { ...bench, ...NOTHING_KNOWN, past: bench.past.slice(0, -1), edit: { ...edit, ...before } };
    }
    case 'options':
      return edit
        ? choose(bench, { options: change.options, left: new Set() })
        : { ...bench, options: change.options };
    case 'mapped':
      // Located here: the neurons that the file may have named stand back.
      return { ...bench, maps: change.maps, edit: edit && { ...edit, neurons: undefined } };
    case 'operation':
      return edit ? choose(bench, { ...withOperation(edit, change.operation), left: new Set() }) : bench;
    case 'chosen':
      return { ...bench, chosen: change.neurons };
    case 'tick': {
      const left = new Set(bench.left);
      if (!left.delete(change.key)) left.add(change.key);
      return choose(bench, { left });
    }
    case 'take back':
      return goBack(bench, 'past', 'undone');
    case 'choose again':
      return goBack(bench, 'undone', 'past');
    case 'tried':
      return { ...bench, trials: withTrial(bench.trials, change.trial) };
    case 'stopped': {
      const stop = (trial: Trial) => (isOpen(trial, change.key) ? { ...trial, stopped: true } : trial);
      return { ...bench, trials: bench.trials.map(stop) };
    }
    case 'gave way':
      return { ...bench, trials: bench.trials.filter((trial) => !isOpen(trial, change.key)) };
    case 'list':
      return { ...bench, listing: change.shown };
    case 'take':
      return { ...choose(bench, change.trial.choice), listing: false };
    case 'applied':
      return { ...bench, ...NOTHING_KNOWN, past: [], draft: undefined };
    case 'model changed':
      return { ...bench, ...NOTHING_KNOWN };
  }
}

/** Chooses something else; what was chosen before can be had back. */
function choose(bench: Bench, other: Partial<Choice>): Bench {
  const present = choiceOf(bench);
  if (!present) return bench;
  const choices = { past: [...bench.choices.past, present], undone: [] };
  return { ...withChoice(bench, { ...present, ...other }), choices };
}

/** Goes to the last choice of one pile; the present one goes to the other. */
function goBack(bench: Bench, from: 'past' | 'undone', to: 'past' | 'undone'): Bench {
  const { choices } = bench;
  const wanted = choices[from].at(-1);
  const present = choiceOf(bench);
  if (!wanted || !present) return bench;
  const left = { [from]: choices[from].slice(0, -1), [to]: [...choices[to], present] };
  return { ...withChoice(bench, wanted), choices: { ...choices, ...left } };
}

/** What is chosen on the bench, where an edit lies there. */
export function choiceOf({ edit, options, maps, chosen, left }: Bench): Choice | undefined {
  if (!edit) return undefined;
  const { operation, probes, neurons } = edit;
  return { operation, probes, neurons, options, maps, chosen, left };
}

/** What was located since then stays located. */
function withChoice(bench: Bench, choice: Choice): Bench {
  const { edit } = bench;
  const { operation, probes, neurons, options, maps = bench.maps, chosen, left } = choice;
  const same = operation === edit?.operation && neurons === edit.neurons;
  const changed = same || !edit ? edit : { ...edit, operation, probes, neurons };
  return { ...bench, options, maps, chosen, left, edit: changed };
}

/** Whether it is the trial with that key, and not whole. */
function isOpen({ key, result }: Trial, wanted: string): boolean {
  return key === wanted && result === undefined;
}

/** A trial that is whole stays so until it is there anew. */
function withTrial(trials: readonly Trial[], trial: Trial): readonly Trial[] {
  const known = trials.find(({ key }) => key === trial.key);
  if (!known) return [...trials, trial];
  return trials.map((one) => (one === known && (trial.result || !known.result) ? trial : one));
}

/** All drafts, the one in work too. */
export function draftsOf({ edit, past, draft, drafts }: Bench): readonly Draft[] {
  return edit && (past.length > 0 || draft) ? [{ edit, file: draft?.file }, ...drafts] : drafts;
}

export function writtenOf({ name, fact }: Written): Written {
  return { name, fact };
}

/** The edit of another fact; a name that was made of the fact follows it. */
export function withFact<T extends Written>(edit: T, fact: Fact): T {
  return { ...edit, fact, name: edit.name === factName(edit.fact) ? factName(fact) : edit.name };
}

/** Another operation on the same fact; what its held-out wordings should answer follows it. */
function withOperation(
  { fact, probes }: EditFile,
  operation: Operation,
): Pick<Choice, 'operation' | 'probes'> {
  const expect = operation.type === 'rewrite' && operation.to !== '' ? operation.to : fact.object;
  const paraphrase = probes.paraphrase.map(({ prompt }) => ({ prompt, expect }));
  return { operation, probes: { ...probes, paraphrase } };
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
    operation: withoutChoice(edit.operation),
  };
}

/** An operation without what would choose its neurons. */
function withoutChoice(operation: Operation): Operation {
  if (operation.type !== 'rewrite') return { ...operation, neurons: undefined };
  return { ...operation, neurons: undefined, layer: undefined, layers: undefined, choose: undefined };
}
