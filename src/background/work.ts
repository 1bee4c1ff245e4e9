// What a background is made with: the model's base, and somebody to tell how far it has come.
import type { RunTask } from '../engine/pool/share.js';
import type { ModelInfo } from '../lm/model-info.js';

export interface Work {
  readonly model: ModelInfo;
  /** Does a task on the base. */
  readonly run: RunTask;
  progress(stage: 'ask' | 'text' | 'covariance', done: number, total: number): void;
}

/** Does work in parts, which several workers share, and tells how many are done. @returns what they gave, in order */
export async function inParts<T, R>(
  work: Work,
  stage: Parameters<Work['progress']>[0],
  parts: readonly T[],
  one: (part: T) => Promise<R>,
): Promise<R[]> {
  let done = 0;
  work.progress(stage, 0, parts.length);
  return Promise.all(
    parts.map(async (part) => {
      const found = await one(part);
      work.progress(stage, ++done, parts.length);
      return found;
    }),
  );
}

/** Tokens of the texts that one task takes. */
const PORTION = 2048;

/** Texts in portions of about as many tokens, those of like length together: they then share batches. */
export function portions(texts: readonly number[][]): number[][][] {
  const found: number[][][] = [];
  let tokens = PORTION;
  for (const ids of texts.toSorted((a, b) => a.length - b.length)) {
    if (tokens + ids.length > PORTION) {
      found.push([]);
      tokens = 0;
    }
    found.at(-1)?.push(ids);
    tokens += ids.length;
  }
  return found;
}
