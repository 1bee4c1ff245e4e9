// kn-edit neuron: what it tells agrees with the commands that measure the same; and what cannot be looked at.

import type { NeuronView } from 'kn-edit';
import { describe, expect, it } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { EDIT, FACT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const CAPITAL = new URL('../../edits/fix-capital.json', import.meta.url).pathname;

interface Applied {
  metrics: { effect: number; sideEffects: { flips: { all: number } } };
  before: { role: string; top: { id: number }[] }[];
  after: { role: string; top: { id: number }[] }[];
}

const NEURONS: [number, number][] = [
  [3, 133],
  [3, 223],
  [3, 445],
];

/** A directory to work in, and what is done there. */
function workplace() {
  const cwd = temporaryDirectory();
  const run = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await runCli([...args, '--json'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as T;
  };
  const edit = (neurons: [number, number][]) =>
    writeInput(cwd, `${neurons.flat().join('-')}.json`, { ...EDIT, name: 'suppress', neurons });
  const tryOut = (path: string) =>
    run<Applied>('apply', path, '--dry-run', '--control', 'none', '--allow-regressions');
  return { cwd, run, edit, tryOut };
}

describe('neuron', () => {
  it('tells of a fact what locate tells, and of suppressing it alone what apply measures', async () => {
    const { cwd, run, edit, tryOut } = workplace();
    const found = await run<NeuronView>('neuron', '3:133', '--fact', CAPITAL);
    const located = await run<{ neurons: object[]; prompts: { coarse: object[] }[] }>('locate', CAPITAL);
    expect(found.fact?.refined).toEqual(located.neurons.find((one) => 'neuron' in one && one.neuron === 133));
    const mean = (found.fact?.prompts ?? []).reduce((sum, { score }) => sum + score / 8, 0);
    expect(mean).toBeCloseTo(found.fact?.refined?.meanScore ?? 0, 6);
    expect(found.past).toMatchObject({ located: 0 });
    expect(await run<NeuronView>('neuron', '3:133')).toMatchObject({
      past: { located: 1, facts: [{ subject: 'Kazakhstan', relation: 'capital', object: 'Almaty' }] },
      norm: { of: 512 },
      background: { facts: 40, generic: false },
      fact: null,
    });
    for (const { tokens, position, activation } of found.fact?.prompts ?? []) {
      expect(tokens[position]).toEqual({ token: '[MASK]', activation });
    }
    // The same operation, as an edit of this neuron.
    const path = writeInput(cwd, 'fact.json', FACT);
    const alone = await run<NeuronView>('neuron', '3:133', '--fact', path);
    const applied = await tryOut(edit([[3, 133]]));
    const [suppressed] = alone.fact?.operations ?? [];
    expect(suppressed?.operation).toBe('suppress');
    expect(suppressed?.metrics.effect).toBeCloseTo(applied.metrics.effect, 6);
    expect(suppressed?.metrics.sideEffects.flips.all).toBe(applied.metrics.sideEffects.flips.all);
    expect(suppressed?.control?.draws).toHaveLength(5);
  });

  it('left out of an edit, the edit is that of the other neurons; from its file and from the ledger', async () => {
    const { run, edit, tryOut } = workplace();
    const path = edit(NEURONS);
    const [all, rest] = [await tryOut(path), await tryOut(edit(NEURONS.slice(1)))];
    const changed = ({ before, after }: Applied) =>
      before.flatMap(({ role, top }, i) => {
        const around = role === 'neighborhood' || role === 'unrelated';
        return around && top[0]?.id !== after[i]?.top[0]?.id ? [i] : [];
      });
    const { leftOut } = await run<NeuronView>('neuron', '3:133', '--edit', path);
    expect(leftOut?.edit).toEqual({ id: null, name: 'suppress', operation: 'suppress', neurons: 3 });
    expect(leftOut?.whole.effect).toBeCloseTo(all.metrics.effect, 6);
    expect(leftOut?.effect).toBeCloseTo(rest.metrics.effect, 6);
    expect(leftOut?.whole.changed).toBe(changed(all).length);
    expect(leftOut?.saved).toBe(changed(all).filter((i) => !changed(rest).includes(i)).length);
    expect(leftOut?.control.map(({ neuron }) => neuron).sort()).toEqual([223, 445]);

    await run('apply', path, '--control', 'none', '--allow-regressions');
    const recorded = await run<NeuronView>('neuron', '3:133', '--edit', '1');
    expect(recorded.edits).toEqual([{ id: 1, name: 'suppress', operation: 'suppress', status: 'applied' }]);
    expect(recorded.norm.value).toBe(0);
    expect(recorded.leftOut).toMatchObject({ edit: { id: 1, neurons: 3 }, saved: leftOut?.saved });
    expect(recorded.leftOut?.effect).toBeCloseTo(leftOut?.effect ?? 0, 6);
    await run('revert', '1');
    const reverted = await run<NeuronView>('neuron', '3:133', '--edit', '1');
    expect(reverted.leftOut?.effect).toBeCloseTo(leftOut?.effect ?? 0, 6);
  });

  it.each<[says: string, args: string[]]>([
    ['neuron: "3" is no neuron; give its layer and its index', ['3']],
    ['neuron 4:0: is outside the model (4 layers of 512 neurons)', ['4:0']],
    ['edit 9: is not in the ledger', ['3:1', '--edit', '9']],
    ['does not change neuron 2:2; it changes 3:133', ['2:2', '--edit', CAPITAL]],
    ['missing.json: cannot be read', ['3:2', '--fact', 'missing.json']],
  ])('%s', async (says, args) => {
    expectFailure(await runCli(['neuron', ...args]), says.startsWith('edit 9') ? 4 : 2, [says]);
  });
});
