// What a model is called by its files: the same whether it is loaded or only looked at, and kept for large ones.
import { readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { LanguageModel } from '../../src/lm/language-model.js';
import { fingerprintsIn, lookAtFiles, remember } from '../../src/session/stored-fingerprints.js';
import { rewritten } from '../support/checkpoints.js';
import { copyModel } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

it.each([1, 3])('is the same before and after loading, with weights in %i files', async (shards) => {
  const directory = rewritten('bert', { shards });
  await prepareEngine('wasm');
  const model = LanguageModel.load(directory);
  const { fingerprint, formerFingerprint } = model.info;
  model.dispose();
  expect(fingerprintsIn(directory)).toEqual({ fingerprint, formerFingerprint });
  writeFileSync(join(directory, 'tokenizer_config.json'), '{}');
  const other = fingerprintsIn(directory);
  expect(other.formerFingerprint).toBe(formerFingerprint);
  expect(other.fingerprint).not.toBe(fingerprint);
});

it('is kept for a large model, until one of its files changes', () => {
  const cache = temporaryDirectory();
  vi.stubEnv('XDG_CACHE_HOME', cache);
  try {
    const directory = copyModel();
    const weights = join(directory, 'model.safetensors');
    fingerprintsIn(directory);
    expect(readdirSync(cache), 'a small one is not').toEqual([]);
    truncateSync(weights, 70_000_000);
    const seen = lookAtFiles(directory);
    const first = fingerprintsIn(directory);
    const kept = join(cache, 'kn-edit', 'fingerprints');
    expect(readdirSync(kept)).toHaveLength(1);
    const told = { fingerprint: 'a'.repeat(64), formerFingerprint: 'b'.repeat(64) };
    remember(directory, seen, told);
    expect(fingerprintsIn(directory), 'from the cache').toEqual(told);
    utimesSync(weights, 1, 1);
    expect(fingerprintsIn(directory)).toEqual(first);
    rmSync(kept, { recursive: true });
    writeFileSync(kept, 'in the way');
    expect(fingerprintsIn(directory)).toEqual(first);
  } finally {
    vi.unstubAllEnvs();
  }
});
