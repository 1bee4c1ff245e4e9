// The map of a finished run: whose its neurons are, from its results, with nothing located again; what flows between them is
// asked of the model.

import { InputError } from '../errors.js';
import { groupBy } from '../group.js';
import { type NeuronId, toNeuronId } from '../lm/overlay.js';
import { commonNeurons, type LocatedNeuron } from '../locate/refined.js';
import { draw, seeded } from '../random.js';
import type { Context } from '../session/context.js';
import {
  drawMap,
  LIMIT,
  type MapOptions,
  type NeuronMap,
  OfRelation,
  type RunNeuron,
  type Whose,
} from '../session/neuron-map.js';
import type { LocateOptions } from '../spec/settings.js';
import type { Manifest } from './manifest.js';
import { noNeuron, unknownRelation } from './refusals.js';
import type { SweepResult } from './result.js';
import { expectState, readResults, upToDate } from './run-directory.js';

/** A run, or one relation of it. */
export interface RunAbout {
  /** Its directory. */
  run: string;
  relation?: string | undefined;
}

/** A fact of the run, with all that is refined for it. */
interface Located {
  relation: string;
  object: string;
  prompt: string;
  neurons: LocatedNeuron[];
}

/**
 * @param locate `maxGeneric` alone, in place of the run's: the run is located
 * @throws InputError when there is no run, or none of the relation; ConflictError when it is of another model, or other edits
 */
export async function mapOfRun(
  context: Context,
  { run, relation }: RunAbout,
  locate: LocateOptions,
  options: MapOptions,
): Promise<NeuronMap> {
  const manifest = upToDate(run);
  expectState(run, manifest, context.state);
  const { settings } = manifest.task;
  const { maxGeneric = settings.maxGeneric, ...others } = locate;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new InputError(
      'a run is located; of the options of locating, --max-generic alone goes with it',
      other,
    );
  }
  const { facts, meanScores } = await readLocated(run, manifest, relation);
  const groups = groupBy(facts, (fact) => fact.relation);
  const own = relation === undefined ? facts : (groups.get(relation) ?? []);
  if (own.length === 0) {
    throw unknownRelation('run', relation ?? '', [...groups.keys()], 'relation');
  }
  const whose = new OfRun(groups, maxGeneric);
  const refined = commonNeurons(own.map(({ neurons }) => neurons));
  const drawn = relation === undefined ? [...groups.values()] : [own];
  const each = Math.ceil((options.limit ?? LIMIT) / drawn.length);
  const asked = drawn.flatMap((group) => draw(group, each, seeded(1)));
  const { prompts, targets } = await context.run('encode', {
    prompts: asked.map(({ prompt }) => ({ field: 'results.jsonl', value: prompt })),
    targets: asked.map(({ object }) => ({ field: 'results.jsonl', value: object })),
  });
  const ground = {
    meanScores,
    asked: prompts.flatMap((prompt, i) => {
      const target = targets[i];
      return target ? [{ prompt, target, relation: asked[i]?.relation }] : [];
    }),
  };
  if (relation !== undefined) {
    const about = { relation, facts: own.length };
    return drawMap(context, { ...ground, about, refined, whose: whose.of(relation) }, settings, options);
  }
  const about = { run, facts: facts.length, relations: groups.size };
  const ofTheirs = refined.map((one) => ({ ...one, share: whose.share(toNeuronId(one)) }));
  const map = await drawMap(
    context,
    { ...ground, about, refined: inTurn(ofTheirs, whose), whose },
    settings,
    options,
  );
  return { ...map, all: refined.map((one) => whose.about(toNeuronId(one))) };
}

