// Erasing what a model knows of a relation: the value vectors of the neurons that most of its facts share (Dai et al. 2022,
// section 5.2).
import { findKnown } from '../background/known.js';
import { InputError } from '../errors.js';
import { neuronKey, toNeuronId } from '../lm/overlay.js';
import { commonNeurons, type GenericNeuron, type LocatedNeuron } from '../locate/refined.js';
import { draw, seeded } from '../random.js';
import { didYouMean } from '../spec/closest.js';
import { type EditFile, editSchema, type Operation } from '../spec/edit-file.js';
import { type BaseFact, readFactBase } from '../spec/fact-base.js';
import type { LocateSettings } from '../spec/settings.js';
import { expectLedger, recordEdit } from './apply.js';
import {
  askOnce,
  backgroundMaps,
  drawProbes,
  type FactWords,
  genericAmong,
  mapsOfFacts,
  refinedOf,
} from './background.js';
import type { Context } from './context.js';
import { type ApplyOptions, evaluate, type JudgedEdit } from './evaluate.js';
import { lackingWarning } from './fact-warnings.js';
import { encodeProbes, type ProbeRequest } from './measure.js';

/** Neurons that are erased, as in the paper. */
export const ERASED_NEURONS = 20;
/** Facts in which they are looked for. */
const LIMIT = 40;

export interface EraseOptions
  extends Pick<
    ApplyOptions,
    'dryRun' | 'allowRegressions' | 'control' | 'seeds' | 'driftLimit' | 'perplexityLimit'
  > {
  /** A fact base that lists the facts of the relation; unless given, the model's own, or what its background has. */
  facts?: string | undefined;
  /** What the value vectors become: nothing, or the embedding of the unknown token. */
  value?: 'zero' | 'unk' | undefined;
  /** How many neurons, at most (20). */
  neurons?: number | undefined;
  /** Facts in which they are looked for, at most (40); the others are held out. */
  limit?: number | undefined;
  /** Draws these facts (1). */
  seed?: number | undefined;
}

/** What became of a relation; the shape that scripts read. */
export interface EraseResult extends JudgedEdit {
  topic: {
    relation: string;
    /** Facts of the relation that the model knows, and those of them in which neurons were looked for. */
    facts: number;
    located: number;
  };
  /** Neurons that other facts share too, and that are left alone. */
  generic: GenericNeuron[];
  /** Score maps that came from the cache. */
  cached: number;
}

/** The facts of a relation: those in which neurons are looked for, and those on which alone the edit is measured. */
interface Topic {
  located: BaseFact[];
  heldOut: BaseFact[];
  /** Where they are from, for errors. */
  source: string;
}

/**
 * Erases a relation in the model's present state and records it as one edit. The located facts' wordings are the target
 * prompts; their held-out wordings, and the relation's other facts in one wording each, are what shows how much is left.
 * @throws InputError when the model knows no facts of the relation, or they share no neuron
 */
export async function eraseRelation(
  context: Context,
  relation: string,
  settings: LocateSettings,
  options: EraseOptions,
): Promise<EraseResult> {
  const start = performance.now();
  expectLedger(context, options);
  const { value = 'zero', neurons: count = ERASED_NEURONS, limit = LIMIT, seed = 1 } = options;
  const edit = relationEdit(relation, { type: 'erase', value, neurons: count });
  await context.run('closedChange', { operation: edit.operation, object: edit.fact.object });
  const topic = await readTopic(context, relation, options.facts, limit, seed);
  const facts = [...topic.located, ...topic.heldOut];
  // Further facts of the relation may go with them: they are neither what is erased nor what is to stay.
  const words = wordsOf(relation, [...facts, ...context.expected.filter((one) => one.relation === relation)]);
  const probes = await encodeProbes(context, probeRequests(context, topic, words, seed));
  const { chosen, generic, cached } = await locateTopic(context, topic, words, settings, count);
  const about = { relation, facts: facts.length, located: topic.located.length };
  const lacking = lackingWarning(context.facts);
  const evaluated = await evaluate(
    context,
    {
      start,
      specification: {
        name: edit.name,
        topic: about,
        source: options.facts,
        seed,
        operation: edit.operation,
        tolerance: edit.tolerance,
      },
      operator: { edit, rewrite: undefined, probes, whatIf: false },
      fact: words,
      choose: async () => chosen,
      settings,
      localizationId: undefined,
      warnings: () => (lacking ? [lacking] : []),
    },
    options,
  );
  const result = await recordEdit(context, evaluated);
  return { ...result, topic: about, generic, cached };
}

