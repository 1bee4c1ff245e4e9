// The trace of the prompt that was asked last: workers that share a prompt come back to it, layers after layers.
import * as tf from '@tensorflow/tfjs-core';
import type { LanguageModel } from '../lm/language-model.js';
import type { Sequence } from '../lm/prompt.js';
import { type Trace, trace } from '../lm/transformer.js';

const recent = new WeakMap<LanguageModel, { key: string; once: Trace }>();

/** The prompt's trace in the model's present state. It stays in memory until another prompt is asked; do not dispose. */
export function recentTrace(model: LanguageModel, prompt: Sequence): Trace {
  const key = [model.overlay.id, prompt.position, ...prompt.ids].join(' ');
  const last = recent.get(model);
  if (last?.key === key) return last.once;
  tf.dispose(last?.once);
  const once = trace(model.network, [prompt]);
  recent.set(model, { key, once });
  return once;
}
