// Token texts as people read them: byte-level and word-piece vocabularies write spaces and bytes in their own ways.
import { z } from 'zod';
import { SPACE } from './space.js';

/** Turns a token of the vocabulary into readable text. */
export type Reader = (token: string) => string;

const step = z.looseObject({
  type: z.string(),
  pattern: z.looseObject({ String: z.string().optional() }).optional(),
  content: z.string().optional(),
  replacement: z.string().optional(),
});
const steps = z.union([
  z.object({ type: z.literal('Sequence'), decoders: z.array(step) }).transform(({ decoders }) => decoders),
  step.transform((one) => [one]),
]);

/**
 * The reader of a tokenizer: byte-level ones (`ĠParis`), SentencePiece's (`▁Paris`) and Unigram's all give `␣Paris`;
 * bytes that are no text by themselves come out as `<0xE4>`. Others stay as they are (`##ing`).
 * @param decoder `decoder` of tokenizer.json
 */
export function tokenReader(decoder: unknown): Reader {
  const readers = (steps.safeParse(decoder).data ?? []).map(readerOf);
  return (token) => readers.reduce((text, read) => read(text), token);
}

/** What one step of a decoder makes of a token by itself. */
function readerOf({ type, pattern, content, replacement }: z.infer<typeof step>): Reader {
  if (type === 'ByteLevel') return readBytes;
  if (type === 'ByteFallback') return readByte;
  if (type === 'Metaspace') return (token) => token.replaceAll(replacement ?? '▁', SPACE);
  const sign = pattern?.String;
  if (type === 'Replace' && sign && content === ' ') return (token) => token.replaceAll(sign, SPACE);
  return (token) => token;
}

/** Byte-level tokens write each byte as one character: printable Latin-1 as itself, the others from U+0100 on. */
const byteOf = new Map<string, number>();
let next = 0x100;
for (let byte = 0; byte < 256; byte++) {
  const itself = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  byteOf.set(String.fromCharCode(itself ? byte : next++), byte);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function readBytes(token: string): string {
  const bytes: number[] = [];
  for (const character of token) {
    const byte = byteOf.get(character);
    if (byte === undefined) return token; // a special token
    bytes.push(byte);
  }
  try {
    return utf8.decode(Uint8Array.from(bytes)).replaceAll(' ', SPACE);
  } catch {
    return bytes.map(showByte).join('');
  }
}

/** `<0x0A>`: a byte of a character that the vocabulary does not have. */
function readByte(token: string): string {
  const [, hex] = /^<0x([0-9A-F]{2})>$/.exec(token) ?? [];
  return hex === undefined ? token : showByte(Number.parseInt(hex, 16));
}

function showByte(byte: number): string {
  if (byte === 0x20) return SPACE;
  if (byte < 0x80) return String.fromCharCode(byte);
  return `<0x${byte.toString(16).toUpperCase()}>`;
}
