// kill -9 at any moment: no fact is lost, none is done twice, and what is found is what is found without a kill.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';
import { killSweeps } from './kills.js';
import { facts, failuresIn, QUICK, resultsIn, smallSet, timelessLines } from './runs.js';

const ROUNDS = Number(process.env.KN_EDIT_KILL_ROUNDS ?? 4);
/** For each round, more than are done before it is killed. */
const FACTS = 30;

/** What was found of each fact. Scores differ in their last digits with the batches that a prompt was in. */
function foundIn(out: string): { id: string; neurons: [layer: number, neuron: number][] }[] {
  return resultsIn(out).map(({ id, neurons }) => {
    return { id, neurons: neurons.map(({ layer, neuron }) => [layer, neuron]) };
  });
}

/** Runs to its end what was killed. */
async function goOn(args: readonly string[], killed: number) {
  const { code, stdout } = await runCli([...args, '--json'], { limit: 400_000 });
  const { counts, computed } = JSON.parse(stdout);
  const before = counts.done + counts.failed - computed;
  console.log(`${killed} kills; ${before} facts done before the last run, ${computed} in it`);
  expect(killed).toBeGreaterThan(0);
  expect(before).toBeGreaterThan(0);
  return { code, counts };
}

it(
  `survives ${ROUNDS} kills`,
  async () => {
    const relations = Object.keys(facts);
    const set = smallSet(Math.ceil((FACTS * ROUNDS) / relations.length), relations);
    const out = join(temporaryDirectory(), 'run');
    const args = ['sweep', set, '--out', out, ...QUICK, '--quiet'];
    const killed = await killSweeps(args, out, { rounds: ROUNDS, growth: 100_000 });
    const { code, counts } = await goOn(args, killed);
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

/** Edits on top of each other become slower. */
const STACKED_ROUNDS = Math.min(ROUNDS, 20);

it(
  `goes on upon the same edits after ${STACKED_ROUNDS} kills of a sequential sweep`,
  async () => {
    const set = smallSet(3 * STACKED_ROUNDS);
    const how = ['--do', 'edit', '--sequential', '--method', 'relative', '--controls', '0', '--text', '50'];
    const argsOf = (out: string) => ['sweep', set, '--out', out, ...how, ...QUICK, '--quiet'];
    const [out, undisturbed] = [join(temporaryDirectory(), 'run'), join(temporaryDirectory(), 'run')];
    // Some edits: each leaves its probes and vectors.
    const killed = await killSweeps(argsOf(out), out, { rounds: STACKED_ROUNDS, growth: 60_000 });
    await goOn(argsOf(out), killed);
    // One may have been set aside that was at work whenever the program was ended.
    await runCli([...argsOf(out), '--retry'], { limit: 400_000 });
    await runCli(argsOf(undisturbed), { limit: 400_000 });
    expect(timelessLines(out)).toEqual(timelessLines(undisturbed));
    expect(failuresIn(out)).toEqual(failuresIn(undisturbed));
    const checks = (run: string) => readFileSync(join(run, 'sequence.jsonl'), 'utf8');
    expect(checks(out)).toBe(checks(undisturbed));
  },
  800_000 + 15_000 * ROUNDS,
);
