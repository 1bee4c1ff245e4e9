// BERT for masked language modelling (Devlin et al. 2019): post-layer-norm encoder, transform head, tied decoder.
import * as tf from '@tensorflow/tfjs-core';
import type { Block, Joined } from '../block.js';
import type { BertConfig } from '../config.js';
import type { Applied } from '../layers/applied.js';
import { Attention } from '../layers/attention.js';
import { gelu } from '../layers/gelu.js';
import { LayerNorm } from '../layers/layer-norm.js';
import { Linear } from '../layers/linear.js';
import type { Network } from '../transformer.js';
import type { Weights } from '../weights.js';

/** Shapes of every weight that the model is built from, by its name in a BertForMaskedLM checkpoint. */
export function bertShapes(config: BertConfig): Map<string, number[]> {
  const { hidden_size: h, intermediate_size: f, vocab_size: v } = config;
  const shapes = new Map<string, number[]>();
  const linear = (name: string, out: number, input: number) => {
    shapes.set(`${name}.weight`, [out, input]).set(`${name}.bias`, [out]);
  };
  const norm = (name: string) => shapes.set(`${name}.weight`, [h]).set(`${name}.bias`, [h]);

  shapes
    .set('bert.embeddings.word_embeddings.weight', [v, h])
    .set('bert.embeddings.position_embeddings.weight', [config.max_position_embeddings, h])
    .set('bert.embeddings.token_type_embeddings.weight', [config.type_vocab_size, h]);
  norm('bert.embeddings.LayerNorm');
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const at = `bert.encoder.layer.${layer}`;
    for (const name of ['query', 'key', 'value']) linear(`${at}.attention.self.${name}`, h, h);
    linear(`${at}.attention.output.dense`, h, h);
    norm(`${at}.attention.output.LayerNorm`);
    linear(`${at}.intermediate.dense`, f, h);
    linear(`${at}.output.dense`, h, f);
    norm(`${at}.output.LayerNorm`);
  }
  linear('cls.predictions.transform.dense', h, h);
  norm('cls.predictions.transform.LayerNorm');
  shapes.set('cls.predictions.bias', [v]);
  return shapes;
}

/** Builds the network; takes the tensors out of `weights`. */
export function buildBert(config: BertConfig, weights: Weights): Network {
  const linear = (name: string) =>
    Linear.fromTorch(weights.take(`${name}.weight`), weights.take(`${name}.bias`));
  const norm = (name: string) =>
    new LayerNorm(weights.take(`${name}.weight`), weights.take(`${name}.bias`), config.layer_norm_eps);

  const words = weights.take<tf.Tensor2D>('bert.embeddings.word_embeddings.weight'); // [V, H]
  const positions = weights.take<tf.Tensor2D>('bert.embeddings.position_embeddings.weight');
  const types = weights.take<tf.Tensor2D>('bert.embeddings.token_type_embeddings.weight');
  const embeddingNorm = norm('bert.embeddings.LayerNorm');

  const blocks = Array.from({ length: config.num_hidden_layers }, (_, layer) => {
    const at = `bert.encoder.layer.${layer}`;
    return new BertBlock(
      new Attention(
        linear(`${at}.attention.self.query`),
        linear(`${at}.attention.self.key`),
        linear(`${at}.attention.self.value`),
        linear(`${at}.attention.output.dense`),
        config.num_attention_heads,
      ),
      norm(`${at}.attention.output.LayerNorm`),
      linear(`${at}.intermediate.dense`),
      linear(`${at}.output.dense`),
      norm(`${at}.output.LayerNorm`),
    );
  });

  const transform = linear('cls.predictions.transform.dense');
  const transformNorm = norm('cls.predictions.transform.LayerNorm');
  const decoder = new Linear(tf.transpose(words), weights.take('cls.predictions.bias')); // [H, V]

  return {
    causal: false,
    blocks,
    words,
    embed(ids) {
      const length = ids.shape[1];
      const place = tf.add(tf.slice(positions, 0, length), tf.slice(types, 0, 1)); // [S, H]
      const sum = tf.add(tf.gather(words, ids), place); // [B, S, H]
      return embeddingNorm.apply(tf.reshape(sum, [-1, config.hidden_size])).y;
    },
    head(x) {
      const dense = transform.apply(x);
      const active = gelu(dense.y);
      const normal = transformNorm.apply(active.y);
      const logits = decoder.apply(normal.y);
      return {
        y: logits.y,
        // d logits / d normal is the word embeddings themselves, so no transposed copy is needed.
        back: (dy) => dense.back(active.back(normal.back(tf.matMul(dy, words)))),
      };
    },
    readout(embedding) {
      const scaled = tf.mul<tf.Tensor2D>(embedding, transformNorm.gamma);
      return transform.back(scaled);
    },
    dispose() {
      for (const block of blocks) block.dispose();
      for (const part of [embeddingNorm, transform, transformNorm, decoder]) part.dispose();
      tf.dispose([words, positions, types]);
    },
  };
}

class BertBlock implements Block {
  constructor(
    readonly attention: Attention,
    private readonly attentionNorm: LayerNorm,
    private readonly key: Linear,
    readonly value: Linear,
    private readonly outputNorm: LayerNorm,
  ) {}

  attentionInput(hidden: tf.Tensor2D): Applied {
    return { y: hidden, back: (dy) => dy };
  }

  joinAttention(hidden: tf.Tensor2D, attended: tf.Tensor2D): Joined {
    return addAndNormalise(hidden, attended, this.attentionNorm);
  }

  preActivation(x: tf.Tensor2D): Applied {
    return this.key.apply(x);
  }

  activate(z: tf.Tensor2D): Applied {
    return gelu(z);
  }

  merge(x: tf.Tensor2D, u: tf.Tensor2D): Joined {
    return addAndNormalise(x, u, this.outputNorm);
  }

  dispose(): void {
    for (const part of [this.attention, this.attentionNorm, this.key, this.value, this.outputNorm]) {
      part.dispose();
    }
  }
}

function addAndNormalise(stream: tf.Tensor2D, branch: tf.Tensor2D, norm: LayerNorm): Joined {
  const sum = tf.add<tf.Tensor2D>(stream, branch);
  const normal = norm.apply(sum);
  sum.dispose(); // all that the backward pass needs is in `normal`
  const back = (dy: tf.Tensor2D) => {
    const d = normal.back(dy);
    return { stream: d, branch: d };
  };
  return { y: normal.y, back };
}
