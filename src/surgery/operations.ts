// The operations of the paper and of EleutherAI's code, compiled to changes of value vectors.
import { InputError } from '../errors.js';
import type { LanguageModel } from '../lm/language-model.js';
import type { Target } from '../lm/prompt.js';
import { norm as lengthOf } from '../numbers.js';
import type { Operation, Rewrite } from '../spec/edit-file.js';
import type { Change } from './change.js';

/**
 * The change that an operation with a closed formula makes to each of its neurons; `solve` has none.
 * @param object the fact's object: what `rewrite` moves away from unless it says otherwise
 * @throws InputError when a word is not in the vocabulary, `erase unk` meets a model without unknown token, or the
 * embeddings are not as wide as value vectors and would have to be
 */
export function closedChange(model: LanguageModel, operation: Operation, object: Target): Change {
  switch (operation.type) {
    case 'suppress':
      return { scale: 0 };
    case 'amplify':
    case 'scale':
      return { scale: operation.factor };
    case 'erase':
      return operation.value === 'zero' ? { scale: 0 } : { scale: 0, shift: unknownEmbedding(model) };
    case 'rewrite':
      return rewriteChange(model, operation, object);
  }
}

function unknownEmbedding(model: LanguageModel): Float32Array {
  const { unknown } = model.tokenizer;
  if (unknown === undefined) {
    throw new InputError('this model has no unknown token; use "zero"', 'operation.value');
  }
  const misfit = misfitOf(model);
  if (misfit) throw new InputError(`${misfit}; use "zero"`, 'operation.value');
  return model.embedding([unknown]);
}

/** Why embeddings cannot be added to value vectors, where they cannot. */
function misfitOf({ info: { hidden }, network: { words } }: LanguageModel): string | undefined {
  const [, width] = words.shape;
  return width === hidden
    ? undefined
    : `this model's embeddings are ${width} wide, its value vectors ${hidden}`;
}

/** Strengths (old, new) when none are given: the paper's for `relative`, EleutherAI's for `absolute`. */
const STRENGTHS = { relative: [1, 8], absolute: [2, 2] } as const;

/**
 * `relative`: v - l1 |v|/|E[old]| E[old] + l2 |v|/|E[new]| E[new]  (Dai et al. 2022, section 5.1);
 * `absolute`: v - l1 E[old] + l2 E[new]  (EleutherAI/knowledge-neurons).
 * E of an answer of several tokens is their mean. With `readout`, E is pulled back through the output head first.
 */
function rewriteChange(
  model: LanguageModel,
  { method, from, to, lambdaOld, lambdaNew, direction }: Rewrite,
  object: Target,
): Change {
  if (method !== 'relative' && method !== 'absolute') {
    throw new RangeError('a solved rewrite has no closed formula');
  }
  const misfit = direction === 'readout' ? undefined : misfitOf(model);
  if (misfit) throw new InputError(`${misfit}; use "readout"`, 'operation.direction');
  const toward = (target: Target) => {
    const { ids } = model.tokenizer.encodeTarget(target);
    const vector = direction === 'readout' ? model.readoutDirection(ids) : model.embedding(ids);
    const norm = method === 'relative' ? lengthOf(vector) : 1;
    return vector.map((x) => x / norm);
  };
  const away = toward(from ?? object);
  const [oldDefault, newDefault] = STRENGTHS[method];
  const sum = toward(to).map(
    (x, i) => (lambdaNew ?? newDefault) * x - (lambdaOld ?? oldDefault) * (away[i] ?? 0),
  );
  return method === 'relative' ? { scale: 1, alongNorm: sum } : { scale: 1, shift: sum };
}
