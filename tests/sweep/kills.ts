// Sweeps that are ended by kill -9, at moments of their start and of their work.
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { seeded } from '../../src/random.js';
import { MAIN } from '../support/cli.js';

/**
 * Gives the same command again and again, and kills each.
 * @param growth of the run's file, in bytes, by which results have come into it: its jobs alone are smaller
 * @returns how many were killed before their end
 */
export async function killSweeps(
  args: readonly string[],
  out: string,
  { rounds, growth }: { rounds: number; growth: number },
): Promise<number> {
  const random = seeded(rounds);
  const size = () => statSync(join(out, 'run.db'), { throwIfNoEntry: false })?.size ?? 0;
  let killed = 0;
  for (let round = 0; round < rounds; round++) {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'ignore' });
    const ended = new Promise<NodeJS.Signals | null>((resolve) =>
      child.once('exit', (_, signal) => resolve(signal)),
    );
    // At a moment of its start, or a moment after the first results.
    await Promise.race([setTimeout(500 + 1500 * random()), ended]);
    if (round % 2 === 1) {
      const before = size();
      while (size() < before + growth && child.exitCode === null) await setTimeout(20);
      await Promise.race([setTimeout(500 * random()), ended]);
    }
    child.kill('SIGKILL');
    if ((await ended) === 'SIGKILL') killed++;
  }
  return killed;
}
