// A BERT checkpoint of any size with seeded random weights, for measurements: only its shape is of interest.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../lm/config.js';
import { Parts } from '../lm/parts.js';
import { writeSafetensors } from '../lm/write.js';
import { seeded } from '../random.js';

export interface Shape {
  layers: number;
  hidden: number;
  neurons: number;
  heads: number;
  vocabulary: number;
  positions: number;
}

/** BERT-base. */
export const BERT_BASE: Shape = {
  layers: 12,
  hidden: 768,
  neurons: 3072,
  heads: 12,
  vocabulary: 30522,
  positions: 512,
};

/** Standard deviation of the weights: that of a fresh BERT. */
const DEVIATION = 0.02;

/**
 * Writes a checkpoint directory.
 * @param tokenizer directory whose tokenizer it gets (of at most as many tokens)
 */
export async function writeCheckpoint(
  directory: string,
  shape: Shape,
  tokenizer: string,
  seed = 1,
): Promise<void> {
  mkdirSync(directory, { recursive: true });
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    cpSync(join(tokenizer, name), join(directory, name));
  }
  const path = join(directory, 'config.json');
  const config = {
    model_type: 'bert',
    hidden_act: 'gelu',
    layer_norm_eps: 1e-12,
    type_vocab_size: 2,
    num_hidden_layers: shape.layers,
    hidden_size: shape.hidden,
    intermediate_size: shape.neurons,
    num_attention_heads: shape.heads,
    vocab_size: shape.vocabulary,
    max_position_embeddings: shape.positions,
  };
  writeFileSync(path, JSON.stringify(config, null, 2));
  const random = seeded(seed);
  const spread = DEVIATION * Math.sqrt(12); // of a uniform distribution with that deviation
  const { family, design } = readConfig(path);
  const parts = new Parts(family.layout);
  design.plan(parts);
  const tensors = [...parts.shapes].map(([name, dimensions]) => {
    const values = new Float32Array(dimensions.reduce((product, n) => product * n, 1));
    const mean = name.endsWith('LayerNorm.weight') ? 1 : 0;
    for (let i = 0; i < values.length; i++) values[i] = mean + spread * (random() - 0.5);
    return { name, shape: dimensions, values };
  });
  await writeSafetensors(join(directory, 'model.safetensors'), tensors, { format: 'pt' });
}
