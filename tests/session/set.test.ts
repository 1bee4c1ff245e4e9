// Several edits together: recorded at once or not at all, all of them reached in the end, and each taken back alone.
import { readEdits, type Session, type SourcedEdit } from 'kn-edit';
import { describe, expect, it } from 'vitest';
import { BackgroundStore } from '../../src/background/store.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { applyChange } from '../../src/surgery/change.js';
import type { Metric } from '../../src/surgery/metric.js';
import { goldenDirectory } from '../support/golden.js';
import { KN_MINI, loadGolden } from '../support/models.js';
import { LAYER, normalEquations } from '../support/normal-equations.js';
import { editOf, quick, withSession } from '../support/session.js';

/** Ten facts of which half are to have the same new answer. */
const TEN = readEdits(new URL('ten-edits.jsonl', import.meta.url).pathname);

/** Mean KL divergence from the base when the ten are applied one by one, each with 50 value vectors. */
const STACKED_KL = 0.0066;

const alone = { control: 'none' } as const;

/** Hashes of the value vectors that each edit left. */
function left(session: Session, ids: readonly number[]): string[][] {
  return ids.map((id) => session.show(id).vectors.map(({ afterSha256 }) => afterSha256));
}

describe('ten edits', () => {
  it('as one set are all on top in the end, break nothing, and each can be taken back alone', async () => {
    await withSession(KN_MINI, async (session) => {
      const set = await session.applySet(TEN, alone);
      const ids = TEN.map((_, i) => i + 1);
      expect(set).toMatchObject({ status: 'applied', wouldRefuse: false });
      expect(set.edits.map(({ editId }) => editId)).toEqual(ids);
      expect(set.edits.map(({ source }) => source)).toEqual(TEN.map(({ source }) => source));
      for (const { final, regressions, name } of set.edits) {
        expect([name, regressions]).toEqual([name, []]);
        expect([name, final]).toMatchObject([
          name,
          {
            reach: { target: { after: 4, of: 4 }, heldOut: { after: 2, of: 2 } },
            standing: { state: 'holds' },
          },
        ]);
      }
      expect(set.drift?.after.flips).toBe(0);
      expect(set.drift?.after.kl).toBeLessThan(STACKED_KL);
      expect(session.history().map(({ standing }) => standing?.state)).toEqual(ids.map(() => 'holds'));
      expect(await session.checkLedger()).toEqual({ complaints: [], replayed: true });

      const vectors = left(session, ids);
      for (const id of ids) {
        const { regressions, standings } = await session.revert({ id }, { dryRun: true });
        expect([id, regressions]).toEqual([id, []]);
        expect(standings.every(({ state }) => state === 'holds')).toBe(true);
      }
      const reverted = await session.revert({ id: 5 });
      expect(reverted).toMatchObject({ status: 'reverted', applied: ids.filter((id) => id !== 5) });
      expect((await session.probe('The capital of Palau is [MASK].', 'Koror', 1)).target?.rank).toBe(1);
      expect(await session.redo(5)).toMatchObject({ status: 'applied', regressions: [] });
      expect(left(session, ids)).toEqual(vectors);
      expect(await session.revert('all')).toMatchObject({ isBase: true });
    });
  });

  it('one after the other are all on top in the end, too', async () => {
    await withSession(KN_MINI, async (session) => {
      let drift = Number.POSITIVE_INFINITY;
      for (const { edit } of TEN) {
        const { status, regressions, drift: own } = await session.apply(edit, alone);
        expect([edit.name, status, regressions]).toEqual([edit.name, 'applied', []]);
        drift = own?.after.kl ?? drift;
      }
      const { edits } = await session.checkEdits();
      expect(edits.map(({ state, kept }) => [state, kept])).toEqual(TEN.map(() => ['holds', 6]));
      expect(drift).toBeLessThan(STACKED_KL);
    });
  });
});

