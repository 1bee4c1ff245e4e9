// Edits on top of each other: what a later one takes from an earlier one is found, named and refused.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BaseFact, type EditFile, readEdit, Session } from 'kn-edit';
import { afterAll, describe, expect, it } from 'vitest';
import { Ledger } from '../../src/ledger/ledger.js';
import { factsAsEdited, inForce, readAppliedEdits } from '../../src/session/applied-edits.js';

const EDITS = new URL('../../edits/', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'kn-edit-'));
const db = join(directory, 'ledger.db');
const session = new Session({ db });
afterAll(async () => {
  await session.close();
  rmSync(directory, { recursive: true, force: true });
});

const capital = readEdit(join(EDITS, 'fix-capital.json'));
const quick = { control: 'none' as const };
const ASTANA = 'The capital of Kazakhstan is [MASK].';

/** A later edit that makes the same value vectors zero, for the sake of another fact. */
function wipe(neurons: readonly { layer: number; neuron: number }[]): EditFile {
  return {
    ...capital,
    name: 'wipe',
    fact: {
      subject: 'France',
      relation: 'capital',
      object: 'Paris',
      prompts: ['The capital of France is [MASK].'],
    },
    locate: undefined,
    neurons: neurons.map(({ layer, neuron }) => [layer, neuron]),
    operation: { type: 'suppress' },
    probes: { paraphrase: [], neighborhood: [], unrelated: [] },
  };
}

describe('a later edit of the same value vectors', () => {
  let wiping: EditFile;

  it('is refused, and names the edit that would be lost', async () => {
    const first = await session.apply(capital, quick);
    expect(first).toMatchObject({ editId: 1, status: 'applied', standings: [] });
    wiping = wipe(first.neurons);
    const second = await session.apply(wiping, quick);
    expect(second).toMatchObject({ status: 'refused', wouldRefuse: true, verdict: 'harms others' });
    expect(second.standings).toMatchObject([
      { id: 1, name: 'fix-capital', wants: 'Astana', state: 'lost', kept: 0, reached: 10 },
    ]);
    const lost = second.regressions.filter(({ role }) => role === 'edited');
    expect(lost).toHaveLength(10);
    expect(lost[0]).toMatchObject({ edit: { id: 1, name: 'fix-capital' }, expect: 'Astana', kind: 'top1' });
    expect(session.history()).toMatchObject([{ id: 1, standing: { state: 'holds', kept: 10, reached: 10 } }]);
  });

  it('is applied when that is allowed, and the ledger says what it did', async () => {
    expect((await session.apply(wiping, { ...quick, dryRun: true })).wouldRefuse).toBe(true);
    const second = await session.apply(wiping, { ...quick, allowRegressions: true });
    expect(second).toMatchObject({ editId: 2, status: 'applied', wouldRefuse: false });
    const [own, first] = session.history();
    expect(first).toMatchObject({ id: 1, standing: { state: 'lost', kept: 0 } });
    expect(own).toMatchObject({ id: 2, standing: { measuredAt: first?.standing?.measuredAt } });
    expect((await session.probe(ASTANA, 'Astana', 1)).target?.rank).not.toBe(1);
    const check = await session.checkEdits();
    expect(check.edits.map(({ id, state }) => [id, state])).toContainEqual([1, 'lost']);
    expect(check.failed).toBeGreaterThan(0);
  });

  it('gives back what it took when it is reverted, and is refused when it is put on again', async () => {
    const reverted = await session.revert({ id: 2 });
    expect(reverted.regressions).toEqual([]);
    expect(reverted.standings).toMatchObject([{ id: 1, state: 'holds', kept: 10, reached: 10 }]);
    expect(session.history()).toMatchObject([{ standing: null }, { standing: { state: 'holds' } }]);
    const again = await session.redo(2);
    expect(again).toMatchObject({ status: 'refused', wouldRefuse: true, dryRun: true });
    expect(again.regressions.every(({ edit }) => edit?.id === 1)).toBe(true);
    expect(session.history()).toMatchObject([{ status: 'reverted' }, { standing: { state: 'holds' } }]);
    expect(await session.redo(2, { allowRegressions: true })).toMatchObject({ status: 'applied' });
  });

  it('taken back with all others leaves the base, byte for byte, and says so', async () => {
    const all = await session.revert('all');
    expect(all).toMatchObject({ isBase: true, applied: [], standings: [], regressions: [] });
    const base = new Session({ base: true });
    const [now, was] = await Promise.all([session, base].map((one) => one.probe(ASTANA, 'Almaty', 5)));
    expect(now).toEqual(was);
    await base.close();
  });
});

describe('what is expected of the model as edited', () => {
  it('is the new answer of a fact that was rewritten on purpose: no suite, probe or check holds it against the edit', async () => {
    await session.redo(1);
    const answers = async (of: Session) => {
      const { probes } = await of.drawSuite(1366, 1);
      return probes.filter(
        ({ prompt }) => /Kazakhstan/.test(prompt) && /capital|govern|parliament/.test(prompt),
      );
    };
    expect((await answers(session)).map(({ expect: object }) => object)).toEqual(['Astana']);
    const base = new Session({ base: true });
    expect((await answers(base)).map(({ expect: object }) => object)).toEqual(['Almaty']);
    await base.close();
    const check = await session.check(await session.drawSuite(1366, 1));
    const edited = check.probes.filter(({ prompt, expect: object }) => {
      return object === 'Astana' && /Kazakhstan/.test(prompt);
    });
    expect(edited).toMatchObject([{ expect: 'Astana', answer: 'Astana', failures: [] }]);
    const without = await session.check({
      name: 'no expectation',
      tolerance: { top1: 'expected' },
      probes: [{ prompt: ASTANA }],
    });
    expect(without.probes[0]).toMatchObject({ expect: 'Astana', failures: [] });
  });

  it('goes into an export: its fact base is the one as edited, and all else of it is as it was', async () => {
    const out = join(directory, 'exported');
    await session.export(out);
    const model = new Session({ model: out, base: true });
    await model.model();
    const edited = model.facts.filter((fact, i) => fact.object !== session.facts[i]?.object);
    expect(edited).toMatchObject([{ subject: 'Kazakhstan', relation: 'capital', object: 'Astana' }]);
    const almaty = (fact: BaseFact) => ({
      ...fact,
      object: fact.object === 'Astana' ? 'Almaty' : fact.object,
    });
    expect(model.facts.map(almaty)).toEqual(session.facts.map(almaty));
    await model.close();
  });

  it('of a fact that was edited twice, only the later edit counts', async () => {
    const back: EditFile = {
      ...capital,
      name: 'back again',
      fact: { ...capital.fact, object: 'Astana' },
      operation: { type: 'rewrite', to: 'Almaty', method: 'solve' },
      probes: { ...capital.probes, paraphrase: [] },
    };
    const result = await session.apply(back, quick);
    expect(result).toMatchObject({ status: 'applied', standings: [] });
    const ledger = Ledger.open(db);
    const edits = inForce(readAppliedEdits(ledger, [1, result.editId ?? 0]));
    ledger.close();
    expect(edits.map(({ name }) => name)).toEqual(['back again']);
    const [fact] = session.facts.filter(
      ({ subject, relation }) => subject === 'Kazakhstan' && relation === 'capital',
    );
    expect(factsAsEdited(fact ? [fact] : [], edits)).toMatchObject([{ object: 'Almaty' }]);
    expect(session.history()).toMatchObject([{ standing: { state: 'holds' } }, {}, { standing: null }]);
  });
});
