// kill -9 at any moment: no fact is lost, and none is done twice.
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { seeded } from '../../src/random.js';
import { MAIN, runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';
import { failuresIn, QUICK, resultsIn, smallSet } from './runs.js';

const ROUNDS = Number(process.env.KN_EDIT_KILL_ROUNDS ?? 4);

/** When the manifest was written last: by then, the jobs are planned. */
function plannedAt(out: string): number {
  return statSync(join(out, 'manifest.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

it(
  `survives ${ROUNDS} kills`,
  async () => {
    const set = smallSet(10 * ROUNDS, ['capital', 'currency', 'symbol']);
    const out = join(temporaryDirectory(), 'run');
    const args = ['sweep', set, '--out', out, ...QUICK, '--quiet'];
    const random = seeded(ROUNDS);
    let killed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'ignore' });
      const ended = new Promise<NodeJS.Signals | null>((resolve) =>
        child.once('exit', (_, signal) => resolve(signal)),
      );
      const before = plannedAt(out);
      while (plannedAt(out) === before && child.exitCode === null) await setTimeout(20);
      await Promise.race([setTimeout(6000 * random()), ended]); // from here on it computes
      child.kill('SIGKILL');
      if ((await ended) === 'SIGKILL') killed++;
    }
    const { code, stdout } = await runCli([...args, '--json'], { limit: 400_000 });
    const { counts, computed } = JSON.parse(stdout);
    console.log(
      `${killed} kills; ${counts.done - computed} facts done before the last run, ${computed} in it`,
    );
    const places = resultsIn(out).map(({ place }) => place);
    expect(new Set(places).size).toBe(places.length);
    // A fact may have been set aside that was at work whenever the program was ended: it is named, and tried again on demand.
    const failures = failuresIn(out);
    expect(places.length + failures.length).toBe(counts.done + counts.failed);
    expect(counts.waiting).toBe(0);
    expect(code).toBe(failures.length > 0 ? 3 : 0);
    expect(failures.length).toBeLessThanOrEqual(killed / 3);
  },
  400_000 + 15_000 * ROUNDS,
);
