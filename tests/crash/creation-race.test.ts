// Several processes create or migrate the same ledger at the same instant: each gets it, and nobody takes it from
// another.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary.js';

const OPENER = new URL('opener.mjs', import.meta.url).pathname;
const ROUNDS = 25;

const VERSION_1 = new URL('../ledger/version-1.db', import.meta.url).pathname;

it.each([
  ['that none has created yet', undefined],
  ['of an older version', VERSION_1],
])('all of them open one %s', async (_, start) => {
  const directory = temporaryDirectory();
  const processes = [1, 2, 3].map(() => fork(OPENER, { execArgv: [] }));
  try {
    await Promise.all(processes.map((one) => once(one, 'message')));
    for (let round = 0; round < ROUNDS; round++) {
      const path = join(directory, `${round}.db`);
      if (start) copyFileSync(start, path);
      const answers = processes.map((one) => once(one, 'message'));
      const at = Date.now() + 15;
      for (const one of processes) one.send({ path, at });
      expect((await Promise.all(answers)).map(([answer]) => answer)).toEqual(['opened', 'opened', 'opened']);
      expect([existsSync(path), existsSync(`${path}.v1`)]).toEqual([true, start !== undefined]);
    }
  } finally {
    for (const one of processes) one.kill();
  }
});
