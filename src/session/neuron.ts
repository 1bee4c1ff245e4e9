// One neuron, seen from every side: what it says, when it fires, for which facts it is refined, which edits touch it, and
// what becomes of a fact, or of an edit, without it.
import { InputError } from '../errors.js';
import type { EditSummary } from '../ledger/edits.js';
import type { PastFact } from '../ledger/localizations.js';
import type { ModelInfo } from '../lm/model-info.js';
import { type Neuron, type NeuronId, neuronKey, toNeuronId } from '../lm/overlay.js';
import { ownerOf } from '../lm/owners.js';
import type { LocatedNeuron } from '../locate/refined.js';
import type { TokenActivation, Words } from '../locate/words.js';
import { draftEdit, type Fact } from '../spec/edit-file.js';
import type { LocateSettings } from '../spec/settings.js';
import { backgroundMaps, drawBackground, refinedOf } from './background.js';
import type { Context } from './context.js';
import { type ControlResult, controlChoices, runControls } from './controls.js';
import { encodeGiven } from './edit-probes.js';
import { type FactMaps, mapFact } from './fact-maps.js';
import { type EditAtHand, type LeaveOutResult, leaveOut } from './leave-out.js';
import { localize } from './locate.js';
import { measure } from './measure.js';
import { carryOut } from './operate.js';
import { type EditMetrics, metricsOf } from './outcome.js';

/** What a neuron is; the shape that scripts read. */
export interface NeuronView extends Neuron {
  model: string;
  /** What a unit of its activation adds to the logits of tokens, through the head and along the embeddings as written. */
  words: Record<'readout' | 'embedding', Words>;
  /** Of its value vector; `rank` 1 is the longest of the layer. */
  norm: { value: number; rank: number; of: number; median: number };
  /** Null where no facts of the model are known. */
  background: BackgroundView | null;
  /** Facts that were located before. */
  past: { located: number; facts: PastFact[] };
  /** Edits of the ledger that change its value vector, newest first. */
  edits: Pick<EditSummary, 'id' | 'name' | 'operation' | 'status'>[];
  fact: FactView | null;
  leftOut: LeaveOutResult | null;
  seconds: number;
}

/** Which of the model's other facts a neuron is refined for. */
export interface BackgroundView {
  facts: number;
  refinedFor: { subject: string; relation: string; object: string }[];
  share: number;
  /** It is refined for so many that it is left out as generic. */
  generic: boolean;
  maxGeneric: number;
}

/** What a neuron is to a fact. */
export interface FactView {
  fact: Fact;
  /** Its place in the fact's localization; null where it is not refined. */
  refined: LocatedNeuron | null;
  prompts: NeuronOnPrompt[];
  /** What happens when its value vector is taken to zero, and when it is doubled. */
  operations: { operation: 'suppress' | 'amplify'; metrics: EditMetrics; control: ControlResult | null }[];
}

/** What a neuron does on one prompt. */
export interface NeuronOnPrompt {
  prompt: string;
  /** P(object) */
  prob: number;
  /** Attribution score there, and whether the neuron is coarse. */
  score: number;
  coarse: boolean;
  /** Activation at the target position, and at every token. */
  activation: number;
  position: number;
  tokens: TokenActivation[];
}

export interface NeuronOptions {
  fact?: Fact | undefined;
  /** The edit at hand, from a file or by its id in the ledger: what happens when the neuron is left out of it. */
  edit?: EditAtHand | undefined;
}

/** Words of either kind. */
const WORDS = 12;
/** Random neurons of the same layer, to which the same is done. */
const DRAWS = 5;

/**
 * Looks at a neuron in the model's present state.
 * @throws InputError when there is no such neuron, the fact does not fit the model, or the edit does not change the neuron
 */
export async function viewNeuron(
  context: Context,
  neuron: Neuron,
  { fact, edit }: NeuronOptions,
  settings: LocateSettings,
): Promise<NeuronView> {
  const start = performance.now();
  const { model, ledger } = context;
  const at = toNeuronId(neuron);
  expectInside(model, at);
  const owned: NeuronId = [ownerOf(model, at[0]), at[1]];
  const leftOut = edit === undefined ? null : await leaveOut(context, at, edit, settings);
  const maps = fact && (await mapFact(context, fact, settings));
  return {
    layer: neuron.layer,
    neuron: neuron.neuron,
    model: model.name,
    words: await context.run('words', { neuron: at, count: WORDS }),
    norm: rankOf(await context.run('valueNorms', { layer: at[0] }), at[1]),
    background: await backgroundView(context, at, maps, settings),
    past: ledger?.localizations.refinedFor(at) ?? { located: 0, facts: [] },
    edits: ledger?.edits.touching(owned) ?? [],
    fact: maps ? await factView(context, at, maps, settings) : null,
    leftOut,
    seconds: (performance.now() - start) / 1000,
  };
}

