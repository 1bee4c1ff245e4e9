// How a text is cut into words before byte-level BPE, by the names that llama.cpp gives to the ways of the original
// tokenizers (`tokenizer.ggml.pre`), in the words of tokenizer.json.
import { splitDigits } from '../digits.js';

/** What differs from one byte-level tokenizer to the next. */
export interface PreTokenizer {
  normalizer?: unknown;
  /** Before bytes become characters. */
  split?: unknown;
  /** Whether ByteLevel cuts words itself, by GPT-2's pattern. */
  byteLevelSplits: boolean;
  /** A word that is a token is not put together of others. */
  ignoreMerges?: boolean;
  /** Where the metadata do not say. */
  addsBos?: boolean;
}

const NFC = { type: 'NFC' };

function by(regex: string): unknown {
  return { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false };
}

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const BLANKS = '\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

/** GPT-4's pattern. @param digits of a number that stay together */
function cl100k(digits: string): unknown {
  const word = '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+';
  return by(`${CONTRACTIONS}|${word}|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${BLANKS}`);
}

/** GPT-4o's pattern: words begin with their capitals. */
function o200k(contractions: string, digits: string): unknown {
  const upper = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]';
  const lower = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]';
  const before = '[^\\r\\n\\p{L}\\p{N}]?';
  const words = `${before}${upper}*${lower}+${contractions}|${before}${upper}+${lower}*${contractions}`;
  return by(`${words}|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|${BLANKS}`);
}

const gpt2: PreTokenizer = { byteLevelSplits: true };
const singleDigits: PreTokenizer = { split: splitDigits(true), byteLevelSplits: true };
const gpt4: PreTokenizer = { split: cl100k('\\p{N}{1,3}'), byteLevelSplits: false };
const llama3: PreTokenizer = { ...gpt4, ignoreMerges: true, addsBos: true };
const qwen2: PreTokenizer = { normalizer: NFC, split: cl100k('\\p{N}'), byteLevelSplits: false };

export const PRE_TOKENIZERS: Readonly<Record<string, PreTokenizer>> = {
  'gpt-2': gpt2,
  'phi-2': gpt2,
  olmo: { ...gpt2, normalizer: NFC }, // GPT-NeoX's
  mpt: { ...gpt2, normalizer: NFC },
  smollm: singleDigits,
  starcoder: singleDigits,
  refact: singleDigits,
  'llama-bpe': llama3,
  llama3,
  'llama-v3': llama3,
  dbrx: gpt4,
  'smaug-bpe': gpt4,
  qwen2,
  'deepseek-r1-qwen': qwen2,
  tekken: { split: o200k('', '\\p{N}'), byteLevelSplits: false, ignoreMerges: true, addsBos: true },
  'gpt-4o': { split: o200k(`${CONTRACTIONS}?`, '\\p{N}{1,3}'), byteLevelSplits: false },
};
