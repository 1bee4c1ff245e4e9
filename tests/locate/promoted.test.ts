// The words that value vectors promote, where embeddings are narrower than the stream.
import { beforeAll, expect, it } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { promotedTokens } from '../../src/locate/promoted.js';
import { readTensors, valuesOf } from '../support/checkpoints.js';
import { goldenDirectory } from '../support/golden.js';
import { loadGolden } from '../support/models.js';

beforeAll(() => prepareEngine('wasm'));

it('a value vector goes through the dense layer of the head first', async () => {
  const model = await loadGolden('electra');
  const tensors = new Map(readTensors(goldenDirectory('electra')).map((one) => [one.name, one]));
  const values = (name: string) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`no tensor ${name}`);
    return valuesOf(tensor);
  };
  const words = values('electra.embeddings.word_embeddings.weight'); // [V, P]
  const dense = values('generator_predictions.dense.weight'); // [P, H]
  const output = values('electra.encoder.layer.1.output.dense.weight'); // [H, F]
  const [narrow, hidden, neurons, neuron] = [24, 32, 80, 7];
  const dot = (length: number, product: (i: number) => number) =>
    Array.from({ length }, (_, i) => product(i)).reduce((sum, x) => sum + x, 0);
  const projected = Array.from({ length: narrow }, (_, p) =>
    dot(hidden, (h) => (dense[p * hidden + h] ?? 0) * (output[h * neurons + neuron] ?? 0)),
  );
  const logits = Array.from({ length: model.info.vocabulary }, (_, id) =>
    dot(narrow, (p) => (words[id * narrow + p] ?? 0) * (projected[p] ?? 0)),
  );
  const best = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0)).slice(0, 4);
  expect(promotedTokens(model, [[1, neuron]], 4)).toEqual([best.map((id) => model.tokenizer.token(id))]);
  model.dispose();
});
