// Planning: what an operation does to each of its neurons, for several choices of neurons at once, before anything is
// carried out.
import type { HeldPrompt } from '../engine/pool/tasks.js';
import type { NeuronId } from '../lm/overlay.js';
import { ownerOf } from '../lm/owners.js';
import { isOwn } from '../probe/results.js';
import { percent } from '../report/numbers.js';
import { isOfWholeLayers, isSolved, type Operation } from '../spec/edit-file.js';
import type { Change } from '../surgery/change.js';
import { MEMIT_LAMBDA } from '../surgery/subject/memit.js';
import { holding, type Metric, partOf } from '../surgery/subject/metric.js';
import { type FactWords, type HeldWording, heldPrompts } from './background.js';
import type { Context } from './context.js';
import type { Operator } from './edit-probes.js';
import type { EncodedProbe, Measuring } from './measure.js';

/** What an operation does to some neurons, one change per neuron; nothing for a what-if. */
export interface Plan {
  neurons: readonly NeuronId[];
  changes: readonly Change[];
  warning?: string | undefined;
}

/** Plans an operation. What the choices of neurons have in common is worked out once. */
export class Planner {
  /** Of a solved rewrite, by layer: what is held, as one matrix over the neurons of all choices. */
  private readonly held = new Map<number, { neurons: number[]; gram: Float64Array }>();

  /**
   * @param located the layers of the edit's own neurons, as they were located or named
   * @param metrics of an edit at the subject: what is held from the beginning in each of its layers
   */
  constructor(
    private readonly context: Context,
    private readonly operator: Operator,
    private readonly choices: readonly (readonly NeuronId[])[],
    private readonly located: readonly number[],
    private readonly metrics?: ReadonlyMap<number, Metric>,
  ) {
    if (!this.solves) return;
    for (const layer of this.layersOf(choices.flat())) {
      const neurons = [...new Set(choices.flatMap((choice) => this.within(layer, choice)))];
      const metric = metrics?.get(layer);
      const gram = metric ? partOf(metric, neurons) : new Float64Array(neurons.length ** 2);
      this.held.set(layer, { neurons, gram });
    }
  }

  private get solves(): boolean {
    return isSolved(this.operator.edit) && !this.operator.whatIf;
  }

  /** Whether what it breaks can be held in place; ROME and MEMIT hold real text alone. */
  get holds(): boolean {
    return this.solves && !isOfWholeLayers(this.operator.edit);
  }

  /** Holds groups of prompts in place in the plans to come; groups weigh the same whatever their size. */
  async hold(groups: readonly (readonly HeldPrompt[])[]): Promise<void> {
    const wanted = groups.filter(({ length }) => length > 0);
    for (const [layer, { neurons, gram }] of this.held) {
      const grams = await Promise.all(wanted.map((group) => this.gramOf(layer, neurons, group.map(asHeld))));
      // In the order of the groups, whichever was done first: the same plan has the same bytes.
      for (const more of grams) {
        more.forEach((value, i) => {
          gram[i] = (gram[i] ?? 0) + value;
        });
      }
    }
  }

  /** What a group says of some neurons [u, u]: where its subjects end, or where it is asked. */
  private async gramOf(layer: number, neurons: number[], group: HeldPrompt[]): Promise<Float64Array> {
    const { context, metrics } = this;
    if (!metrics) return context.run('heldGram', { layer, neurons, group });
    const nothing = { size: context.model.neurons, upper: new Float32Array() };
    return partOf(holding(nothing, await context.run('heldKeys', { layer, group })), neurons);
  }

  /** One plan per choice. */
  async plans(): Promise<Plan[]> {
    const { context, choices, operator } = this;
    const { edit, rewrite, probes, whatIf } = operator;
    if (whatIf) return choices.map((neurons) => ({ neurons, changes: [] }));
    if (!this.solves || !rewrite) {
      const change = await context.run('closedChange', {
        operation: edit.operation,
        object: edit.fact.object,
      });
      return choices.map((neurons) => ({ neurons, changes: neurons.map(() => change) }));
    }
    const prompts = probes.filter(({ role }) => role === 'target').map(({ prompt }) => prompt);
    const target = rewrite.to;
    const solved = await Promise.all(
      this.sameLayers().map(async (own) => {
        const layers = this.layersOf(own.flat()).map((layer) => {
          const { neurons = [], gram = new Float64Array() } = this.held.get(layer) ?? {};
          return { layer, neurons, gram, choices: own.map((choice) => this.within(layer, choice)) };
        });
        const [first] = layers;
        if (!first) return [];
        const lambda = lambdaOf(edit.operation, context.model.neurons);
        const fact = { subject: edit.fact.subject, prompts, target };
        const solutions = await (this.metrics
          ? context.run('solveAtSubject', { layers, lambda, fact })
          : context.run('solveRewrites', { ...first, prompts, target }));
        return own.map((choice, i) => [choice, solutions[i]] as const);
      }),
    );
    const found = new Map(solved.flat());
    return choices.map((choice) => {
      const { changes = [], confidence = 0 } = found.get(choice) ?? {};
      const neurons = [...choice].sort(([a], [b]) => this.layerOf(a) - this.layerOf(b)); // as the changes come
      return { neurons, changes, warning: confidence < 0.5 ? this.unsure(confidence) : undefined };
    });
  }

