// GPT-J (Wang and Komatsuzaki 2021): attention and FFN side by side behind one norm, and rotary positions that pair
// neighbouring dimensions.
import { z } from 'zod';
import { ACTIVATIONS } from '../layers/activations.js';
import { Rotary } from '../layers/rotary.js';
import { backwards } from '../layers/visible.js';
import { planDecoder } from './decoder.js';
import { family } from './family.js';
import { divides, epsilon, size, sizeDefaults } from './fields.js';
import { gptSizes, layerPart } from './gpt.js';
import { planOneNormBlock } from './one-norm.js';
import { waves } from './rope.js';

const schema = z
  .object({
    ...sizeDefaults({ vocab_size: 50_400, n_embd: 4096, n_layer: 28, n_head: 16, n_positions: 2048 }),
    /** Four times the width unless given. */
    n_inner: size.nullish(),
    /** Dimensions of each head that turn; all of them where it is null. */
    rotary_dim: size.nullable().default(64),
    activation_function: z.enum(ACTIVATIONS).default('gelu_new'),
    layer_norm_epsilon: epsilon.default(1e-5),
    tie_word_embeddings: z.boolean().default(false),
  })
  .check(divides('n_embd', 'n_head'))
  .refine(({ n_embd, n_head, rotary_dim }) => (rotary_dim ?? 0) <= n_embd / n_head, {
    path: ['rotary_dim'],
    error: 'exceeds the width of a head',
  });

export const gptj = family({
  type: 'gptj',
  architectures: ['GPTJForCausalLM'],
  prefix: 'transformer.',
  layout: 'out-in',
  value: (layer) => layerPart(layer, 'mlp.fc_out'),
  config: schema,
  sizes: gptSizes,
  plan(config, parts) {
    const { n_embd: hidden, n_head: heads, layer_norm_epsilon: epsilon } = config;
    const sizes = gptSizes(config);
    const width = hidden / heads;
    const angles = waves(config.rotary_dim ?? width, 10_000);
    return planDecoder(
      {
        sizes,
        words: { name: 'transformer.wte' },
        block: (layer) =>
          planOneNormBlock(
            {
              hidden,
              neurons: sizes.neurons,
              memory: hidden,
              epsilon,
              activation: config.activation_function,
              attentionBias: 'rarely',
            },
            {
              norm: layerPart(layer, 'ln_1'),
              query: layerPart(layer, 'attn.q_proj'),
              key: layerPart(layer, 'attn.k_proj'),
              value: layerPart(layer, 'attn.v_proj'),
              attentionOutput: layerPart(layer, 'attn.out_proj'),
              intermediate: layerPart(layer, 'mlp.fc_in'),
              output: layerPart(layer, 'mlp.fc_out'),
            },
            parts,
            () => ({ heads, visible: backwards(), rotary: new Rotary(width, angles, 'interleaved') }),
          ),
        norm: parts.layerNorm('transformer.ln_f', hidden, epsilon),
        head: { name: 'lm_head', tied: config.tie_word_embeddings, bias: true },
      },
      parts,
    );
  },
});
