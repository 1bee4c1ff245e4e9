// OPT (Zhang et al. 2022): learned positions from the third row on, ReLU; and its 350M model, which normalises the stream
// itself and has embeddings narrower than it.
import { z } from 'zod';
import { ACTIVATIONS, activations } from '../layers/activations.js';
import { Attention } from '../layers/attention.js';
import { FfnInput } from '../layers/ffn-input.js';
import { PostNormBlock } from '../layers/post-norm-block.js';
import { ResidualBlock } from '../layers/residual-block.js';
import { backwards } from '../layers/visible.js';
import { planDecoder } from './decoder.js';
import { family } from './family.js';
import { divides, inLayers, size, sizeDefaults, tied, usualSizes } from './fields.js';

const schema = z
  .object({
    ...sizeDefaults({
      vocab_size: 50_272,
      hidden_size: 768,
      ffn_dim: 3072,
      num_hidden_layers: 12,
      num_attention_heads: 12,
      max_position_embeddings: 2048,
    }),
    /** Width of the embeddings; that of the stream unless given. */
    word_embed_proj_dim: size.nullish(),
    do_layer_norm_before: z.boolean().default(true),
    _remove_final_layer_norm: z.boolean().default(false),
    layer_norm_elementwise_affine: z
      .literal(true, { error: 'only layer norms with weights are supported' })
      .optional(),
    activation_function: z.enum(ACTIVATIONS).default('relu'),
    tie_word_embeddings: tied,
  })
  .check(divides('hidden_size', 'num_attention_heads'));

const sizes = (config: z.infer<typeof schema>) =>
  usualSizes({ ...config, intermediate_size: config.ffn_dim });

const EPSILON = 1e-5; // no field says it
const BODY = 'model.decoder';

const layerPart = inLayers(`${BODY}.layers`);

export const opt = family({
  type: 'opt',
  architectures: ['OPTForCausalLM'],
  prefix: 'model.',
  layout: 'out-in',
  value: (layer) => layerPart(layer, 'fc2'),
  config: schema,
  sizes,
  plan(config, parts) {
    const { hidden_size: hidden, ffn_dim: neurons, num_attention_heads: heads } = config;
    const { word_embed_proj_dim: narrow, do_layer_norm_before: before } = config;
    const linear = (name: string, input: number, output: number) =>
      parts.linear(name, input, output, { bias: 'usually' });
    const project = (way: 'in' | 'out', input: number, output: number) =>
      parts.linear(`${BODY}.project_${way}`, input, output, { bias: 'rarely' });
    const norm = (name: string) => parts.layerNorm(name, hidden, EPSILON, { bias: 'usually' });
    const projected = narrow && narrow !== hidden ? narrow : undefined;
    return planDecoder(
      {
        sizes: sizes(config),
        words: { name: `${BODY}.embed_tokens`, width: projected },
        positions: { name: `${BODY}.embed_positions`, first: 2 },
        projectIn: projected ? project('in', projected, hidden) : undefined,
        projectOut: projected ? project('out', hidden, projected) : undefined,
        block(layer) {
          const projection = (name: string) => linear(layerPart(layer, `self_attn.${name}`), hidden, hidden);
          const query = projection('q_proj');
          const keys = projection('k_proj');
          const values = projection('v_proj');
          const output = projection('out_proj');
          const attentionNorm = norm(layerPart(layer, 'self_attn_layer_norm'));
          const key = linear(layerPart(layer, 'fc1'), hidden, neurons);
          const value = linear(layerPart(layer, 'fc2'), neurons, hidden);
          const ffnNorm = norm(layerPart(layer, 'final_layer_norm'));
          return () => {
            const shared = {
              attention: new Attention(
                { query: query(), key: keys(), value: values(), output: output() },
                { heads, visible: backwards() },
              ),
              ffn: new FfnInput(key(), activations[config.activation_function]),
              value: value(),
            };
            return before
              ? new ResidualBlock({ ...shared, beforeAttention: attentionNorm(), beforeFfn: ffnNorm() })
              : new PostNormBlock({ ...shared, attentionNorm: attentionNorm(), outputNorm: ffnNorm() });
          };
        },
        norm: before && !config._remove_final_layer_norm ? norm(`${BODY}.final_layer_norm`) : undefined,
        head: { name: 'lm_head', tied: config.tie_word_embeddings },
      },
      parts,
    );
  },
});
