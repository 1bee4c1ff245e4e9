// What a control group keeps of files counts as memory that is available.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { fileCache } from '../../src/engine/choice/available.js';
import { temporaryDirectory } from '../support/temporary.js';

const TWO = 'anon 5\nfile 900\ninactive_file 300\nactive_file 70\n';
const ONE = `cache 900\ninactive_file 1\nactive_file 2\ntotal_inactive_file 300\ntotal_active_file 70\n`;

test.each<[string, string, string, string]>([
  ['version 2', '0::/app\n', 'app/memory.stat', TWO],
  ['version 2, seen from within', '0::/\n', 'memory.stat', TWO],
  ['version 1', '9:cpu,memory:/app\n0::/\n', 'memory/app/memory.stat', ONE],
  ['version 1, seen from within', '4:memory:/docker/app\n0::/\n', 'memory/memory.stat', ONE],
])('%s', (_, groups, place, counts) => {
  const root = temporaryDirectory();
  const files = { 'proc/self/cgroup': groups, [join('sys/fs/cgroup', place)]: counts };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  expect(fileCache(root)).toBe(370);
});

test('where nothing is told of it, there is none', () => {
  expect(fileCache(temporaryDirectory())).toBe(0);
});
