// Many score maps on a pool: of a small model several prompts at once, of a large one several workers for a prompt.
import type { ModelInfo } from '../lm/language-model.js';
import type { Question } from '../lm/prompt.js';
import type { Attribution } from '../locate/attribution.js';
import type { MapSettings } from '../locate/noise.js';
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
  { layers, neurons, hidden }: ModelInfo,
  questions: readonly Question[],
  settings: MapSettings,
): Promise<Attribution>[] {
  if (layers * neurons * hidden >= LARGE) {
    // With noise there is a model for every sample, so that there are no layers to share.
    const helpers = settings.noise ? 1 : Math.floor(workers / questions.length);
    return questions.map((question) =>
      helpers > 1
        ? attributeShared(run, helpers, layers, question, settings)
        : run('attribute', { questions: [question], settings }).then(([map]) => map as Attribution),
    );
  }
  const most = Math.min(AT_ONCE, Math.ceil(questions.length / workers));
  const maps = new Map<Question, Promise<Attribution>>();
  for (const group of groupsOf(questions, most)) {
    const found = run('attribute', { questions: group, settings });
    group.forEach((question, i) => {
      maps.set(
        question,
        found.then((all) => all[i] as Attribution),
      );
    });
  }
  return questions.map((question) => maps.get(question) as Promise<Attribution>);
}

/** Questions of one length together, at most `most` of them. */
function groupsOf(questions: readonly Question[], most: number): Question[][] {
  const byLength = new Map<number, Question[]>();
  for (const question of questions) {
    const { length } = question.ids;
    byLength.set(length, [...(byLength.get(length) ?? []), question]);
  }
  return [...byLength.values()].flatMap((all) =>
    Array.from({ length: Math.ceil(all.length / most) }, (_, i) => all.slice(i * most, (i + 1) * most)),
  );
}
