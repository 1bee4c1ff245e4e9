// kill -9 at any moment: no fact is lost, none is done twice, and what is found is what is found without a kill.
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { seeded } from '../../src/random.js';
import { MAIN, runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';
import { facts, failuresIn, QUICK, resultsIn, smallSet } from './runs.js';

const ROUNDS = Number(process.env.KN_EDIT_KILL_ROUNDS ?? 4);
/** For each round, more than are done before it is killed. */
const FACTS = 30;
/** Of a run's file, in bytes, by which results have come into it: its jobs alone are smaller. */
const GROWTH = 100_000;

/** What was found of each fact. Scores differ in their last digits with the batches that a prompt was in. */
function foundIn(out: string): { id: string; neurons: [layer: number, neuron: number][] }[] {
  return resultsIn(out).map(({ id, neurons }) => {
    return { id, neurons: neurons.map(({ layer, neuron }) => [layer, neuron]) };
  });
}

it(
  `survives ${ROUNDS} kills`,
  async () => {
    const relations = Object.keys(facts);
    const set = smallSet(Math.ceil((FACTS * ROUNDS) / relations.length), relations);
    const out = join(temporaryDirectory(), 'run');
    const args = ['sweep', set, '--out', out, ...QUICK, '--quiet'];
    const random = seeded(ROUNDS);
    const size = () => statSync(join(out, 'run.db'), { throwIfNoEntry: false })?.size ?? 0;
    let killed = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const child = spawn(process.execPath, [MAIN, ...args], { stdio: 'ignore' });
      const ended = new Promise<NodeJS.Signals | null>((resolve) =>
        child.once('exit', (_, signal) => resolve(signal)),
      );
      // At a moment of its start, or a moment after the first results.
      await Promise.race([setTimeout(500 + 1500 * random()), ended]);
      if (round % 2 === 1) {
        const before = size();
        while (size() < before + GROWTH && child.exitCode === null) await setTimeout(20);
        await Promise.race([setTimeout(500 * random()), ended]);
      }
      child.kill('SIGKILL');
      if ((await ended) === 'SIGKILL') killed++;
    }
    const { code, stdout } = await runCli([...args, '--json'], { limit: 400_000 });
    const { counts, computed } = JSON.parse(stdout);
    const before = counts.done + counts.failed - computed;
    console.log(`${killed} kills; ${before} facts done before the last run, ${computed} in it`);
    expect(killed).toBeGreaterThan(0);
    expect(before).toBeGreaterThan(0);
    const undisturbed = join(temporaryDirectory(), 'run');
    await runCli(['sweep', set, '--out', undisturbed, ...QUICK, '--quiet'], { limit: 400_000 });
    const all = foundIn(undisturbed);
    expect(counts).toMatchObject({ waiting: 0, done: all.length - counts.failed });
    // A fact may have been set aside that was at work whenever the program was ended: it is named, and tried again on demand.
    const failures = failuresIn(out);
    expect(failures).toHaveLength(counts.failed);
    expect(failures.length).toBeLessThanOrEqual(killed / 3);
    expect(code).toBe(failures.length > 0 ? 3 : 0);
    const lost = new Set(failures.map(({ id }) => id));
    expect(foundIn(out)).toEqual(all.filter(({ id }) => !lost.has(id)));
  },
  800_000 + 15_000 * ROUNDS,
);
