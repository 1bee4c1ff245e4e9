// GPT-J (Wang and Komatsuzaki 2021): attention and FFN side by side behind one norm, and rotary positions that pair
// neighbouring dimensions.
import { z } from 'zod';
import { ACTIVATIONS, activations } from '../layers/activations.js';
import { Attention } from '../layers/attention.js';
import { FfnInput } from '../layers/ffn-input.js';
import { ResidualBlock } from '../layers/residual-block.js';
import { Rotary } from '../layers/rotary.js';
import { backwards } from '../layers/visible.js';
import { planDecoder } from './decoder.js';
import { family } from './family.js';
import { divides, epsilon, size } from './fields.js';
import { layerPart } from './gpt.js';
import { waves } from './rope.js';

const schema = z
  .object({
    vocab_size: size.default(50400),
    n_embd: size.default(4096),
    n_layer: size.default(28),
    n_head: size.default(16),
    /** Four times the width unless given. */
    n_inner: size.nullish(),
    n_positions: size.default(2048),
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

const sizes = (config: z.infer<typeof schema>) => ({
  layers: config.n_layer,
  neurons: config.n_inner ?? 4 * config.n_embd,
  hidden: config.n_embd,
  vocabulary: config.vocab_size,
  maxLength: config.n_positions,
});

export const gptj = family({
  type: 'gptj',
  architectures: ['GPTJForCausalLM'],
  prefix: 'transformer.',
  layout: 'out-in',
  value: (layer) => layerPart(layer, 'mlp.fc_out'),
  config: schema,
  sizes,
  plan(config, parts) {
    const { n_embd: hidden, n_head: heads, rotary_dim: turning } = config;
    const { neurons } = sizes(config);
    const width = hidden / heads;
    const norm = (name: string) => parts.layerNorm(name, hidden, config.layer_norm_epsilon);
    return planDecoder(
      {
        sizes: sizes(config),
        words: { name: 'transformer.wte' },
        block(layer) {
          const projection = (name: string) =>
            parts.linear(layerPart(layer, `attn.${name}`), hidden, hidden, { bias: 'where present' });
          const both = norm(layerPart(layer, 'ln_1'));
          const query = projection('q_proj');
          const keys = projection('k_proj');
          const values = projection('v_proj');
          const output = projection('out_proj');
          const key = parts.linear(layerPart(layer, 'mlp.fc_in'), hidden, neurons);
          const value = parts.linear(layerPart(layer, 'mlp.fc_out'), neurons, hidden);
          return () => {
            const before = both();
            return new ResidualBlock({
              beforeAttention: before,
              attention: new Attention(
                { query: query(), key: keys(), value: values(), output: output() },
                {
                  heads,
                  visible: backwards(),
                  rotary: new Rotary(width, waves(turning ?? width, 10_000), 'interleaved'),
                },
              ),
              beforeFfn: before,
              ffn: new FfnInput(key(), activations[config.activation_function]),
              value: value(),
              parallel: true,
            });
          };
        },
        norm: norm('transformer.ln_f'),
        head: { name: 'lm_head', tied: config.tie_word_embeddings, bias: true },
      },
      parts,
    );
  },
});
