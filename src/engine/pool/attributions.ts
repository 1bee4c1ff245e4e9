// Many score maps on a pool: of a small model several prompts at once, of a large one several workers for a prompt.
import { batches } from '../../lm/batches.js';
import type { NetworkInfo } from '../../lm/model-info.js';
import type { Question } from '../../lm/prompt.js';
import type { Attribution, MapSettings } from '../../locate/score-map.js';
import { attributeShared, type RunTask } from './share.js';

/** Weights of all FFNs from which on the matrix products are large enough to keep a core busy by themselves. */
const LARGE = 10_000_000;
/** Prompts of a small model that are run at once: with more, an interruption would lose much. */
const AT_ONCE = 8;

/**
 * Score maps of many questions, each as soon as it is there.
 * @returns one promise per question
 */
export function attributeMany(
  run: RunTask,
  workers: number,
  network: NetworkInfo,
  questions: readonly Question[],
  settings: MapSettings,
): Promise<Attribution>[] {
  if (isLarge(network)) {
    // With noise there is a model for every sample, so that there are no layers to share.
    const helpers = settings.noise ? 1 : Math.floor(workers / questions.length);
    return questions.map((question) =>
      helpers > 1
        ? attributeShared(run, helpers, network.layers, question, settings)
        : run('attribute', { questions: [question], settings }).then(([map]) => map as Attribution),
    );
  }
  const most = Math.min(AT_ONCE, Math.ceil(questions.length / workers));
  const maps = new Array<Promise<Attribution>>(questions.length);
  for (const indices of batches(questions, () => most)) {
    const group = indices.map((i) => questions[i] as Question);
    const found = run('attribute', { questions: group, settings });
    indices.forEach((index, i) => {
      maps[index] = found.then((all) => all[i] as Attribution);
    });
  }
  return maps;
}

/** Whether one prompt keeps a core busy. */
export function isLarge({ layers, neurons, hidden }: NetworkInfo): boolean {
  return layers * neurons * hidden >= LARGE;
}
