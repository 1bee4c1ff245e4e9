// Applying an edit: locate, probe, operate, probe again, check, record.
import { InputError } from '../errors.js';
import { extendOverlay, type NeuronId, neuronKey } from '../lm/overlay.js';
import type { LocatedNeuron } from '../locate/refined.js';
import {
  regressions as findRegressions,
  type ProbeResult,
  type Regression,
  type RoleMetrics,
  roleMetrics,
} from '../probe/results.js';
import type { EditFile, Operation } from '../spec/edit-file.js';
import type { LocateSettings } from '../spec/settings.js';
import type { Change } from '../surgery/change.js';
import { type NeuronChange, replay, type VectorChange } from '../surgery/replay.js';
import { drawProbes, heldPrompts } from './background.js';
import type { Context } from './context.js';
import { type Localization, type Located, locateFact } from './locate.js';
import { type EncodedProbe, encodeProbes, measure, type ProbeRequest } from './measure.js';
import { readVectors } from './state.js';
import { versions } from './versions.js';

/** Neurons that a solved rewrite may change unless the file says otherwise. */
const SOLVE_NEURONS = 50;

export interface ApplyOptions {
  /** Measure and report, change nothing. */
  dryRun?: boolean | undefined;
  /** Scale activations at the target position instead of value vectors; implies a dry run. */
  whatIf?: boolean | undefined;
  /** Apply although the regression check failed. */
  allowRegressions?: boolean | undefined;
}

/** What became of an edit; the shape that scripts read. */
export interface ApplyResult {
  editId: number | null;
  name: string;
  operation: string;
  status: 'applied' | 'dry-run' | 'refused';
  neurons: LocatedNeuron[];
  /** Old and new answer of a rewrite. */
  rewrite: { from: string; to: string } | null;
  before: ProbeResult[];
  after: ProbeResult[];
  regressions: Regression[];
  metrics: RoleMetrics[];
  warnings: string[];
  localization: Localization | null;
  seconds: number;
}

/**
 * Applies one edit to the model in its present state and records it in the ledger, whole or not at all.
 * @param settings how to locate, where the file does not name the neurons
 * @throws InputError when the file does not fit the model, or no neuron is located
 */
export async function applyEdit(
  context: Context,
  edit: EditFile,
  settings: LocateSettings,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const start = performance.now();
  const { operation } = edit;
  const dry = options.dryRun === true || options.whatIf === true;
  if (!dry && !context.ledger) {
    throw new InputError(
      '--base ignores the ledger, so nothing can be applied; add --dry-run, or drop --base',
    );
  }
  const { object, rewrite } = await encodeTargets(context, edit);
  const fact = { ...edit.fact, object: object.token };
  const probes = await encodeProbes(context, probeRequests(context, edit, fact));

  const located = edit.neurons ? undefined : await locateFact(context, edit.fact, settings);
  const neurons = chooseNeurons(context, edit, located);
  const ids = neurons.map(({ layer, neuron }): NeuronId => [layer, neuron]);

  context.progress('probe', 0, 2);
  const before = await measure(context, probes, context.overlay, rewrite?.to.id);
  context.progress('probe', 1, 2);

  const warnings = [...(located?.localization.warnings ?? [])];
  let vectors: VectorChange[] = [];
  let after: ProbeResult[];
  if (options.whatIf) {
    const whatIf = { neurons: ids, factor: activationFactor(operation) };
    after = await measure(context, probes, context.overlay, rewrite?.to.id, whatIf);
  } else {
    context.progress('operate', 0, 1);
    const planned = await planChanges(context, edit, fact, ids, probes, rewrite);
    if (planned.warning) warnings.push(planned.warning);
    const current = await readVectors(context, ids, context.overlay);
    vectors = replay(current, [planned.changes])[0] ?? [];
    context.progress('operate', 1, 1);
    const overlay = extendOverlay(
      context.overlay,
      vectors.map(({ at, after: vector }) => ({ at, vector })),
    );
    after = await measure(context, probes, overlay, rewrite?.to.id);
  }
  context.progress('probe', 2, 2);
  const regressions = findRegressions(before, after, edit.tolerance);

  const refused = !dry && regressions.length > 0 && !options.allowRegressions;
  const status = dry ? 'dry-run' : refused ? 'refused' : 'applied';
  const editId =
    status === 'applied' && context.ledger
      ? context.ledger.edits.apply(
          {
            name: edit.name,
            operation: operation.type,
            specification: edit,
            settings: located ? settings : undefined,
            localizationId: located?.localization.id,
            versions: versions(context),
            vectors: vectors.map((vector, i) => ({
              ...vector,
              share: neurons[i]?.share ?? 0,
              meanScore: neurons[i]?.meanScore ?? 0,
            })),
            before,
            after,
          },
          context.applied,
        )
      : null;
  return {
    editId,
    name: edit.name,
    operation: operation.type,
    status,
    neurons,
    rewrite: rewrite ? { from: rewrite.from.token, to: rewrite.to.token } : null,
    before,
    after,
    regressions,
    metrics: roleMetrics(before, after),
    warnings,
    localization: located?.localization ?? null,
    seconds: (performance.now() - start) / 1000,
  };
}

