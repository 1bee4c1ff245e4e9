// Weights in formats that are never loaded, and the command that makes a model directory of them.

/** Pickles, and the formats of other frameworks. */
export const OTHER_WEIGHTS =
  /^(pytorch_model.*\.bin(\.index\.json)?|tf_model.*\.h5|flax_model.*\.msgpack|.*\.(pt|pth|ckpt))$/;

/**
 * The command line that writes a model as safetensors, with its tokenizer.
 * @param from what transformers loads: a directory, or a name on the hub
 * @param to a directory
 * @param causal whether it continues a text
 */
export function conversion(from: string, to: string, causal: boolean): string {
  const model = causal ? 'AutoModelForCausalLM' : 'AutoModelForMaskedLM';
  // DeBERTa's files name the head in the newer way, which transformers by default does not: it would draw one at random.
  const head = /deberta/i.test(from) ? ', legacy=False' : '';
  return (
    `python -c "from transformers import ${model}, AutoTokenizer; ` +
    `${model}.from_pretrained('${from}'${head}).save_pretrained('${to}', safe_serialization=True); ` +
    `AutoTokenizer.from_pretrained('${from}').save_pretrained('${to}')"`
  );
}