describe('a set', () => {
  const neurons = Array.from({ length: 40 }, (_, i): [number, number] => [3, i * 8]);
  const [first, second] = TEN as [SourcedEdit, SourcedEdit];
  const factors = [2, 0.5].map((factor, i): SourcedEdit => {
    const { edit } = i === 0 ? first : second;
    const operation = { type: 'scale' as const, factor };
    return { source: `${factor}.json`, edit: { ...edit, operation, locate: undefined, neurons } };
  });

  it('without a solved rewrite is its edits in their order', async () => {
    const one = await withSession(KN_MINI, async (session) => {
      await session.applySet(factors, quick);
      return left(session, [1, 2]);
    });
    const other = await withSession(KN_MINI, async (session) => {
      for (const { edit } of factors) await session.apply(edit, quick);
      return left(session, [1, 2]);
    });
    expect(one).toEqual(other);
  });

  it('tells of the edits before it that share its neurons, recorded or not', async () => {
    await withSession(KN_MINI, async (session) => {
      const { edits } = await session.applySet(factors, { ...quick, dryRun: true });
      expect(edits.map(({ overlaps }) => overlaps)).toEqual([
        [],
        [{ id: 1, name: first.edit.name, neurons: neurons.length }],
      ]);
      expect(edits.map(({ editId, status }) => [editId, status])).toEqual([
        [null, 'dry-run'],
        [null, 'dry-run'],
      ]);
      expect(session.history()).toEqual([]);
    });
  });

  it('of which one edit is refused changes nothing, unless that is allowed', async () => {
    const wipe: SourcedEdit = {
      source: 'wipe.json',
      edit: { ...second.edit, operation: { type: 'suppress' }, locate: undefined, neurons: everyNeuron() },
    };
    await withSession(KN_MINI, async (session) => {
      const refused = await session.applySet([first, wipe], alone);
      expect(refused).toMatchObject({ status: 'refused', wouldRefuse: true });
      expect(refused.edits.map(({ wouldRefuse, editId }) => [wouldRefuse, editId])).toEqual([
        [false, null],
        [true, null],
      ]);
      expect(refused.edits[1]?.regressions[0]).toMatchObject({ edit: { id: 1, name: first.edit.name } });
      expect(refused.edits[0]?.final.standing.state).toBe('lost');
      expect(session.history()).toEqual([]);
      const allowed = await session.applySet([first, wipe], quick);
      expect(allowed.edits.map(({ editId }) => editId)).toEqual([1, 2]);
      expect(session.history()).toMatchObject([{ id: 2 }, { id: 1, standing: { state: 'lost' } }]);
    });
  });

  it('is refused when perplexity rises too far over all of its edits, though over none of them', async () => {
    const strong = factors.map(({ source, edit }, i): SourcedEdit => {
      const layer = neurons.map(([, neuron]): [number, number] => [3 - i, neuron]);
      const tolerance = { top1: 'any' as const, maxProbabilityDrop: 1 };
      return {
        source,
        edit: { ...edit, operation: { type: 'scale', factor: -1 }, neurons: layer, tolerance },
      };
    });
    await withSession(KN_MINI, async (session) => {
      const dry = await session.applySet(strong, { ...quick, dryRun: true });
      const rises = dry.edits.map(({ perplexity }) => perplexity?.rise ?? Number.NaN);
      const total = dry.perplexity?.rise ?? Number.NaN;
      expect(1 + total).toBeCloseTo(
        rises.reduce((product, rise) => product * (1 + rise), 1),
        6,
      );
      const perplexityLimit = Math.max(...rises) + 1e-6;
      expect(total).toBeGreaterThan(perplexityLimit);
      const set = await session.applySet(strong, { ...alone, perplexityLimit });
      expect(set.edits.map(({ wouldRefuse }) => wouldRefuse)).toEqual([false, false]);
      expect(set).toMatchObject({ status: 'refused', wouldRefuse: true });
      expect(set.warnings).toEqual([expect.stringContaining('perplexity on ordinary text rises too far')]);
      expect(session.history()).toEqual([]);
    });
  });

  it('with an edit that does not fit names its file, and changes nothing', async () => {
    const outside: SourcedEdit = {
      source: 'outside.json',
      edit: { ...second.edit, locate: undefined, neurons: [[9, 0]] },
    };
    await withSession(KN_MINI, async (session) => {
      await expect(session.applySet([first, outside], alone)).rejects.toThrow(
        'outside.json: neurons.0: [9, 0] is outside the model',
      );
      expect(session.history()).toEqual([]);
    });
  });

  it('takes two edits of one fact for a mistake, and names both files', async () => {
    const again: SourcedEdit = { source: 'again.json', edit: { ...first.edit, name: 'again' } };
    await withSession(KN_MINI, async (session) => {
      await expect(session.applySet([first, second, again], alone)).rejects.toThrow(
        `again.json: fact: is that of ${first.source} (Burundi, capital)`,
      );
    });
  });
});

function everyNeuron(): [number, number][] {
  return Array.from({ length: 4 * 512 }, (_, i) => [Math.floor(i / 512), i % 512]);
}

/** C of the layer, as the session left it beside the ledger. */
async function keptMetric(session: Session): Promise<Metric> {
  const { fingerprint, neurons: size } = await session.model();
  const store = new BackgroundStore(session.db ?? '', fingerprint);
  const text = store.text();
  const upper = text && store.covariance(LAYER, text);
  if (!upper) throw new Error('no covariance was kept');
  return { size, upper };
}

it.each(['gpt2', 'llama'])('at the subject comes to the dense normal equations: %s', async (kind) => {
  const fact = (subject: string, object: string) => ({
    subject,
    relation: 'language',
    object,
    prompts: [`People in ${subject} speak`, `The language of ${subject} is`],
  });
  const facts = [fact('Egypt', 'a'), fact('Peru', 'b')];
  const members = facts.map((one, i): SourcedEdit => {
    const operation = { type: 'rewrite', to: 'cd'[i], method: 'subject', choose: 'all', layer: LAYER };
    return { source: `${one.subject}.json`, edit: editOf({ name: one.subject, fact: one, operation }) };
  });
  await withSession(goldenDirectory(kind), async (session) => {
    await session.applySet(members, quick);
    const model = await loadGolden(kind);
    const ledger = Ledger.open(session.db ?? '');
    const changes = [1, 2].map((id) => {
      const vectors = ledger.edits.vectors(id).sort((a, b) => a.at[1] - b.at[1]);
      const zero = new Float32Array(model.info.hidden);
      return vectors.map(({ change }) => [...applyChange(zero, change)]);
    });
    ledger.close();
    const metric = await keptMetric(session);
    const { found, expected } = normalEquations(model, metric, facts, changes);
    const largest = Math.max(...expected.flat().map(Math.abs));
    expect(largest).toBeGreaterThan(1e-3);
    found.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(Math.abs(value - (expected[i]?.[j] ?? 0)) / largest).toBeLessThan(1e-3);
      });
    });
  });
});