interface Token {
  id: number;
  token: string;
}

async function encodeTargets(
  context: Context,
  { fact, operation, model }: EditFile,
): Promise<{ object: Token; rewrite: { from: Token; to: Token } | undefined }> {
  if (model !== undefined && model !== context.model.name) {
    throw new InputError(
      `the edit is for "${model}", the model is "${context.model.name}"; pass --model`,
      'model',
    );
  }
  const targets = [{ field: 'fact.object', value: fact.object }];
  if (operation.type === 'rewrite') {
    targets.push({ field: 'operation.to', value: operation.to });
    targets.push({ field: 'operation.from', value: operation.from ?? fact.object });
  }
  const [object, to, from] = (await context.run('encode', { prompts: [], targets })).targets;
  if (!object) throw new Error('the object was not encoded');
  if (!to || !from) return { object, rewrite: undefined };
  if (to.id === from.id)
    throw new InputError(`"${to.token}" is the old answer; name another one`, 'operation.to');
  return { object, rewrite: { from, to } };
}

/** The file's probes, and what is drawn from the fact base so that every edit is held against its surroundings. */
function probeRequests(
  { facts }: Context,
  { probes, fact: { prompts, object } }: EditFile,
  fact: { subject: string; relation: string; object: string },
): ProbeRequest[] {
  const drawn = drawProbes(facts, fact);
  const own = prompts.map((prompt, i): ProbeRequest => {
    return {
      role: 'target',
      field: `fact.prompts.${i}`,
      expectField: 'fact.object',
      prompt,
      expect: object,
      named: true,
    };
  });
  const others = (['paraphrase', 'neighborhood', 'unrelated'] as const).flatMap((role) => {
    const named = probes[role];
    const more = role === 'paraphrase' ? [] : drawn[role];
    const fresh = more.filter(({ prompt }) => !named.some((one) => one.prompt === prompt));
    return [...named, ...fresh].map(
      (probe, i): ProbeRequest => ({
        role,
        field: i < named.length ? `probes.${role}.${i}.prompt` : 'facts.json',
        expectField: i < named.length ? `probes.${role}.${i}.expect` : 'facts.json',
        named: i < named.length,
        ...probe,
      }),
    );
  });
  return [...own, ...others];
}

