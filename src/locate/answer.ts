// Attribution of an answer of several tokens: each token at its own position, and the maps averaged.
import type { LanguageModel } from '../lm/language-model.js';
import type { Question } from '../lm/prompt.js';
import { type Attribution, type AttributionSettings, attribute } from './attribution.js';
import { meanMap } from './refined.js';

/**
 * Attributes an answer to every neuron of every layer.
 * @param questions one per token of the answer (see `Tokenizer.questions`)
 * @returns of several tokens: the mean of their maps with the mean sum and delta of each layer, the worst residual,
 *   all gradients that were computed, and the joint probability
 */
export function attributeAnswer(
  model: LanguageModel,
  questions: readonly Question[],
  settings: AttributionSettings,
): Attribution {
  return average(questions.map((one) => attribute(model, one, one.target, settings)));
}

function average(tokens: readonly Attribution[]): Attribution {
  const [only] = tokens;
  if (only && tokens.length === 1) return only;
  const completeness = (only?.completeness ?? []).map((_, layer) => {
    const own = tokens.flatMap((one) => one.completeness[layer] ?? []);
    const mean = (value: (one: (typeof own)[number]) => number) =>
      own.reduce((sum, one) => sum + value(one), 0) / own.length;
    return {
      sum: mean(({ sum }) => sum),
      delta: mean(({ delta }) => delta),
      residual: Math.max(...own.map(({ residual }) => residual)),
      nodes: own.reduce((sum, { nodes }) => sum + nodes, 0),
    };
  });
  return {
    prob: tokens.reduce((product, { prob }) => product * prob, 1),
    scores: meanMap(tokens.map(({ scores }) => scores)),
    completeness,
  };
}
