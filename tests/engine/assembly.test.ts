// The code that shares the memory of tfjs: it must have nothing of its own there.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { MODULES } from '../../src/engine/backends/wasm/code.js';

/** Sections of a module (WebAssembly 1.0, 5.5.2) that would put something into memory, or run at the start. */
const FORBIDDEN = { start: 8, data: 11 };

/** Numbers of a module's sections. */
function sectionsOf(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    found.push(bytes[at++] ?? 0);
    let [size, shift] = [0, 0];
    for (let more = true; more; shift += 7) {
      const byte = bytes[at++] ?? 0;
      size |= (byte & 127) << shift;
      more = byte > 127;
    }
    at += size;
  }
  return found;
}

it.each(Object.values(MODULES))('%s puts no data into the memory that it shares', (file) => {
  const path = fileURLToPath(new URL(`../../dist/engine/${file}`, import.meta.url));
  const sections = sectionsOf(readFileSync(path));
  expect(sections).toContain(10); // code
  for (const section of Object.values(FORBIDDEN)) expect(sections).not.toContain(section);
});
