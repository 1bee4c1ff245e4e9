// The shapes of well-known models, as their config.json says them: what measurements write random checkpoints of.

/** The fields of a config.json. */
export type Config = Readonly<Record<string, unknown>>;

/** BERT-base (Devlin et al. 2019). */
export const BERT_BASE = {
  model_type: 'bert',
  hidden_act: 'gelu',
  layer_norm_eps: 1e-12,
  type_vocab_size: 2,
  num_hidden_layers: 12,
  hidden_size: 768,
  intermediate_size: 3072,
  num_attention_heads: 12,
  vocab_size: 30_522,
  max_position_embeddings: 512,
};

export const SMOLLM2_135M = {
  model_type: 'llama',
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  num_hidden_layers: 30,
  hidden_size: 576,
  intermediate_size: 1536,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  vocab_size: 49_152,
  max_position_embeddings: 8192,
  rope_theta: 100_000,
  tie_word_embeddings: true,
};

/** All of them, by the names that options have for them. */
export const SHAPES = {
  'bert-base': BERT_BASE,
  'smollm2-135m': SMOLLM2_135M,
  'llama-3.2-1b': {
    model_type: 'llama',
    hidden_act: 'silu',
    rms_norm_eps: 1e-5,
    num_hidden_layers: 16,
    hidden_size: 2048,
    intermediate_size: 8192,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    head_dim: 64,
    vocab_size: 128_256,
    max_position_embeddings: 131_072,
    rope_theta: 500_000,
    rope_scaling: {
      rope_type: 'llama3',
      factor: 32,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    },
    tie_word_embeddings: true,
  },
  'qwen2.5-3b': {
    model_type: 'qwen2',
    hidden_act: 'silu',
    rms_norm_eps: 1e-6,
    num_hidden_layers: 36,
    hidden_size: 2048,
    intermediate_size: 11_008,
    num_attention_heads: 16,
    num_key_value_heads: 2,
    vocab_size: 151_936,
    max_position_embeddings: 32_768,
    rope_theta: 1_000_000,
    tie_word_embeddings: true,
  },
  'llama-2-7b': {
    model_type: 'llama',
    hidden_act: 'silu',
    rms_norm_eps: 1e-5,
    num_hidden_layers: 32,
    hidden_size: 4096,
    intermediate_size: 11_008,
    num_attention_heads: 32,
    num_key_value_heads: 32,
    vocab_size: 32_000,
    max_position_embeddings: 4096,
    tie_word_embeddings: false,
  },
} as const satisfies Readonly<Record<string, Config>>;
