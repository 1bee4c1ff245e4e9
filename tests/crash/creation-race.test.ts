// Several processes create the same ledger at the same instant: each gets it, and nobody takes it from another.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary.js';

const OPENER = new URL('opener.mjs', import.meta.url).pathname;
const ROUNDS = 25;

it('all of them open it', async () => {
  const directory = temporaryDirectory();
  const processes = [1, 2, 3].map(() => fork(OPENER, { execArgv: [] }));
  try {
    await Promise.all(processes.map((one) => once(one, 'message')));
    for (let round = 0; round < ROUNDS; round++) {
      const path = join(directory, `${round}.db`);
      const answers = processes.map((one) => once(one, 'message'));
      const at = Date.now() + 15;
      for (const one of processes) one.send({ path, at });
      expect((await Promise.all(answers)).map(([answer]) => answer)).toEqual(['opened', 'opened', 'opened']);
      expect(existsSync(path)).toBe(true);
    }
  } finally {
    for (const one of processes) one.kill();
  }
});