/** The neurons that the operation changes. */
function chooseNeurons({ model }: Context, edit: EditFile, located: Located | undefined): LocatedNeuron[] {
  const solved = edit.operation.type === 'rewrite' && edit.operation.method === 'solve';
  if (!located) {
    const unique = new Map((edit.neurons ?? []).map((at) => [neuronKey(at), at]));
    const neurons = [...unique.values()].map(([layer, neuron], i): LocatedNeuron => {
      if (layer >= model.layers || neuron >= model.neurons) {
        throw new InputError(
          `[${layer}, ${neuron}] is outside the model (${model.layers} layers of ${model.neurons} neurons)`,
          `neurons.${i}`,
        );
      }
      return { layer, neuron, share: 1, meanScore: 0 };
    });
    if (solved && new Set(neurons.map(({ layer }) => layer)).size > 1) {
      throw new InputError('method "solve" edits one layer; name neurons of one layer', 'neurons');
    }
    return neurons;
  }
  const { localization, meanScores } = located;
  if (localization.neurons.length === 0) {
    throw new InputError(
      'no neuron is shared by enough prompts, so there is nothing to operate on; lower --threshold or --share, or add prompts',
    );
  }
  if (!solved || edit.operation.type !== 'rewrite') return localization.neurons;
  return topUp(localization, meanScores, model.neurons, edit.operation.neurons ?? SOLVE_NEURONS);
}

/** The layer that holds most located neurons, with its refined neurons first and then the next best by mean score. */
function topUp(
  { neurons, generic, prompts }: Localization,
  meanScores: Float32Array,
  width: number,
  count: number,
): LocatedNeuron[] {
  const strength = new Map<number, number>();
  for (const { layer, meanScore } of neurons) {
    strength.set(layer, (strength.get(layer) ?? 0) + 1 + Math.tanh(meanScore) * 1e-3); // ties: the stronger layer
  }
  const layer = [...strength].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
  const refined = neurons.filter((one) => one.layer === layer);
  const taken = new Set([...refined, ...generic].map((one) => neuronKey([one.layer, one.neuron])));
  const next = Array.from({ length: width }, (_, neuron) => neuron)
    .filter((neuron) => !taken.has(neuronKey([layer, neuron])))
    .map((neuron): LocatedNeuron => {
      const coarse = prompts.filter((prompt) => prompt.coarse.some(([l, n]) => l === layer && n === neuron));
      const meanScore = meanScores[layer * width + neuron] ?? 0;
      return { layer, neuron, share: coarse.length / prompts.length, meanScore };
    })
    .sort((a, b) => b.meanScore - a.meanScore);
  return [...refined, ...next].slice(0, Math.max(count, refined.length));
}

/** What the operation does to each neuron. */
async function planChanges(
  context: Context,
  { operation, fact: { object } }: EditFile,
  fact: { subject: string; relation: string; object: string },
  ids: readonly NeuronId[],
  probes: readonly EncodedProbe[],
  rewrite: { from: Token; to: Token } | undefined,
): Promise<{ changes: NeuronChange[]; warning?: string | undefined }> {
  const pair = (changes: (i: number) => Change) => ids.map((at, i) => ({ at, change: changes(i) }));
  if (operation.type !== 'rewrite' || operation.method !== 'solve') {
    const change = await context.run('closedChange', { operation, object });
    return { changes: pair(() => change) };
  }
  const held = heldPrompts(context.facts, { ...fact, object: rewrite?.from.token ?? fact.object });
  const encoded = await Promise.all(
    held.map((group) =>
      context.run('encode', { prompts: group.map((value) => ({ field: 'facts.json', value })), targets: [] }),
    ),
  );
  const named = probes.filter(
    (one) => one.named && (one.role === 'neighborhood' || one.role === 'unrelated'),
  );
  const solution = await context.run('solveRewrite', {
    layer: ids[0]?.[0] ?? 0,
    neurons: ids.map(([, neuron]) => neuron),
    prompts: probes.filter(({ role }) => role === 'target').map(({ prompt }) => prompt),
    target: rewrite?.to.id ?? 0,
    hold: [named.map(({ prompt }) => prompt), ...encoded.map(({ prompts }) => prompts)],
  });
  const warning =
    solution.confidence < 0.5
      ? `the new answer reaches only ${(100 * solution.confidence).toFixed(1)}% on some locating prompt: ` +
        'allow more neurons ("neurons") or hold fewer probes'
      : undefined;
  return { changes: pair((i) => solution.changes[i] ?? { scale: 1 }), warning };
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
