// GPT-Neo (Black et al. 2021): GPT-2 with unscaled attention scores, and every other layer looking back a window only.
import { z } from 'zod';
import { ACTIVATIONS } from '../layers/activations.js';
import { Attention } from '../layers/attention.js';
import { backwards } from '../layers/visible.js';
import { family } from './family.js';
import { divides, epsilon, size, sizeDefaults, tied } from './fields.js';
import { layerPart, planGpt, valueName } from './gpt.js';

/** Kinds of attention, list by list, each as often as it says: [[["global", "local"], 6]] is twelve layers. */
const attentionTypes = z.array(z.tuple([z.array(z.enum(['global', 'local'])), size]));

/** Kind of attention of a layer; undefined beyond the last one that is described. */
function kindOf(layer: number, types: z.infer<typeof attentionTypes>): 'global' | 'local' | undefined {
  let first = 0;
  for (const [kinds, times] of types) {
    const end = first + kinds.length * times;
    if (layer < end) return kinds[(layer - first) % kinds.length];
    first = end;
  }
  return undefined;
}

const schema = z
  .object({
    ...sizeDefaults({
      vocab_size: 50_257,
      hidden_size: 2048,
      num_layers: 24,
      num_heads: 16,
      max_position_embeddings: 2048,
      /** Tokens that a row of a local layer sees, itself included. */
      window_size: 256,
    }),
    /** Four times the width unless given. */
    intermediate_size: size.nullish(),
    attention_types: attentionTypes.default([[['global', 'local'], 12]]),
    activation_function: z.enum(ACTIVATIONS).default('gelu_new'),
    layer_norm_epsilon: epsilon.default(1e-5),
    tie_word_embeddings: tied,
  })
  .check(divides('hidden_size', 'num_heads'))
  .refine(({ num_layers: layers, attention_types: types }) => kindOf(layers - 1, types) !== undefined, {
    path: ['attention_types'],
    error: 'says nothing of the last layers',
  });

const sizes = (config: z.infer<typeof schema>) => ({
  layers: config.num_layers,
  neurons: config.intermediate_size ?? 4 * config.hidden_size,
  hidden: config.hidden_size,
  vocabulary: config.vocab_size,
  maxLength: config.max_position_embeddings,
});

export const gptNeo = family({
  type: 'gpt_neo',
  architectures: ['GPTNeoForCausalLM'],
  prefix: 'transformer.',
  layout: 'out-in',
  value: valueName,
  config: schema,
  sizes,
  plan(config, parts) {
    const { hidden_size: hidden, num_heads: heads, window_size: window } = config;
    const decoder = {
      ...sizes(config),
      activation: config.activation_function,
      epsilon: config.layer_norm_epsilon,
      tied: config.tie_word_embeddings,
    };
    return planGpt(decoder, parts, (layer) => {
      const part = (name: string, bias: boolean) =>
        parts.linear(layerPart(layer, `attn.attention.${name}`), hidden, hidden, { bias });
      const query = part('q_proj', false);
      const key = part('k_proj', false);
      const value = part('v_proj', false);
      const output = part('out_proj', true);
      const local = kindOf(layer, config.attention_types) === 'local';
      const options = { heads, scale: 1, visible: backwards(local ? window : undefined) };
      return () => new Attention({ query: query(), key: key(), value: value(), output: output() }, options);
    });
  },
});
