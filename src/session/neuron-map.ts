// The map of a fact through the layers: its neurons, and how much of each one's activation runs through the others. Over a
// relation, and over the facts of a finished run: which neurons are one fact's, a relation's, everybody's.
import { InputError } from '../errors.js';
import { type Neuron, type NeuronId, neuronKey, toNeuronId } from '../lm/overlay.js';
import { type EncodedPrompt, type EncodedTarget, questionsOf, tokensIn } from '../lm/prompt.js';
import type { NeuronFlows } from '../locate/flow.js';
import { commonNeurons, type LocatedNeuron, meanMap } from '../locate/refined.js';
import { largest } from '../numbers.js';
import { draw, seeded } from '../random.js';
import { didYouMean } from '../spec/closest.js';
import type { Fact } from '../spec/edit-file.js';
import type { BaseFact } from '../spec/fact-base.js';
import type { LocateSettings } from '../spec/settings.js';
import { backgroundMaps, drawBackground, mapsOfFacts, refinedOf } from './background.js';
import type { Context } from './context.js';
import { mapFact } from './fact-maps.js';
import { localize } from './locate.js';

/**
 * Whose a neuron is: `fact`: refined for this fact (of a relation's map: for one fact of it); `relation`: for others of the
 * relation too; `everybody`: for more than `maxGeneric` of the facts of other relations; `beside`: not refined, and shown
 * because it is among the strongest of its layer.
 */
export const KINDS = ['fact', 'relation', 'everybody', 'beside'] as const;

/** A neuron of the map. */
export interface MapNeuron extends Neuron {
  kind: (typeof KINDS)[number];
  /** Share of the prompts (of a relation's map: of its facts) for which it is coarse (refined); 0 beside these. */
  share: number;
  /** Mean attribution score. */
  meanScore: number;
  /** Mean activation at the target position. */
  activation: number;
  /** Words that it promotes. */
  words: string[];
  /** Facts of the relation for which it is refined, and share of other relations' (background) facts; null without any. */
  facts: number;
  elsewhere: number | null;
  /** On the map of a run: the relation of which that is, the one in which it is commonest. */
  relation?: string | undefined;
}

/** Whose a neuron of a run is. */
export type RunNeuron = Required<
  Pick<MapNeuron, 'layer' | 'neuron' | 'kind' | 'relation' | 'facts' | 'elsewhere'>
>;

/** What a higher neuron owes to a lower one, averaged over the prompts. */
export interface MapFlow {
  /** Numbers of the lower neuron and of the higher one. */
  from: number;
  to: number;
  /** Integrated gradient, in units of the higher one's activation; and as a share of that. */
  flow: number;
  share: number;
  /** What of the higher one's score hangs on the lower one: the share of its mean score. */
  score: number;
  /** Largest completeness residual over the prompts. */
  residual: number;
}

/** The map; the shape that scripts read. */
export interface NeuronMap {
  model: string;
  layers: number;
  /** The fact; or the relation, and how many of its facts were located; or a run, and its facts and relations. */
  about:
    | { fact: Fact }
    | { relation: string; facts: number }
    | { run: string; facts: number; relations: number };
  prompts: number;
  /** In the order of the layers, the strongest of each first. */
  neurons: MapNeuron[];
  /** Between every two of different layers, the largest share of a score first. */
  flows: MapFlow[];
  /** Largest completeness residual. */
  residual: number;
  /** How many neurons of each kind there are in all; some may not be shown. */
  counts: Record<Exclude<(typeof KINDS)[number], 'beside'>, number>;
  /** On the map of a run: every neuron that is refined for a fact of it, the commonest first. */
  all?: RunNeuron[] | undefined;
  seconds: number;
}

export interface MapOptions {
  /** Neurons that are shown, at most (24). */
  neurons?: number | undefined;
  /** Of a relation: facts that are located, at most; of a run: facts that are asked for the flows, and one of each relation at least (20). */
  limit?: number | undefined;
}

const NEURONS = 24;
export const LIMIT = 20;
/** Neurons that a layer is filled up to. */
const LEAST = 3;
const WORDS = 3;

/** A prompt on which flows are followed; of several relations, those of neurons that belong to its own. */
export interface AskedFact {
  prompt: EncodedPrompt;
  target: EncodedTarget;
  relation?: string | undefined;
}

/** Where the strongest neurons are taken from, and what is asked of them. */
export interface Ground {
  about: NeuronMap['about'];
  refined: LocatedNeuron[];
  /** [L, F] */
  meanScores: Float32Array;
  asked: AskedFact[];
  whose: Whose;
}

