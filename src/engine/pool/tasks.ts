// What a worker can be asked to do with its model: plain data in, plain data out.
import { InputError, KnEditError } from '../../errors.js';
import type { CheckpointFiles, LanguageModel } from '../../lm/language-model.js';
import type { NetworkInfo } from '../../lm/model-info.js';
import type { NeuronId, Overlay } from '../../lm/overlay.js';
import {
  type EncodedPrompt,
  type EncodedTarget,
  type Question,
  questionsOf,
  type Sequence,
  type Target,
  tokensIn,
} from '../../lm/prompt.js';
import type { EncodedText } from '../../lm/tokenizer.js';
import { wordsFrom } from '../../lm/words.js';
import { targetActivations } from '../../locate/activations.js';
import { activity } from '../../locate/activity.js';
import { attributeLayers, pathEnds } from '../../locate/attribution.js';
import type { NeuronFlows } from '../../locate/flow.js';
import { flows } from '../../locate/flows.js';
import { scoreMapsOf } from '../../locate/noise.js';
import { promotedTokens, wordsOf } from '../../locate/promoted.js';
import type {
  Attribution,
  AttributionSettings,
  Course,
  LayerScores,
  MapSettings,
  PathEnds,
} from '../../locate/score-map.js';
import type { TokenActivation, Words } from '../../locate/words.js';
import { meanRow } from '../../numbers.js';
import type { Surprise } from '../../probe/perplexity.js';
import { type Answers, type Asked, type Probe, probe } from '../../probe/probe.js';
import { surprise } from '../../probe/surprise.js';
import { type Judgement, judge } from '../../sets/judge.js';
import type { SetItem } from '../../sets/set.js';
import type { Operation } from '../../spec/edit-file.js';
import type { Change } from '../../surgery/change.js';
import { keysAt } from '../../surgery/keys.js';
import type { Covariance } from '../../surgery/metric.js';
import { closedChange } from '../../surgery/operations.js';
import { heldGram, type Solution, type SolveProblem, solveRewrites } from '../../surgery/solve.js';
import { covariance } from '../../surgery/subject/covariance.js';
import { type SubjectProblem, solveAtSubject } from '../../surgery/subject/solve.js';
import {
  beginsWithSubject,
  type FactTexts,
  factTexts,
  type SubjectFact,
  subjectIn,
  subjectInContexts,
} from '../../surgery/subject/texts.js';
import { scaleActivations } from '../../surgery/what-if.js';
import { withTimeLimit } from '../../time-limit.js';

/** A text from outside and where it stands, for the error that may have to name it. */
export interface Named<T> {
  field: string;
  value: T;
}

function naming<T>(field: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof KnEditError && field) throw new InputError(error.message, field);
    throw error;
  }
}

/** A prompt that a solved rewrite holds; with the answer that is expected there, in as many tokens as that has. */
export interface HeldPrompt {
  prompt: EncodedPrompt;
  expect?: EncodedTarget | undefined;
  /** What it speaks of, where that is known. */
  subject?: string | undefined;
  /** Of another edit at its subject: behind neutral sentences, too, as that edit's own key is found. */
  inContexts?: boolean | undefined;
}

/** As the model is asked: one sequence per token of the answer, where there is one. */
function sequencesOf(group: readonly HeldPrompt[]): Sequence[] {
  return group.flatMap(({ prompt, expect }): Sequence[] => {
    return expect ? questionsOf(prompt, tokensIn(prompt, expect)) : [prompt];
  });
}

/** A prompt, and an answer that is asked for there. */
export interface AskedAnswer {
  prompt: EncodedPrompt;
  target: EncodedTarget;
}

/** So many prompts take a tenth of a second; a tokenizer file with a hostile regular expression takes for ever. */
const ENCODED_AT_ONCE = 1000;
const ENCODE_MS = 10_000;

function inPortions<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

function encodeAll<T, E>(model: LanguageModel, texts: Named<T>[], one: (value: T) => E): E[] {
  const complaint = `the tokenizer of ${model.info.name} takes too long; is it sound?`;
  return inPortions(texts, ENCODED_AT_ONCE).flatMap((portion) =>
    withTimeLimit(ENCODE_MS, complaint, () =>
      portion.map(({ field, value }) => naming(field, () => one(value))),
    ),
  );
}

/** What an answer comes to at a prompt. */
export type Measured = Pick<Asked, 'prob' | 'rank'>;

/** What work gives; undefined where what it is given cannot be used. */
function unlessRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** A probe that asks for one answer; undefined where that cannot be. */
function probeOf({ tokenizer }: LanguageModel, text: string, answer: Target): Probe | undefined {
  return unlessRefused(() => {
    const prompt = tokenizer.encodePrompt(text);
    const target = tokenizer.encodeTarget(answer);
    tokenizer.checkAnswer(prompt, target);
    return { prompt, ask: [target] };
  });
}

