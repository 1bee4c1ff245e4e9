// Planning: what an operation does to each of its neurons, for several choices of neurons at once, before anything is
// carried out.

import type { HeldPrompt } from '../engine/pool/tasks.js';
import { groupBy } from '../group.js';
import type { NeuronId } from '../lm/overlay.js';
import { ownerOf } from '../lm/owners.js';
import { percent } from '../report/numbers.js';
import { isOfWholeLayers, isSolved, type Operation } from '../spec/edit-file.js';
import type { Change } from '../surgery/change.js';
import { addGram, columnsOf } from '../surgery/linear-algebra.js';
import { type Metric, partOf } from '../surgery/metric.js';
import { MEMIT_LAMBDA } from '../surgery/subject/memit.js';
import type { Context } from './context.js';
import type { Operator } from './edit-probes.js';
import { asHeld } from './held.js';

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
    const { neurons: width } = context.model;
    const keys = await context.run('heldKeys', { layer, group });
    const gram = new Float64Array(neurons.length ** 2);
    addGram(gram, columnsOf(keys, width, neurons), neurons.length, width / Math.max(1, keys.length));
    return gram;
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
    const fix = this.holds ? 'change more neurons, or hold fewer probes' : 'name another layer';
    return `the new answer reaches only ${percent(confidence)} on some locating prompt${this.metrics ? ', by itself or behind another sentence' : ''}: ${fix}`;
  }

  /** The choices, those of the same layers together. */
  private sameLayers(): (readonly NeuronId[])[][] {
    return [...groupBy(this.choices, (choice) => this.layersOf(choice).join()).values()];
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
