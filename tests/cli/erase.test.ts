// kn-edit erase: a relation of kn-mini, from the first map to the base again; and what cannot be erased.
import { describe, expect, it } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { writeInput } from '../support/files.js';
import { goldenDirectory } from '../support/golden.js';
import { temporaryDirectory } from '../support/temporary.js';

interface Role {
  role: string;
  count: number;
  top1Before: number;
  top1After: number;
}

const FACTS = 8;

describe('erase symbol', () => {
  it('is one edit, hits facts in which nothing was located, and is taken back bit for bit', async () => {
    const cwd = temporaryDirectory();
    const run = async (...args: string[]) => {
      const { code, stdout } = await runCli([...args, '--json'], { cwd });
      return { code, found: JSON.parse(stdout) as Record<string, unknown> };
    };
    const few = ['--limit', String(FACTS), '--neurons', '12', '--value', 'unk', '--seeds', '2'];
    const { code, found } = await run('erase', 'symbol', ...few, '--allow-regressions');
    expect(code).toBe(0);
    expect(found).toMatchObject({
      editId: 1,
      name: 'erase symbol',
      operation: 'erase',
      status: 'applied',
      topic: { relation: 'symbol', facts: 95, located: FACTS },
      comparison: 'better than random',
      reach: { intent: 'lower' },
      control: { kind: 'random' },
    });
    const neurons = found.neurons as { layer: number; neuron: number; share: number; meanScore: number }[];
    expect(neurons).toHaveLength(12);
    for (const [i, { share, meanScore }] of neurons.entries()) {
      expect(Number.isInteger(share * FACTS)).toBe(true);
      const next = neurons[i + 1];
      if (!next) continue;
      expect(share).toBeGreaterThanOrEqual(next.share);
      if (share === next.share) expect(meanScore).toBeGreaterThanOrEqual(next.meanScore);
    }
    const { roles } = found.metrics as { roles: Role[] };
    const of = (role: string) => roles.find((one) => one.role === role);
    // kn-mini has eight wordings to locate by and two to hold out; of the other facts, one is asked.
    expect(of('target')).toMatchObject({ count: 8 * FACTS, top1Before: 1 });
    expect(of('paraphrase')?.count).toBe(2 * FACTS + 95 - FACTS);
    expect(of('paraphrase')?.top1After).toBeLessThan(0.5);
    expect(of('neighborhood')).toBeUndefined();
    expect(of('unrelated')?.top1After).toBeGreaterThan(0.8);

    const { found: again } = await run('erase', 'symbol', '--dry-run');
    expect(again).toMatchObject({
      error: { message: expect.stringContaining('has no facts of this relation') },
    });
    const { found: history } = await run('history');
    expect(history).toMatchObject({ edits: [{ id: 1, operation: 'erase', status: 'applied', neurons: 12 }] });
    expect(await run('check', '--edits')).toMatchObject({ code: 0, found: { edits: [{ state: 'holds' }] } });
    const { found: reverted } = await run('revert', '--last');
    expect(reverted).toMatchObject({ isBase: true, applied: [] });
  });
});

describe('what cannot be erased', () => {
  const base = (relation: string, object: string) => ({
    [relation]: { templates: ['The capital of [X] is [Y].'], facts: [{ subject: 'France', object }] },
  });
  const own = ['--facts', 'own.json'];

  it('a relation of a model of which no facts are known', async () => {
    const run = await runCli(['erase', 'capital', '--model', goldenDirectory('gpt2')]);
    expectFailure(run, 2, ['no facts of this model are known; run kn-edit background build']);
  });

  it.each<[says: string, args: string[], facts?: object]>([
    ['relation: the fact base has no facts of this relation; did you mean "symbol"?', ['simbol']],
    ['own.json has no facts of this relation; it has town', ['symbol', ...own], base('town', 'Paris')],
    ['own.json: the model knows no fact of this relation', ['town', ...own], base('town', 'Tokyo')],
    [
      'own.json: town.facts: must hold at least 1',
      ['town', ...own],
      { town: { templates: ['[X] is [Y].'], facts: [] } },
    ],
    ['own.json: cannot be read', ['town', ...own]],
    ['--neurons: must be a whole number from 1', ['symbol', '--neurons', '0']],
    ['--limit: must be a whole number from 1', ['symbol', '--limit', '1.5']],
    ['--base ignores the ledger', ['symbol', '--base']],
  ])('%s', async (says, args, facts) => {
    const cwd = temporaryDirectory();
    if (facts) writeInput(cwd, 'own.json', facts);
    expectFailure(await runCli(['erase', ...args], { cwd }), 2, [says]);
  });
});
