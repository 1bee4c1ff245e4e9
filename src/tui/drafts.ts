// Drafts are kept as they are changed, however the program ends: each as a file of its own, in the form of edit files.
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, systemReason } from '../errors.js';
import { makeDirectories, replaceFile } from '../files.js';
import type { EditFile } from '../index.js';
import type { Draft } from './bench.js';

const DIRECTORY = join('.kn-edit', 'drafts');
const LONGEST_NAME = 40;

/**
 * Writes a draft to its file: over the one that it has, or to a new one.
 * @returns the file
 * @throws InputError when it cannot be written
 */
export function keepDraft({ edit, file }: Draft): string {
  try {
    makeDirectories(DIRECTORY);
    const path = file ?? freeFile(edit.name);
    replaceFile(path, `${JSON.stringify(withoutBlanks(edit), undefined, 2)}\n`, 0o600);
    return path;
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${DIRECTORY}: drafts cannot be kept: ${systemReason(error)}`);
  }
}

/** The drafts that were kept; and the files that are none any more, which are left alone. */
export async function readDrafts(): Promise<{ drafts: Draft[]; others: string[] }> {
  const { draftSchema } = await import('../spec/edit-file.js');
  const { readJson } = await import('../spec/json.js');
  const drafts: Draft[] = [];
  const others: string[] = [];
  for (const name of names()) {
    const file = join(DIRECTORY, name);
    try {
      drafts.push({ edit: readJson(file, draftSchema), file });
    } catch {
      others.push(file); // written by hand since, or not by this program, or half written by one that was killed
    }
  }
  return { drafts, others };
}

/** Throws a draft's file away. */
export function dropDraft({ file }: Draft): void {
  if (file) rmSync(file, { force: true });
}

function names(): string[] {
  try {
    return readdirSync(DIRECTORY).filter((name) => name.endsWith('.json'));
  } catch {
    return []; // none was ever kept
  }
}

/** A rewrite whose new object is not typed yet is no operation. */
function withoutBlanks(edit: EditFile): EditFile {
  const { operation } = edit;
  const blank = operation.type === 'rewrite' && operation.to === '';
  return blank ? { ...edit, operation: { type: 'suppress' } } : edit;
}

/** The name of an edit as that of a file, without what files cannot be called: "kazakhstan-capital". */
export function fileNameOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .slice(0, LONGEST_NAME);
}

/** A path that no file has, after the name of the edit; it is taken at once. */
function freeFile(name: string): string {
  const words = fileNameOf(name);
  for (let count = 1; ; count++) {
    const path = join(DIRECTORY, `${words}${count === 1 ? '' : `-${count}`}.json`);
    try {
      writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
      return path;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}