  private unsure(confidence: number): string {
    const fix = this.holds ? 'allow more neurons ("neurons") or hold fewer probes' : 'name other layers';
    return `the new answer reaches only ${percent(confidence)} on some locating prompt: ${fix}`;
  }

  /** The choices, those of the same layers together. */
  private sameLayers(): (readonly NeuronId[])[][] {
    const groups = new Map<string, (readonly NeuronId[])[]>();
    for (const choice of this.choices) {
      const key = this.layersOf(choice).join();
      groups.set(key, [...(groups.get(key) ?? []), choice]);
    }
    return [...groups.values()];
  }

  /** The layers in which a solved rewrite looks at some neurons, from below. */
  private layersOf(neurons: readonly NeuronId[]): number[] {
    return [...new Set(neurons.map(([layer]) => this.layerOf(layer)))].sort((a, b) => a - b);
  }

  /** Those of a choice that it looks at in a layer. */
  private within(layer: number, choice: readonly NeuronId[]): number[] {
    return choice.flatMap(([at, neuron]) => (this.layerOf(at) === layer ? [neuron] : []));
  }

  /** Of layers that share their vectors, a solved rewrite looks at the one that was located. */
  private layerOf(layer: number): number {
    const { context, located } = this;
    return located.find((own) => ownerOf(context.model, own) === layer) ?? layer;
  }
}

/** How the rank-one methods weigh real text against the key; undefined for those that hold more than text. */
function lambdaOf(operation: Operation, width: number): number | undefined {
  if (operation.type !== 'rewrite') return undefined;
  if (operation.method === 'memit') return MEMIT_LAMBDA * width;
  return operation.method === 'rome' ? 0 : undefined;
}

/** A prompt without what is known of it beside. */
export function asHeld({ prompt, expect, subject, inContexts }: HeldPrompt): HeldPrompt {
  return { prompt, expect, subject, inContexts };
}

/**
 * What is held of another edit: its own wordings, with its new answer. Where every edit of a set holds all others, the normal
 * equations of the set (MEMIT, Meng et al. 2023, equation 14) come apart into one such problem for each: with K their keys,
 * R K' (C + K K')^-1 is the sum of r_i (M^-1 k_i)' with M = C + K K', and how much k_i k_i' weighs in M moves w_i = M^-1 k_i
 * along itself only, which is scaled anyway.
 * @param answers of a rewrite, where the probes do not have them
 */
export function heldOf(
  subject: string | undefined,
  probes: readonly EncodedProbe[],
  answers?: Measuring['rewrite'],
): HeldPrompt[] {
  return probes.filter(isOwn).map(({ prompt, expect, rewrite = answers }) => {
    return { prompt, subject, expect: rewrite?.to ?? expect, inContexts: true };
  });
}

/**
 * What a solved rewrite holds from the beginning, in groups: the wordings of all other edits, the file's own probes of other
 * facts, and facts of the base in wordings that are not probed.
 */
export async function firstHeld(
  context: Context,
  { rewrite, probes }: Pick<Operator, 'rewrite' | 'probes'>,
  fact: FactWords,
  edited: readonly HeldPrompt[],
): Promise<(readonly HeldPrompt[])[]> {
  const named = probes.filter(
    (one) => one.named && (one.role === 'neighborhood' || one.role === 'unrelated'),
  );
  const object = rewrite?.from.words ?? fact.object;
  const drawn = await Promise.all(
    heldPrompts(context.expected, { ...fact, object }).map((group) => encodeHeld(context, group)),
  );
  return [edited, named, ...drawn];
}

/** Prompts of the fact base, ready to be held. */
export async function encodeHeld(context: Context, wordings: readonly HeldWording[]): Promise<HeldPrompt[]> {
  const named = wordings.map(({ prompt }) => ({ field: 'facts.json', value: prompt }));
  const encoded = await context.run('encode', { prompts: named, targets: [] });
  return encoded.prompts.map((prompt, i) => ({ prompt, subject: wordings[i]?.subject }));
}