/** The edit of a relation, for which the relation's name stands where others have a fact: erasing asks for no object. */
export function relationEdit(relation: string, operation: Operation): EditFile {
  return editSchema.parse({
    name: `erase ${relation}`,
    fact: { subject: relation, relation, object: relation, prompts: [relation] },
    operation,
  });
}

async function readTopic(
  context: Context,
  relation: string,
  file: string | undefined,
  limit: number,
  seed: number,
): Promise<Topic> {
  const listed = file === undefined ? context.expected : readFactBase(file);
  const source = file ?? 'facts.json';
  const own = listed.filter((one) => one.relation === relation);
  if (own.length === 0) {
    const names = [...new Set(listed.map((one) => one.relation))];
    throw new InputError(
      names.length === 0
        ? 'no facts of this model are known; run kn-edit background build, or name a file of facts'
        : `${file ?? 'the fact base'} has no facts of this relation${didYouMean(relation, names) || `; it has ${names.join(', ')}`}`,
      'relation',
    );
  }
  const known = file === undefined ? own : (await findKnown(context.work, [own])).bases.flat();
  if (known.length === 0) {
    throw new InputError(`${source}: the model knows no fact of this relation, so there is nothing to erase`);
  }
  const located = draw(known, limit, seeded(seed));
  const taken = new Set(located);
  return { located, heldOut: known.filter((one) => !taken.has(one)), source };
}

/** The relation as what an edit is about: every wording of all its facts. */
function wordsOf(relation: string, facts: readonly BaseFact[]): FactWords {
  return {
    subject: '',
    relation,
    object: '',
    prompts: facts.flatMap(({ prompts }) => prompts),
    heldOut: facts.flatMap(({ heldOut }) => heldOut),
  };
}

/** The neurons that most of the facts share, without those that facts of other relations share too. */
async function locateTopic(
  context: Context,
  { located, source }: Topic,
  words: FactWords,
  settings: LocateSettings,
  count: number,
): Promise<{ chosen: LocatedNeuron[]; generic: GenericNeuron[]; cached: number }> {
  const { neurons: width } = context.model;
  const { maps, cached } = await mapsOfFacts(context, located, settings, 'locate', source);
  const generic = genericAmong(await backgroundMaps(context, words, settings), width, settings);
  const excluded = new Set(generic.map((one) => neuronKey(toNeuronId(one))));
  const common = commonNeurons(refinedOf(maps, width, settings));
  const chosen = common.filter((one) => !excluded.has(neuronKey(toNeuronId(one)))).slice(0, count);
  if (chosen.length === 0) {
    throw new InputError(
      'the facts share no neuron that is not generic, so there is nothing to erase; lower --threshold or --share, or raise --max-generic',
    );
  }
  return { chosen, generic, cached };
}

function probeRequests(
  { expected }: Context,
  { located, heldOut, source }: Topic,
  words: FactWords,
  seed: number,
): ProbeRequest[] {
  const random = seeded(seed);
  const of = (
    role: ProbeRequest['role'],
    probes: readonly { prompt: string; expect: ProbeRequest['expect'] }[],
  ) =>
    probes.map(
      (probe): ProbeRequest => ({ ...probe, role, field: source, expectField: source, named: false }),
    );
  const ask = (prompts: readonly string[], expect: string) => prompts.map((prompt) => ({ prompt, expect }));
  const { neighborhood, unrelated } = drawProbes(expected, words);
  return [
    ...of(
      'target',
      located.flatMap(({ prompts, object }) => ask(prompts, object)),
    ),
    ...of(
      'paraphrase',
      located.flatMap(({ heldOut: others, object }) => ask(others, object)),
    ),
    ...of(
      'paraphrase',
      heldOut.flatMap((one) => askOnce(one, random)),
    ),
    ...of('neighborhood', neighborhood),
    ...of('unrelated', unrelated),
  ];
}