/** @throws InputError that names the neuron and the size of the model */
export function expectInside({ layers, neurons }: ModelInfo, [layer, neuron]: NeuronId): void {
  if (layer < layers && neuron < neurons) return;
  throw new InputError(
    `neuron ${neuronKey([layer, neuron])}: is outside the model (${layers} layers of ${neurons} neurons)`,
  );
}

function rankOf(norms: readonly number[], neuron: number): NeuronView['norm'] {
  const value = norms[neuron] ?? 0;
  const sorted = norms.toSorted((a, b) => a - b);
  const rank = 1 + norms.filter((one) => one > value).length;
  return { value, rank, of: norms.length, median: sorted[Math.floor(sorted.length / 2)] ?? 0 };
}

async function backgroundView(
  context: Context,
  at: NeuronId,
  maps: FactMaps | undefined,
  settings: LocateSettings,
): Promise<BackgroundView | null> {
  const background = maps?.background ?? (await backgroundMaps(context, undefined, settings));
  if (background.length === 0) return null;
  const refined = refinedOf(background, context.model.neurons, settings);
  const facts = drawBackground(context.facts, maps?.fact).filter((_, i) => findIn(refined[i] ?? [], at));
  const share = facts.length / refined.length;
  return {
    facts: refined.length,
    refinedFor: facts.map(({ subject, relation, object }) => ({ subject, relation, object })),
    share,
    generic: share > settings.maxGeneric,
    maxGeneric: settings.maxGeneric,
  };
}

function findIn<T extends Neuron>(neurons: readonly T[], at: NeuronId): T | undefined {
  return neurons.find((one) => neuronKey(toNeuronId(one)) === neuronKey(at));
}

async function factView(
  context: Context,
  at: NeuronId,
  maps: FactMaps,
  settings: LocateSettings,
): Promise<FactView> {
  const { localization } = localize(maps, settings);
  const { prompts } = maps.fact;
  const encoded = await context.run('encode', {
    prompts: prompts.map((value) => ({ field: 'fact.prompts', value })),
    targets: [],
  });
  const active = await context.run('activity', { neuron: at, texts: encoded.prompts });
  const place = at[0] * maps.width + at[1];
  return {
    fact: maps.fact,
    refined: findIn(localization.neurons, at) ?? null,
    prompts: encoded.prompts.map(({ prompt, position }, i) => {
      const tokens = active[i] ?? [];
      return {
        prompt,
        prob: maps.own[i]?.prob ?? 0,
        score: maps.own[i]?.scores[place] ?? 0,
        coarse: findIn(localization.prompts[i]?.coarse ?? [], at) !== undefined,
        activation: tokens[position]?.activation ?? 0,
        position,
        tokens,
      };
    }),
    operations: await operateAlone(context, at, maps.fact),
  };
}

/** The neuron's value vector alone at zero and doubled, each beside random neurons of its layer. */
async function operateAlone(
  context: Context,
  [layer, neuron]: NeuronId,
  fact: Fact,
): Promise<FactView['operations']> {
  const owned: NeuronId = [ownerOf(context.model, layer), neuron];
  const draws = controlChoices(context, [owned], [owned[0]], 'random', DRAWS);
  const edit = { ...draftEdit(fact), neurons: [[...owned]] satisfies [number, number][] };
  const { probes } = await encodeGiven(context, edit);
  const before = await measure(context, probes, { overlay: context.overlay });
  const found: FactView['operations'] = [];
  for (const [operation, scale] of [
    ['suppress', 0],
    ['amplify', 2],
  ] as const) {
    const operator = { edit, rewrite: undefined, probes, whatIf: false };
    const plan = (neurons: readonly NeuronId[]) => ({ neurons, changes: neurons.map(() => ({ scale })) });
    const { after } = await carryOut(context, operator, plan([owned]));
    const plans = draws.map((one) => plan(one.neurons));
    const { control = null } = (await runControls(context, operator, draws, plans, before, undefined)) ?? {};
    found.push({ operation, metrics: metricsOf(before, after), control });
  }
  return found;
}
