// ModernBERT (Warner et al. 2024): an encoder with norms before its branches, rotary positions of two bases, windows in
// most layers, and a gated FFN.
import { z } from 'zod';
import { ACTIVATIONS, activations } from '../layers/activations.js';
import { Attention } from '../layers/attention.js';
import { FfnInput } from '../layers/ffn-input.js';
import { ResidualBlock } from '../layers/residual-block.js';
import { Rotary } from '../layers/rotary.js';
import { around } from '../layers/visible.js';
import { planEncoder } from './encoder.js';
import { family } from './family.js';
import { divides, epsilon, inLayers, size, sizeDefaults, tied, usualSizes } from './fields.js';
import { layerType, layerTypes, oneTypeEach } from './layer-types.js';
import { frequencies, ropeFields } from './rope.js';

const schema = z
  .object({
    ...sizeDefaults({
      vocab_size: 50_368,
      hidden_size: 768,
      intermediate_size: 1152,
      num_hidden_layers: 22,
      num_attention_heads: 12,
      max_position_embeddings: 8192,
    }),
    hidden_activation: z.enum(ACTIVATIONS).default('gelu'),
    /** Of the head. */
    classifier_activation: z.enum(ACTIVATIONS).default('gelu'),
    norm_eps: epsilon.default(1e-5),
    /** Every so many layers one sees everything; newer files list the layers. */
    global_attn_every_n_layers: size.default(3),
    layer_types: layerTypes,
    /** Rows that a row sees in the others, half of them on each side. */
    local_attention: size.default(128),
    global_rope_theta: z.number().positive().default(160_000),
    /** That of the others unless given. */
    local_rope_theta: z.number().positive().nullable().default(10_000),
    ...ropeFields,
    tie_word_embeddings: tied,
  })
  .check(divides('hidden_size', 'num_attention_heads'), oneTypeEach);

const layerPart = inLayers('model.layers');

const value = (layer: number) => layerPart(layer, 'mlp.Wo');

export const modernbert = family({
  type: 'modernbert',
  architectures: ['ModernBertForMaskedLM'],
  special: { mask: '[MASK]', unknown: '[UNK]' },
  prefix: 'model.',
  layout: 'out-in',
  value,
  config: schema,
  sizes: usualSizes,
  plan(config, parts) {
    const { hidden_size: hidden, intermediate_size: neurons, num_attention_heads: heads } = config;
    const { global_attn_every_n_layers: every, global_rope_theta: theta } = config;
    const width = hidden / heads;
    const linear = (name: string, input: number, output: number) =>
      parts.linear(name, input, output, { bias: 'rarely' });
    const norm = (name: string) => parts.layerNorm(name, hidden, config.norm_eps, { bias: 'rarely' });
    const bases = { full_attention: theta, sliding_attention: config.local_rope_theta ?? theta };

    return planEncoder(
      {
        sizes: usualSizes(config),
        words: { name: 'model.embeddings.tok_embeddings' },
        embeddingNorm: norm('model.embeddings.norm'),
        block(layer) {
          const type = layerType(layer, config, layer % every !== 0);
          const local = type === 'sliding_attention';
          // The first layer reads what the norm of the embeddings gave.
          const beforeAttention = layer > 0 ? norm(layerPart(layer, 'attn_norm')) : undefined;
          const inputs = linear(layerPart(layer, 'attn.Wqkv'), hidden, 3 * hidden);
          const output = linear(layerPart(layer, 'attn.Wo'), hidden, hidden);
          const beforeFfn = norm(layerPart(layer, 'mlp_norm'));
          const ffn = linear(layerPart(layer, 'mlp.Wi'), hidden, 2 * neurons);
          const vectors = linear(value(layer), neurons, hidden);
          return () => {
            const [query, key, own] = inputs().split(hidden, hidden, hidden);
            const [gate, up] = ffn().split(neurons, neurons);
            return new ResidualBlock({
              beforeAttention: beforeAttention?.(),
              attention: new Attention(
                { query, key, value: own, output: output() },
                {
                  heads,
                  visible: local ? around(Math.floor(config.local_attention / 2)) : undefined,
                  rotary: new Rotary(width, frequencies(config, width, { theta: bases[type], layer: type })),
                },
              ),
              beforeFfn: beforeFfn(),
              ffn: new FfnInput(gate, activations[config.hidden_activation], up),
              value: vectors(),
            });
          };
        },
        head: {
          before: norm('model.final_norm'),
          transform: linear('head.dense', hidden, hidden),
          activation: activations[config.classifier_activation],
          norm: norm('head.norm'),
          decoder: 'decoder',
          tied: config.tie_word_embeddings,
          bias: { name: 'decoder.bias', optional: true },
        },
      },
      parts,
    );
  },
});
