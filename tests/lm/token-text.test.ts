// Token texts as people read them.
import { expect, it } from 'vitest';
import { tokenReader } from '../../src/lm/token-text.js';
import { readTokenizer } from '../support/tokenizers.js';

it.each<[string | undefined, string, string]>([
  ['ByteLevel', 'ĠParis', '␣Paris'],
  ['ByteLevel', 'Paris', 'Paris'],
  ['ByteLevel', 'ĠÃ©t', '␣ét'],
  ['ByteLevel', 'æĹ¥', '日'],
  ['ByteLevel', 'æĹ', '<0xE6><0x97>'],
  ['ByteLevel', 'ĠÃ', '␣<0xC3>'],
  ['ByteLevel', 'Ċ', '\n'],
  ['ByteLevel', '<|endoftext|>', '<|endoftext|>'],
  ['ByteLevel', '日', '日'], // not a byte: a token that was added
  ['Metaspace', '▁Paris', '␣Paris'],
  ['WordPiece', '##ing', '##ing'],
  [undefined, 'Ġ', 'Ġ'],
])('%s: %s is %s', (type, token, text) => {
  expect(tokenReader(type && { type })(token)).toBe(text);
});

it("SentencePiece's tokens are read by the steps of their decoder", () => {
  const replace = { type: 'Replace', pattern: { String: '▁' }, content: ' ' };
  const rest = [{ type: 'Fuse' }, { type: 'Strip', content: ' ', start: 1, stop: 0 }];
  const read = tokenReader({ type: 'Sequence', decoders: [replace, { type: 'ByteFallback' }, ...rest] });
  for (const [token, text] of [
    ['▁Paris', '␣Paris'],
    ['Paris', 'Paris'],
    ['▁▁', '␣␣'],
    ['<0x0A>', '\n'],
    ['<0xE6>', '<0xE6>'],
    ['<0x20>', '␣'],
    ['<s>', '<s>'],
    ['<0xzz>', '<0xzz>'],
  ] as const) {
    expect(read(token)).toBe(text);
  }
});

it.each(['llama', 'llama-tied', 'mistral', 'gemma', 'phi3', 'modernbert'])(
  '%s: Paris has a space',
  (kind) => {
    const tokenizer = readTokenizer(kind);
    expect(tokenizer.encodeTarget('Paris').token).toBe('␣Paris');
    expect(tokenizer.token(100_000)).toBe('<100000>'); // a row of the embedding without a token
  },
);