/** The map of one fact. @throws InputError as locating it does */
export async function mapOfFact(
  context: Context,
  given: Fact,
  settings: LocateSettings,
  options: MapOptions,
): Promise<NeuronMap> {
  const maps = await mapFact(context, given, settings);
  const { fact, object } = maps;
  const { localization, meanScores } = localize(maps, settings);
  const { prompts } = await context.run('encode', {
    prompts: fact.prompts.map((value) => ({ field: 'fact.prompts', value })),
    targets: [],
  });
  const background = refinedOf(maps.background, maps.width, settings);
  const facts = drawBackground(context.facts, fact);
  const generic = new Set(localization.generic.map((one) => neuronKey(toNeuronId(one))));
  const common = (refinedOf([maps.own], maps.width, settings)[0] ?? []).filter((one) =>
    generic.has(neuronKey(toNeuronId(one))),
  );
  const refined = [...localization.neurons, ...common];
  const ofRelation = (own: boolean) =>
    background.filter((_, i) => (facts[i]?.relation === fact.relation) === own);
  return drawMap(
    context,
    {
      about: { fact },
      refined,
      meanScores,
      asked: prompts.map((prompt) => ({ prompt, target: object })),
      whose: new OfRelation([refined, ...ofRelation(true)], ofRelation(false), settings.maxGeneric),
    },
    settings,
    options,
  );
}

/** The map of a relation. @throws InputError when no facts of it are known */
export async function mapOfRelation(
  context: Context,
  relation: string,
  settings: LocateSettings,
  options: MapOptions,
): Promise<NeuronMap> {
  const facts = factsOf(context, relation, options.limit ?? LIMIT);
  const { neurons: width } = context.model;
  const { maps } = await mapsOfFacts(context, facts, settings, 'locate');
  const own = refinedOf(maps, width, settings);
  const background = drawBackground(context.facts);
  const elsewhere = refinedOf(await backgroundMaps(context, undefined, settings), width, settings);
  const { prompts, targets } = await context.run('encode', {
    prompts: facts.map((one) => ({ field: 'facts.json', value: one.prompts[0] ?? '' })),
    targets: facts.map(({ object }) => ({ field: 'facts.json', value: object })),
  });
  return drawMap(
    context,
    {
      about: { relation, facts: facts.length },
      refined: commonNeurons(own),
      meanScores: meanMap(maps.flat().map(({ scores }) => scores)),
      asked: prompts.flatMap((prompt, i) => {
        const target = targets[i];
        return target ? [{ prompt, target }] : [];
      }),
      whose: new OfRelation(
        own,
        elsewhere.filter((_, i) => background[i]?.relation !== relation),
        settings.maxGeneric,
      ),
    },
    settings,
    options,
  );
}

function factsOf({ expected }: Context, relation: string, limit: number): BaseFact[] {
  const own = expected.filter((one) => one.relation === relation);
  if (own.length > 0) return draw(own, limit, seeded(1));
  const names = [...new Set(expected.map((one) => one.relation))];
  throw new InputError(
    names.length === 0
      ? 'no facts of this model are known; run kn-edit background build'
      : `no facts of this relation are known${didYouMean(relation, names) || `; there are ${names.join(', ')}`}`,
    'relation',
  );
}

/** Chooses the neurons to show, and follows what flows between them. */
export async function drawMap(
  context: Context,
  ground: Ground,
  settings: Pick<LocateSettings, 'rule' | 'steps' | 'tolerance'>,
  options: MapOptions,
): Promise<NeuronMap> {
  const start = performance.now();
  const { model } = context;
  const { whose } = ground;
  const shown = strongest(ground, model, options.neurons ?? NEURONS);
  const ids = shown.map(toNeuronId);
  const found = await flowsOver(context, ground.asked, ids, settings);
  const words = await context.run('promoted', { neurons: ids, count: WORDS });
  /** Over the prompts of a neuron's relation, where there are several relations and it has prompts here. */
  const meanFor = (neuron: number, value: (one: NeuronFlows) => number) => {
    const relation = whose.relation?.(ids[neuron] ?? [0, 0]);
    const own = found.filter((one) => one.relation === relation);
    const over = own.length > 0 ? own : found;
    return over.reduce((sum, { flows }) => sum + value(flows), 0) / Math.max(1, over.length);
  };
  const neurons = shown.map((one, i): MapNeuron => {
    const at = ids[i] ?? [0, 0];
    return {
      ...one,
      kind: whose.kindOf(at, one.share > 0),
      activation: meanFor(i, ({ activations }) => activations[i] ?? 0),
      words: words[i] ?? [],
      facts: whose.facts(at),
      elsewhere: whose.elsewhere(at),
      ...(whose.relation && { relation: whose.relation(at) }),
    };
  });
  const pairs = found[0]?.flows.flows ?? [];
  const flows = pairs.map(({ from, to }, k): MapFlow => {
    const flow = meanFor(to, (one) => one.flows[k]?.flow ?? 0);
    const { activation = 0, meanScore = 0 } = neurons[to] ?? {};
    const share = activation === 0 ? 0 : flow / activation;
    const residual = largest(
      found.map((one) => one.flows.flows[k]?.residual ?? 0),
      0,
    );
    return { from, to, flow, share, score: share * meanScore, residual };
  });
  return {
    model: model.name,
    layers: model.layers,
    about: ground.about,
    prompts: ground.asked.length,
    neurons,
    flows: flows.sort((a, b) => Math.abs(b.score) - Math.abs(a.score)),
    residual: largest(
      flows.map(({ residual }) => residual),
      0,
    ),
    counts: countsOf(whose, ground.refined),
    seconds: (performance.now() - start) / 1000,
  };
}

