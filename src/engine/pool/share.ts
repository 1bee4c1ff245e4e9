// One score map by several workers: the layers are shared out, so that a single prompt keeps all cores busy.
import type { Question } from '../../lm/prompt.js';
import type {
  Attribution,
  AttributionSettings,
  Completeness,
  LayerScores,
  PathEnds,
} from '../../locate/score-map.js';
import type { TaskInput, TaskName, TaskOutput } from './tasks.js';

/** Does a task on some worker. */
export type RunTask = <K extends TaskName>(task: K, input: TaskInput<K>) => Promise<TaskOutput<K>>;

/**
 * The score map of one question, by several workers.
 * @param layers of the model
 */
export async function attributeShared(
  run: RunTask,
  workers: number,
  layers: number,
  question: Question,
  settings: AttributionSettings,
): Promise<Attribution> {
  const { site, path } = settings;
  const shares = shareLayers(layers, workers); // one per worker: larger batches are worth more than even shares
  const found = await Promise.all(
    shares.map((own) => run('pathEnds', { question, course: { site, path }, layers: own })),
  );
  const ends: PathEnds = { prob: found[0]?.prob ?? 0, deltas: new Array<number>(layers).fill(0) };
  shares.forEach((own, share) => {
    own.forEach((layer, i) => {
      ends.deltas[layer] = found[share]?.deltas[i] ?? 0;
    });
  });
  const parts = await Promise.all(
    shares.map((own) => run('attributeLayers', { question, settings, ends, layers: own })),
  );
  return { prob: ends.prob, ...assemble(shares, parts, layers) };
}

function assemble(shares: readonly number[][], parts: readonly LayerScores[], layers: number): LayerScores {
  const width = (parts[0]?.scores.length ?? 0) / (shares[0]?.length ?? 1);
  const scores = new Float32Array(layers * width);
  const completeness = new Array<Completeness>(layers);
  shares.forEach((own, share) => {
    const part = parts[share];
    own.forEach((layer, i) => {
      if (!part) return;
      scores.set(part.scores.subarray(i * width, (i + 1) * width), layer * width);
      completeness[layer] = part.completeness[i] as Completeness;
    });
  });
  return { scores, completeness };
}

/**
 * Layers in groups of about equal work: what a layer costs is what lies above it.
 * @returns at most `count` groups, each in ascending order
 */
export function shareLayers(layers: number, count: number): number[][] {
  const groups = Array.from({ length: Math.min(layers, count) }, () => ({ own: [] as number[], work: 0 }));
  for (let layer = 0; layer < layers; layer++) {
    const least = groups.reduce((best, group) => (group.work < best.work ? group : best));
    least.own.push(layer);
    least.work += layers - layer;
  }
  return groups.map(({ own }) => own);
}
