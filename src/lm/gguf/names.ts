// What llama.cpp calls the tensors of a model, what Hugging Face calls them, and what the conversion did to them.

/** Where a tensor goes. */
export interface Place {
  /** As Hugging Face names it. */
  name: string;
  /** Its rows in the order of Hugging Face: the row of the file that each one is. */
  rows: (() => Uint32Array) | undefined;
  /** What the conversion added to every value. */
  added: number;
}

/** Numbers of heads. */
export interface Heads {
  query: number;
  key: number;
}

/** Names of one architecture, without `.weight` and `.bias`. */
export interface Names {
  /** Of tensors that there are once. */
  whole: Record<string, string>;
  /** What the names of layer N's tensors begin with, without the number: in the file `blk.N.` */
  layers: string;
  layer: Record<string, string>;
  /** The order of a tensor's rows where it is another one. @param name in the file, @param rows their number */
  rows?(name: string, rows: number, heads: Heads): Place['rows'];
  /** Whether norms are stored as 1 + w where Hugging Face has w. */
  normsFromOne?: boolean;
}

const WHOLE = { token_embd: 'model.embed_tokens', output_norm: 'model.norm', output: 'lm_head' };

const LAYER = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};

const common: Names = { whole: WHOLE, layers: 'model.layers.', layer: LAYER };

const HEAD_NORMS = { attn_q_norm: 'self_attn.q_norm', attn_k_norm: 'self_attn.k_norm' };

const NORMS_ON_BOTH_SIDES = {
  post_attention_norm: 'post_attention_layernorm',
  ffn_norm: 'pre_feedforward_layernorm',
  post_ffw_norm: 'post_feedforward_layernorm',
};

/** By `general.architecture`. */
export const NAMES = {
  /** Rows of queries and keys are in pairs for rotary positions in the interleaved layout. */
  llama: { ...common, rows: fromPairs },
  qwen2: common,
  qwen3: { ...common, layer: { ...LAYER, ...HEAD_NORMS } },
  gemma: { ...common, normsFromOne: true },
  gemma2: { ...common, layer: { ...LAYER, ...NORMS_ON_BOTH_SIDES }, normsFromOne: true },
  gemma3: { ...common, layer: { ...LAYER, ...HEAD_NORMS, ...NORMS_ON_BOTH_SIDES }, normsFromOne: true },
  phi3: {
    ...common,
    layer: { ...LAYER, attn_qkv: 'self_attn.qkv_proj', ffn_up: 'mlp.gate_up_proj' },
  },
  gptneox: {
    whole: { token_embd: 'gpt_neox.embed_in', output_norm: 'gpt_neox.final_layer_norm', output: 'embed_out' },
    layers: 'gpt_neox.layers.',
    layer: {
      attn_norm: 'input_layernorm',
      attn_qkv: 'attention.query_key_value',
      attn_output: 'attention.dense',
      ffn_norm: 'post_attention_layernorm',
      ffn_up: 'mlp.dense_h_to_4h',
      ffn_down: 'mlp.dense_4h_to_h',
    },
    rows: fromThreeBlocks,
  },
} satisfies Record<string, Names>;

/**
 * Where a tensor goes.
 * @param name in the file
 * @param rows number of its rows
 * @returns undefined for one that Hugging Face does not have
 */
export function placeOf(name: string, rows: number, names: Names, heads: Heads): Place | undefined {
  const [, layer, own = '', kind = ''] = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(name) ?? [];
  const known = layer === undefined ? names.whole : names.layer;
  if (!Object.hasOwn(known, own)) return undefined;
  const prefix = layer === undefined ? '' : `${names.layers}${Number(layer)}.`;
  return {
    name: `${prefix}${known[own]}.${kind}`,
    rows: names.rows?.(own, rows, heads),
    added: names.normsFromOne && own.endsWith('norm') ? 1 : 0,
  };
}

/** What the file calls a tensor of Hugging Face's; one that it does not know keeps its name. */
export function ownNameOf(name: string, { whole, layers, layer }: Names): string {
  const within = name.startsWith(layers) ? name.slice(layers.length) : undefined;
  const [, number, part, kind] = /^(?:(\d+)\.)?(.+)\.(weight|bias)$/.exec(within ?? name) ?? [];
  const known = Object.entries(within === undefined ? whole : layer);
  const [own] = known.find(([, theirs]) => theirs === part) ?? [];
  if (own === undefined) return name;
  return `${within === undefined ? '' : `blk.${number}.`}${own}.${kind}`;
}

/** Queries and keys of llama: row 2k + j of a head in the file is row k + j * width / 2 of it, j = 0 or 1. */
function fromPairs(name: string, rows: number, { query, key }: Heads): Place['rows'] {
  const heads = { attn_q: query, attn_k: key }[name];
  if (heads === undefined || rows % (2 * heads) !== 0) return undefined; // its shape is refused later
  const half = rows / heads / 2;
  return () =>
    Uint32Array.from({ length: rows }, (_, row) => {
      const within = row % (2 * half);
      return row - within + 2 * (within % half) + Math.floor(within / half);
    });
}

/** GPT-NeoX: [queries | keys | values], each head by head, are head by head in Hugging Face, each [query | key | value]. */
function fromThreeBlocks(name: string, rows: number, { query: heads }: Heads): Place['rows'] {
  if (name !== 'attn_qkv' || rows % (3 * heads) !== 0) return undefined;
  const width = rows / heads / 3;
  return () =>
    Uint32Array.from({ length: rows }, (_, row) => {
      const head = Math.floor(row / (3 * width));
      const which = Math.floor(row / width) % 3;
      return which * heads * width + head * width + (row % width);
    });
}