/** The facts that have a neuron, and the mean scores of those of the relation [L, F]; scores that were not kept count as 0. */
async function readLocated(
  run: string,
  { model: { layers, neurons: width } }: Manifest,
  relation: string | undefined,
): Promise<{ facts: Located[]; meanScores: Float32Array }> {
  const facts: Located[] = [];
  const meanScores = new Float32Array(layers * width);
  let prompts = 0;
  for await (const result of readResults(run)) {
    if (result.neurons.length + result.generic.length === 0) continue;
    const [first] = result.prompts;
    facts.push({
      relation: result.relation,
      object: result.object,
      prompt: first?.prompt ?? '',
      neurons: [...result.neurons, ...genericOf(result)],
    });
    if (relation !== undefined && relation !== result.relation) continue;
    prompts += result.prompts.length;
    for (const [layer, neuron, score] of result.prompts.flatMap(({ scores }) => scores)) {
      const place = layer * width + neuron;
      meanScores[place] = (meanScores[place] ?? 0) + score;
    }
  }
  if (facts.length === 0) throw noNeuron(run);
  return { facts, meanScores: meanScores.map((sum) => sum / Math.max(1, prompts)) };
}

/** What the run left out as generic is refined, too. */
function genericOf({ generic, prompts }: SweepResult): LocatedNeuron[] {
  return generic.map(([layer, neuron]) => {
    const isIt = ([l, n]: readonly number[]) => l === layer && n === neuron;
    const coarse = prompts.filter((prompt) => prompt.coarse.some(isIt)).length;
    const score = prompts.reduce((sum, { scores }) => sum + (scores.find(isIt)?.[2] ?? 0), 0);
    return { layer, neuron, share: coarse / prompts.length, meanScore: score / prompts.length };
  });
}

/** Whose neurons of several relations are: each is taken for one of the relation in which it is commonest. */
class OfRun implements Whose {
  private readonly relations: { name: string; facts: number; whose: OfRelation }[];

  constructor(groups: ReadonlyMap<string, readonly Located[]>, maxGeneric: number) {
    this.relations = [...groups].map(([name, own]) => {
      const others = [...groups.values()].flatMap((group) => (group === own ? [] : group));
      const neuronsOf = (facts: readonly Located[]) => facts.map(({ neurons }) => neurons);
      return {
        name,
        facts: own.length,
        whose: new OfRelation(neuronsOf(own), neuronsOf(others), maxGeneric),
      };
    });
  }

  of(relation: string): Whose {
    const found = this.relations.find(({ name }) => name === relation);
    if (!found) throw new Error(`no relation ${relation}`);
    return found.whose;
  }

  relation(at: NeuronId): string {
    return this.main(at).name;
  }

  facts(at: NeuronId): number {
    return this.main(at).whose.facts(at);
  }

  elsewhere(at: NeuronId): number | null {
    return this.main(at).whose.elsewhere(at);
  }

  kindOf(at: NeuronId, isRefined: boolean) {
    return this.main(at).whose.kindOf(at, isRefined);
  }

  about(at: NeuronId): RunNeuron {
    const [layer, neuron] = at;
    const { name, whose } = this.main(at);
    const [facts, elsewhere] = [whose.facts(at), whose.elsewhere(at)];
    return { layer, neuron, kind: whose.kindOf(at, true), relation: name, facts, elsewhere };
  }

  /** Share of the facts of its relation for which a neuron is refined. */
  share(at: NeuronId): number {
    const { whose, facts } = this.main(at);
    return whose.facts(at) / facts;
  }

  private main(at: NeuronId) {
    const share = ({ whose, facts }: (typeof this.relations)[number]) => whose.facts(at) / facts;
    return this.relations.reduce((best, one) => (share(one) > share(best) ? one : best));
  }
}

/** The neurons in the order in which they are shown: everybody's and each relation's in turn, then those of single facts. */
function inTurn(refined: readonly LocatedNeuron[], whose: OfRun): LocatedNeuron[] {
  const groups = groupBy(refined, (one) => {
    const at = toNeuronId(one);
    const kind = whose.kindOf(at, true);
    return kind === 'relation' ? `of ${whose.relation(at)}` : kind;
  });
  const single = groups.get('fact') ?? [];
  const turns = [...groups.values()].filter((group) => group !== single);
  const rounds = Math.max(0, ...turns.map(({ length }) => length));
  const shared = Array.from({ length: rounds }, (_, i) => turns.flatMap((group) => group[i] ?? [])).flat();
  return [...shared, ...single.sort((a, b) => b.meanScore - a.meanScore)];
}
