// Tokenizers of golden checkpoints without their networks, with some fields of their two files changed.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer } from '../../src/lm/tokenizer.js';
import { goldenDirectory, readGolden } from './golden.js';
import { temporaryDirectory } from './temporary.js';

export type Json = Record<string, unknown>;

export function readJson(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8')) as Json;
}

/** Whether models of a kind continue a text. */
export function isCausal(kind: string): boolean {
  return (
    ['gpt2', 'gpt-neo'].includes(kind) || readGolden(kind).facts[0]?.prompts[0]?.continuationIds !== undefined
  );
}

/** How a tokenizer is changed before it is read. */
export interface Changes {
  json?: (all: Json) => Json;
  config?: Json;
}

/** The tokenizer in a directory. @param causal whether its model continues a text */
export function tokenizerIn(source: string, causal: boolean, changes: Changes = {}): Tokenizer {
  const { json = (all) => all, config = {} } = changes;
  const directory = temporaryDirectory();
  const path = join(directory, 'tokenizer.json');
  const configPath = join(directory, 'tokenizer_config.json');
  writeFileSync(path, JSON.stringify(json(readJson(join(source, 'tokenizer.json')))));
  copyFileSync(join(source, 'tokenizer_config.json'), configPath);
  writeFileSync(configPath, JSON.stringify({ ...readJson(configPath), ...config }));
  const { model_type: family } = readJson(join(source, 'config.json'));
  return Tokenizer.read(path, configPath, {
    special: causal ? undefined : { mask: '[MASK]', unknown: '[UNK]' },
    family: String(family),
    vocabulary: 100_000,
    maxLength: 512,
  });
}

/** The tokenizer of a golden checkpoint. */
export function readTokenizer(kind: string, changes: Changes = {}): Tokenizer {
  return tokenizerIn(goldenDirectory(kind), isCausal(kind), changes);
}
