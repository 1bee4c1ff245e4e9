// How GGUF's tokenizers cut a text into words, against Python's tokenizers with the original pre-tokenizers.
import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GgufFile } from '../../src/lm/gguf/file.js';
import { gguf, text, writeGguf } from '../support/gguf.js';
import { converted } from '../support/gguf-golden.js';

const { texts, words } = z
  .object({ texts: z.array(z.string()), words: z.record(z.string(), z.array(z.array(z.string()))) })
  .parse(JSON.parse(readFileSync(new URL('../golden/pre-tokenizers.json', import.meta.url), 'utf8')));

describe.each(Object.entries(words))('%s', (name, expected) => {
  it.each(texts.map((one, i) => [one, expected[i]]))('%j', (one, its) => {
    const { metadata, tensors } = converted('qwen2');
    const path = writeGguf(gguf({ ...metadata, 'tokenizer.ggml.pre': text(name) }, tensors));
    const file = GgufFile.open(path);
    const tokenizer = new Tokenizer(file.tokenizer(), file.tokenizerConfig());
    file.close();
    const normal = tokenizer.normalizer?.normalize(String(one)) ?? String(one);
    expect(tokenizer.pre_tokenizer?.pre_tokenize_text(normal, {})).toEqual(its);
  });
});