export const tasks = {
  describe: (model: LanguageModel, _: Record<string, never>): NetworkInfo => model.info,

  /** Where the checkpoint's weights lie. */
  files: (model: LanguageModel, _: Record<string, never>): CheckpointFiles => model.files,

  /** Token ids of prompts and targets, in order. @throws InputError that names the field of the first bad one */
  encode(
    model: LanguageModel,
    { prompts, targets }: { prompts: Named<string>[]; targets: Named<Target>[] },
  ): { prompts: EncodedPrompt[]; targets: EncodedTarget[] } {
    const { tokenizer } = model;
    return {
      prompts: encodeAll(model, prompts, (value) => tokenizer.encodePrompt(value)),
      targets: encodeAll(model, targets, (value) => tokenizer.encodeTarget(value)),
    };
  },

  /** Words of the vocabulary that begin so. */
  vocabulary(model: LanguageModel, { beginning, count }: { beginning: string; count: number }): string[] {
    return wordsFrom(model.tokenizer, model.info.vocabulary, beginning, count);
  },

  /**
   * Checks that answers can be asked for behind their prompts, or in the place of their masks.
   * @throws InputError that names the field of the first that cannot
   */
  checkAnswers(model: LanguageModel, { asked }: { asked: Named<AskedAnswer>[] }): void {
    encodeAll(model, asked, ({ prompt, target }) => model.tokenizer.checkAnswer(prompt, target));
  },

  /**
   * Answers at the target positions; with `whatIf`, while some neurons' activations there are scaled; with
   * `reference`, with the KL divergence from the model's answers under that overlay.
   */
  probe(
    model: LanguageModel,
    {
      probes,
      top,
      whatIf,
      reference,
    }: {
      probes: Probe[];
      top: number;
      whatIf?: { neurons: NeuronId[]; factor: number } | undefined;
      reference?: Overlay | undefined;
    },
  ): Answers[] {
    const changes = whatIf ? scaleActivations(whatIf.neurons, whatIf.factor, model.info.neurons) : [];
    return probe(model, probes, top, changes, reference);
  },

  /** Texts of which nothing is asked, in order. */
  encodeTexts(model: LanguageModel, { texts }: { texts: string[] }): EncodedText[] {
    const named = texts.map((value) => ({ field: '', value }));
    return encodeAll(model, named, (value) => model.tokenizer.encodeText(value));
  },

  /**
   * What each wording gives the answer that is asked for there; null for a wording that the model cannot be asked, or not
   * together with that answer.
   */
  askWordings(
    model: LanguageModel,
    { wordings }: { wordings: { prompt: string; answer: Target }[] },
  ): (Measured | null)[] {
    const named = wordings.map((value) => ({ field: '', value }));
    const asked = encodeAll(model, named, ({ prompt, answer }) => probeOf(model, prompt, answer));
    const found = probe(
      model,
      asked.filter((one) => one !== undefined),
      0,
    ).map((answers) => answers.asked[0]);
    return asked.map((one) => {
      const { prob = 0, rank = 0 } = (one && found.shift()) ?? {};
      return one ? { prob, rank } : null;
    });
  },

  /** Whether the model can be asked for items of a data set, and how. */
  judgeItems(model: LanguageModel, { items, edit }: { items: SetItem[]; edit: boolean }): Judgement[] {
    // One at a time, since an item can have as many texts as are encoded at once.
    return items.flatMap((value) =>
      encodeAll(model, [{ field: '', value }], (item) => judge(model.tokenizer, item, edit)),
    );
  },

  /** How much texts surprise the model. */
  surprise(model: LanguageModel, { texts }: { texts: number[][] }): Surprise {
    return surprise(model, texts);
  },

  /** C = E[a a^T] of a layer's activations over texts. */
  covariance(model: LanguageModel, { layer, texts }: { layer: number; texts: number[][] }): Covariance {
    return covariance(model, layer, texts);
  },

  /** Score maps of prompts of one length. */
  attribute(
    model: LanguageModel,
    { questions, settings }: { questions: Question[]; settings: MapSettings },
  ): Attribution[] {
    return scoreMapsOf(model, questions, settings);
  },

  /** The activations of all neurons at the target positions of prompts [L, F] each. */
  targetActivations(model: LanguageModel, { prompts }: { prompts: Sequence[] }): Float32Array[] {
    return targetActivations(model, prompts);
  },

  /** Activations of some neurons where the model is asked; null for a prompt that it cannot be asked. */
  activationsAt(
    model: LanguageModel,
    { prompts, neurons }: { prompts: string[]; neurons: NeuronId[] },
  ): (number[] | null)[] {
    const named = prompts.map((value) => ({ field: '', value }));
    const encoded = encodeAll(model, named, (value) =>
      unlessRefused(() => model.tokenizer.encodePrompt(value)),
    );
    const asked = encoded.filter((one) => one !== undefined);
    const rows = targetActivations(model, asked);
    const { neurons: width } = model.info;
    return encoded.map((one) => {
      const row = one && rows.shift();
      return row ? neurons.map(([layer, neuron]) => row[layer * width + neuron] ?? 0) : null;
    });
  },

  /** Where the paths of some layers end: the first half of a score map. */
  pathEnds(
    model: LanguageModel,
    { question, course, layers }: { question: Question; course: Course; layers: number[] },
  ): PathEnds {
    return pathEnds(model, question, course, layers);
  },

  /** The scores of some layers: the second half of a score map. */
  attributeLayers(
    model: LanguageModel,
    {
      question,
      settings,
      ends,
      layers,
    }: { question: Question; settings: AttributionSettings; ends: PathEnds; layers: number[] },
  ): LayerScores {
    return attributeLayers(model, question, settings, ends, layers);
  },

  /** How much of higher neurons' activations runs through lower ones, on one prompt. */
  flows(
    model: LanguageModel,
    {
      prompt,
      neurons,
      settings,
    }: {
      prompt: Sequence;
      neurons: NeuronId[];
      settings: Pick<AttributionSettings, 'rule' | 'steps' | 'tolerance'>;
    },
  ): NeuronFlows {
    return flows(model, prompt, neurons, settings);
  },

  /** Value vectors as they are under the overlay [n, H]. */
  valueVectors(model: LanguageModel, { neurons }: { neurons: NeuronId[] }): Float32Array {
    return model.valueVectors(neurons);
  },

  /** Tokens that the value vectors promote, per neuron. */
  promoted(model: LanguageModel, { neurons, count }: { neurons: NeuronId[]; count: number }): string[][] {
    return promotedTokens(model, neurons, count);
  },

  /** Tokens that a value vector promotes and demotes, along the embeddings and through the head. */
  words(
    model: LanguageModel,
    { neuron, count }: { neuron: NeuronId; count: number },
  ): Record<'embedding' | 'readout', Words> {
    return wordsOf(model, neuron, count);
  },

  /** Norms of a layer's value vectors [F]. */
  valueNorms(model: LanguageModel, { layer }: { layer: number }): number[] {
    return model.valueNorms(layer);
  },

  /** A neuron's activation at every token of some texts. */
  activity(
    model: LanguageModel,
    { neuron, texts }: { neuron: NeuronId; texts: Pick<Sequence, 'ids'>[] },
  ): TokenActivation[][] {
    return activity(model, neuron, texts);
  },

  closedChange(
    model: LanguageModel,
    { operation, object }: { operation: Operation; object: Target },
  ): Change {
    return closedChange(model, operation, object);
  },

  /** What a group of held prompts says of some neurons of a layer [u, u]. */
  heldGram(
    model: LanguageModel,
    { layer, neurons, group }: { layer: number; neurons: number[]; group: HeldPrompt[] },
  ): Float64Array {
    return heldGram(model, layer, neurons, sequencesOf(group));
  },

  /** What a layer's neurons say where prompts are asked, for each token of the answer [n, F]. */
  keysAsked(model: LanguageModel, { layer, group }: { layer: number; group: HeldPrompt[] }): Float32Array {
    const texts = sequencesOf(group).map((one) => ({ ...one, row: one.position }));
    return keysAt(model, texts, layer);
  },

  /** The prompts that a rewrite at the subject cannot reach by themselves, because they begin with it. */
  beginningWith(
    model: LanguageModel,
    { subject, prompts }: { subject: string; prompts: EncodedPrompt[] },
  ): string[] {
    return prompts.flatMap((prompt) =>
      beginsWithSubject(model, { prompt, subject }) ? [prompt.prompt] : [],
    );
  },

  /** What a layer's neurons say where the subjects of held prompts end, as far as they have any [n, F]. */
  heldKeys(model: LanguageModel, { layer, group }: { layer: number; group: HeldPrompt[] }): Float32Array {
    const texts = group.flatMap((held) => (held.inContexts ? subjectInContexts : subjectIn)(model, held));
    return keysAt(model, texts, layer);
  },

  /** What a layer's neurons say where the subject ends: the mean over a fact's texts [F]. */
  keyAtSubject(model: LanguageModel, { layer, fact }: { layer: number; fact: SubjectFact }): Float64Array {
    return meanRow(keysAt(model, factTexts(model, fact).texts, layer), model.info.neurons);
  },

  /** One solution per choice among some neurons of a layer, at the subject. */
  solveAtSubject(
    model: LanguageModel,
    { fact, ...problem }: Omit<SubjectProblem, keyof FactTexts> & { fact: SubjectFact },
  ): Solution[] {
    return solveAtSubject(model, { ...problem, ...factTexts(model, fact) });
  },

  /** One solution per choice among some neurons of a layer. */
  solveRewrites(
    model: LanguageModel,
    {
      prompts,
      target,
      ...problem
    }: Omit<SolveProblem, 'prompts'> & { prompts: EncodedPrompt[]; target: EncodedTarget },
  ): Solution[] {
    const asked = prompts.map((prompt) => questionsOf(prompt, tokensIn(prompt, target)));
    return solveRewrites(model, { ...problem, prompts: asked });
  },
};

export type Tasks = typeof tasks;
export type TaskName = keyof Tasks;
export type TaskInput<K extends TaskName> = Parameters<Tasks[K]>[1];
export type TaskOutput<K extends TaskName> = ReturnType<Tasks[K]>;
