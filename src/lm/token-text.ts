// Token texts as people read them: byte-level and word-piece vocabularies write spaces and bytes in their own ways.

/** How a leading space is shown. */
export const SPACE = '␣';

/** Turns a token of the vocabulary into readable text. */
export type Reader = (token: string) => string;

/**
 * The reader of a tokenizer: of a byte-level one (`ĠParis`) and of a Unigram one (`▁Paris`) both give `␣Paris`; bytes
 * that are no text by themselves come out as `<0xE4>`. Others stay as they are (`##ing`).
 * @param decoder `decoder.type` of tokenizer.json
 */
export function tokenReader(decoder: string | undefined): Reader {
  if (decoder === 'ByteLevel') return readBytes;
  if (decoder === 'Metaspace') return (token) => token.replaceAll('▁', SPACE);
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

function showByte(byte: number): string {
  if (byte === 0x20) return SPACE;
  if (byte < 0x80) return String.fromCharCode(byte);
  return `<0x${byte.toString(16).toUpperCase()}>`;
}
