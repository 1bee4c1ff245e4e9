// What a model is called by its files: the same whether it is loaded or only looked at, and kept for large ones.
import { createHash } from 'node:crypto';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { writeCheckpoint } from '../../src/bench/checkpoint.js';
import { BERT_BASE } from '../../src/bench/shapes.js';
import { prepareEngine } from '../../src/engine/choice/prepare.js';
import { modelFiles } from '../../src/lm/files.js';
import { lookAtFiles, recall, remember } from '../../src/lm/known-files.js';
import { LanguageModel } from '../../src/lm/language-model.js';
import { SafetensorsFile } from '../../src/lm/safetensors.js';
import { fingerprintsIn } from '../../src/session/stored-fingerprints.js';
import { version } from '../../src/version.js';
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

describe('of a large model', () => {
  const WEIGHTS = 'model.safetensors';
  const told = { fingerprint: 'a'.repeat(64), formerFingerprint: 'b'.repeat(64) };
  let cache: string;
  let directory: string;
  let weights: string;

  beforeEach(() => {
    cache = temporaryDirectory();
    vi.stubEnv('XDG_CACHE_HOME', cache);
    directory = copyModel();
    weights = join(directory, WEIGHTS);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  const kept = () => join(cache, 'kn-edit', 'fingerprints');

  it('is kept, that of a small one is not', () => {
    fingerprintsIn(directory);
    expect(readdirSync(cache)).toEqual([]);
    truncateSync(weights, 70_000_000);
    fingerprintsIn(directory);
    expect(readdirSync(kept())).toHaveLength(1);
    remember('fingerprints', lookAtFiles(directory), told);
    expect(fingerprintsIn(directory)).toEqual(told);
  });

  it('is made anew when a file changes, though it has the size and the time that it had', () => {
    truncateSync(weights, 70_000_000);
    const { atime, mtime } = statSync(weights);
    utimesSync(weights, atime, mtime); // to the precision that it can be set to again
    const first = fingerprintsIn(directory);
    writeByte(weights, 69_000_000, 1);
    utimesSync(weights, atime, mtime);
    const changed = fingerprintsIn(directory);
    expect(changed).not.toEqual(first);
    writeByte(weights, 69_000_000, 0);
    expect(fingerprintsIn(directory)).toEqual(first);
    expect(changed.fingerprint).not.toBe(first.fingerprint);
  });

  it('is not kept when a file has changed meanwhile', () => {
    truncateSync(weights, 70_000_000);
    const seen = lookAtFiles(directory);
    utimesSync(weights, 1, 1);
    remember('fingerprints', seen, told);
    expect(readdirSync(cache)).toEqual([]);
  });

  it.each(['', '{', '{"fingerprint":"a"}', '[]'])('is made anew where what was kept is %j', (damaged) => {
    truncateSync(weights, 70_000_000);
    const first = fingerprintsIn(directory);
    const [name = ''] = readdirSync(kept());
    writeFileSync(join(kept(), name), damaged);
    expect(fingerprintsIn(directory)).toEqual(first);
  });

  it('is made where nothing can be kept', () => {
    truncateSync(weights, 70_000_000);
    const first = fingerprintsIn(directory);
    rmSync(kept(), { recursive: true });
    writeFileSync(kept(), 'in the way');
    expect(fingerprintsIn(directory)).toEqual(first);
    rmSync(cache, { recursive: true });
    writeFileSync(cache, 'in the way');
    expect(fingerprintsIn(directory)).toEqual(first);
  });
});

it('weights that were found to be finite are not looked at again, until they change', async () => {
  vi.stubEnv('XDG_CACHE_HOME', temporaryDirectory());
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const directory = join(temporaryDirectory(), 'model');
  const config = { ...BERT_BASE, num_hidden_layers: 1, hidden_size: 48, max_position_embeddings: 400_000 };
  writeCheckpoint(directory, config, copyModel());
  await prepareEngine('wasm');
  const load = () => LanguageModel.load(directory).dispose();
  const weights = join(directory, 'model.safetensors');
  const file = SafetensorsFile.open(weights);
  const { start = 0 } = file.tensors.get('bert.embeddings.position_embeddings.weight') ?? {};
  file.close();
  writeNaN(weights, start);
  expect(load).toThrow('not finite');
  expect(load, 'a second time, too').toThrow('not finite');
  remember('finite', lookAtFiles(directory), version());
  load();
  utimesSync(weights, 1, 1);
  expect(load).toThrow('not finite');
  writeByte(weights, start + 3, 0);
  load();
  const seen = lookAtFiles(directory);
  expect(recall('finite', seen, z.string())).toBe(version());
});

function writeByte(path: string, position: number, value: number): void {
  write(path, position, [value]);
}

function writeNaN(path: string, position: number): void {
  write(path, position, new Uint8Array(new Float32Array([Number.NaN]).buffer));
}

function write(path: string, position: number, bytes: Iterable<number>): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, Uint8Array.from(bytes), 0, undefined, position);
  closeSync(fd);
}