/**
 * The neurons to show, in the order of the layers: refined ones by their rank; then, where layers have few of them, the
 * strongest others, so that the way through the layers is seen.
 */
function strongest(
  { refined, meanScores }: Ground,
  { layers, neurons: width }: Context['model'],
  most: number,
): LocatedNeuron[] {
  const shown = refined.slice(0, most);
  const taken = new Set(shown.map((one) => neuronKey(toNeuronId(one))));
  const others = Array.from({ length: layers }, (_, layer) => {
    const own = meanScores.subarray(layer * width, (layer + 1) * width);
    const order = [...own.keys()].filter((neuron) => !taken.has(neuronKey([layer, neuron])));
    const free = Math.max(0, LEAST - shown.filter((one) => one.layer === layer).length);
    return order
      .sort((a, b) => (own[b] ?? 0) - (own[a] ?? 0))
      .slice(0, free)
      .map((neuron): LocatedNeuron => {
        const all = refined.find((one) => one.layer === layer && one.neuron === neuron);
        return { layer, neuron, share: all?.share ?? 0, meanScore: own[neuron] ?? 0 };
      });
  });
  const beside = others
    .flat()
    .sort((a, b) => b.meanScore - a.meanScore)
    .slice(0, most - shown.length);
  return [...shown, ...beside].sort((a, b) => a.layer - b.layer || b.meanScore - a.meanScore);
}

/** The flows on every prompt: of an answer of several tokens, the mean over its tokens. */
async function flowsOver(
  context: Context,
  asked: Ground['asked'],
  neurons: NeuronId[],
  { rule, steps, tolerance }: Pick<LocateSettings, 'rule' | 'steps' | 'tolerance'>,
): Promise<{ relation: string | undefined; flows: NeuronFlows }[]> {
  const sequences = asked.flatMap(({ prompt, target, relation }) =>
    questionsOf(prompt, tokensIn(prompt, target)).map(({ ids, position }) => ({
      relation,
      prompt: { ids, position },
    })),
  );
  let done = 0;
  context.progress('flows', 0, sequences.length);
  return Promise.all(
    sequences.map(async ({ relation, prompt }) => {
      const settings = { rule, steps, tolerance };
      const found = await context.run('flows', { prompt, neurons, settings });
      context.progress('flows', ++done, sequences.length);
      return { relation, flows: found };
    }),
  );
}

/** Whose neurons are. */
export interface Whose {
  /** Facts of the relation for which a neuron is refined. */
  facts(at: NeuronId): number;
  /** Share of the facts of other relations; null without any. */
  elsewhere(at: NeuronId): number | null;
  kindOf(at: NeuronId, isRefined: boolean): MapNeuron['kind'];
  /** Of neurons of several relations: the one that is meant. */
  relation?(at: NeuronId): string;
}

/** The same for neurons of one relation. */
export class OfRelation implements Whose {
  private readonly own: ReadonlyMap<string, number>;
  private readonly other: ReadonlyMap<string, number>;

  /**
   * @param relation refined neurons of each of its facts (of one fact: of its own, and of others of its relation)
   * @param others of each fact of other relations
   */
  constructor(
    relation: readonly (readonly LocatedNeuron[])[],
    private readonly others: readonly (readonly LocatedNeuron[])[],
    private readonly maxGeneric: number,
  ) {
    this.own = countOf(relation);
    this.other = countOf(others);
  }

  facts(at: NeuronId): number {
    return this.own.get(neuronKey(at)) ?? 0;
  }

  elsewhere(at: NeuronId): number | null {
    const { length } = this.others;
    return length === 0 ? null : (this.other.get(neuronKey(at)) ?? 0) / length;
  }

  kindOf(at: NeuronId, isRefined: boolean): MapNeuron['kind'] {
    if ((this.elsewhere(at) ?? 0) > this.maxGeneric) return 'everybody';
    if (!isRefined) return 'beside';
    return this.facts(at) > 1 ? 'relation' : 'fact';
  }
}

/** How many neurons there are of each kind. */
function countsOf(whose: Whose, refined: readonly LocatedNeuron[]): NeuronMap['counts'] {
  const kinds = refined.map((one) => whose.kindOf(toNeuronId(one), true));
  const count = (kind: MapNeuron['kind']) => kinds.filter((one) => one === kind).length;
  return { fact: count('fact'), relation: count('relation'), everybody: count('everybody') };
}

function countOf(facts: readonly (readonly LocatedNeuron[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of facts.flatMap((own) => own.map((one) => neuronKey(toNeuronId(one))))) {
    counts.set(key, 1 + (counts.get(key) ?? 0));
  }
  return counts;
}
