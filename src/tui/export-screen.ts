// What the screen shows, as files: its picture, its page, and the data behind it. Nothing that is there is written over.
import { existsSync, writeFileSync } from 'node:fs';
import { errorData, InputError } from '../errors.js';
import { screenHtml, screenSvg } from '../report/figures/screen.js';

/**
 * @param frame the screen's lines, with their colours
 * @param data of which JSON is made: sets as lists, maps as objects; arrays of numbers of a model are left out
 * @returns the paths, in the working directory
 * @throws InputError when they cannot be written
 */
export function exportScreen(name: string, frame: readonly string[], data: unknown): string[] {
  const title = `kn-edit: ${name}`;
  const texts = {
    svg: screenSvg(frame, title),
    html: screenHtml(frame, title),
    json: `${JSON.stringify(data ?? null, plainly, 2)}\n`,
  };
  let stem = `kn-edit-${name}`;
  for (let i = 2; Object.keys(texts).some((ending) => existsSync(`${stem}.${ending}`)); i++) {
    stem = `kn-edit-${name}-${i}`;
  }
  return Object.entries(texts).map(([ending, text]) => {
    const path = `${stem}.${ending}`;
    try {
      writeFileSync(path, text, { flag: 'wx' });
    } catch (error) {
      throw new InputError(`${path}: cannot be written: ${errorData(error).message}`);
    }
    return path;
  });
}

function plainly(_: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return undefined;
  if (value instanceof Set) return [...value];
  return value instanceof Map ? Object.fromEntries(value) : value;
}
