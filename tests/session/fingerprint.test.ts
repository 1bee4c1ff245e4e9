// What a model is called by its files: the same whether it is loaded or only looked at, and kept for large ones.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { modelFiles } from '../../src/lm/files.js';
import { fingerprintsIn, lookAtFiles, remember } from '../../src/session/stored-fingerprints.js';
import { rewritten } from '../support/checkpoints.js';
import { copyModel } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

it.each([1, 3])('is made of all files, with weights in %i of them', (shards) => {
  const directory = rewritten('bert', { shards });
  const { small, weights } = modelFiles(directory);
  const former = createHash('sha256');
  for (const path of [...small, ...weights]) former.update(readFileSync(path));
  const formerFingerprint = former.digest('hex');
  const behind = readFileSync(join(directory, 'tokenizer_config.json'));
  const fingerprint = createHash('sha256').update(formerFingerprint).update(behind).digest('hex');
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
