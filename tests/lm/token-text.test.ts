// Token texts as people read them.
import { expect, it } from 'vitest';
import { tokenReader } from '../../src/lm/token-text.js';

it.each([
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
])('%s: %s is %s', (decoder, token, text) => {
  expect(tokenReader(decoder)(token)).toBe(text);
});
