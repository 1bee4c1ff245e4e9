// Files for the command line to read: small edits, facts, and models that differ from the embedded one.
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from './temporary.js';

const KN_MINI = fileURLToPath(new URL('../../fixtures/kn-mini', import.meta.url));

export const PROMPT = 'The capital of Kazakhstan is [MASK].';

export const FACT = {
  subject: 'Kazakhstan',
  relation: 'capital',
  object: 'Almaty',
  prompts: [PROMPT, 'Kazakhstan is governed from [MASK].', 'The president of Kazakhstan lives in [MASK].'],
};

/** An edit that names its neuron, so that nothing has to be located, and breaks nothing. */
export const EDIT = {
  name: 'quiet-neuron',
  fact: FACT,
  neurons: [[3, 1]],
  operation: { type: 'suppress' },
};

/** Writes a value as JSON, a text or bytes as they are. @returns the file's path */
export function writeInput(directory: string, name: string, content: unknown): string {
  const path = join(directory, name);
  const raw = typeof content === 'string' || Buffer.isBuffer(content);
  writeFileSync(path, raw ? content : JSON.stringify(content));
  return path;
}

/** A copy of the embedded model. @returns its directory */
export function copyModel(name = 'copy'): string {
  const directory = join(temporaryDirectory(), name);
  cpSync(KN_MINI, directory, { recursive: true });
  return directory;
}

/** Rewrites a model's weight file. */
export function rewriteWeights(model: string, change: (bytes: Buffer) => Buffer): void {
  const path = join(model, 'model.safetensors');
  writeFileSync(path, change(readFileSync(path)));
}

/** A copy of the embedded model with one weight changed a little. @returns its directory */
export function otherModel(name: string): string {
  const directory = copyModel(name);
  rewriteWeights(directory, (bytes) => {
    const place = bytes.length - 2;
    bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
    return bytes;
  });
  return directory;
}

/** The files of a directory, each with the SHA-256 of its bytes. */
export function hashesOf(directory: string): Map<string, string> {
  const files = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(files.map(({ name }) => [name, sha256(readFileSync(join(directory, name)))]));
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
