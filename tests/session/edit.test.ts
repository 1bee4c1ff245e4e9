// The whole job through the public face, on the real model and a real ledger file.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApplyResult, type Progress, readEdit, Session } from 'kn-edit';
import { afterAll, describe, expect, it } from 'vitest';

const EDITS = new URL('../../edits/', import.meta.url).pathname;

describe('edits/fix-capital.json', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kn-edit-'));
  const db = join(directory, 'ledger.db');
  const session = new Session({ db });
  let applied: ApplyResult;
  afterAll(async () => {
    await session.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is applied: located, rewritten, checked, recorded', async () => {
    const stages = new Set<Progress['stage']>();
    const control = { onProgress: ({ stage }: Progress) => stages.add(stage) };
    applied = await session.apply(readEdit(join(EDITS, 'fix-capital.json')), {}, control);
    expect(applied).toMatchObject({ status: 'applied', editId: 1, regressions: [] });
    expect(stages).toEqual(
      new Set(['load', 'background', 'locate', 'probe', 'text', 'operate', 'check', 'control']),
    );
  });

  it('makes the new answer win on every locating prompt and every held-out paraphrase', () => {
    const own = applied.after.filter(({ role }) => role === 'target' || role === 'paraphrase');
    expect(own).toHaveLength(10);
    expect(own.map(({ top }) => top[0]?.token)).toEqual(own.map(() => 'Astana'));
    expect(own.map(({ newRank }) => newRank)).toEqual(own.map(() => 1));
  });

  it('keeps the top answer of at least 98% of at least 60 neighbourhood and unrelated probes', () => {
    const others = applied.before.flatMap((was, i) => {
      const now = applied.after[i];
      return now && (was.role === 'neighborhood' || was.role === 'unrelated') ? [{ was, now }] : [];
    });
    expect(others.length).toBeGreaterThanOrEqual(60);
    const kept = others.filter(({ was, now }) => was.top[0]?.id === now.top[0]?.id);
    expect(kept.length / others.length).toBeGreaterThanOrEqual(0.98);
  });

  it('changes what the session answers from now on, and not the base', async () => {
    const prompt = 'The capital of Kazakhstan is [MASK].';
    expect((await session.probe(prompt, undefined, 1)).top[0]?.token).toBe('Astana');
    const base = new Session({ db, base: true });
    expect((await base.probe(prompt, undefined, 1)).top[0]?.token).toBe('Almaty');
    await base.close();
  });

  it('stands in the ledger with every vector, its hashes and its probes', async () => {
    expect(session.history()).toMatchObject([
      { id: 1, name: 'fix-capital', status: 'applied', neurons: 128 },
    ]);
    const edit = session.show(1);
    expect(edit.vectors.every(({ beforeSha256, afterSha256 }) => beforeSha256 !== afterSha256)).toBe(true);
    expect(edit.before).toEqual(applied.before);
    expect(edit.after).toEqual(applied.after);
    expect(await session.checkLedger()).toEqual({ complaints: [], replayed: true });
  });

  it('is reverted: identical probabilities, every vector as before', async () => {
    const { edits: reverted, replayed } = await session.revert('last');
    expect(replayed).toEqual([]);
    expect(reverted[0]).toMatchObject({ id: 1, maxDifference: 0 });
    expect(reverted[0]?.probes).toEqual(applied.before);
    const { vectors } = session.show(1);
    expect(reverted[0]?.vectors).toEqual(
      vectors.map(({ layer, neuron, beforeSha256: sha256 }) => {
        return { layer, neuron, sha256, matches: true };
      }),
    );
    await expect(session.revert({ id: 1 })).rejects.toThrow(/edit 1: is reverted already/);
    const again = await session.redo(1);
    expect(again.edits[0]).toMatchObject({
      id: 1,
      maxDifference: 0,
      probes: applied.after.map(({ kl, ...one }) => one),
    });
    expect(again.edits[0]?.vectors.every(({ matches }) => matches)).toBe(true);
    await expect(session.redo(1)).rejects.toThrow(/edit 1: is applied already/);
    expect((await session.revert({ id: 1 }, { dryRun: true })).dryRun).toBe(true);
    expect(session.history()).toMatchObject([{ id: 1, status: 'applied' }]);
    await session.revert({ id: 1 });
    await expect(session.revert('last')).rejects.toThrow(/no edit is applied/);
  });

  it('replays a later edit of the same neurons when an earlier one is taken back', async () => {
    const edit = readEdit(join(EDITS, 'erase-symbol.json'));
    const on = (name: string, factor: number) => ({
      ...edit,
      name,
      locate: undefined,
      neurons: [
        [3, 1],
        [3, 2],
      ] as [number, number][],
      operation: { type: 'scale' as const, factor },
      tolerance: { top1: 'any' as const, maxProbabilityDrop: 1 },
    });
    const first = await session.apply(on('first', 3), { perplexityLimit: 1 });
    const second = await session.apply(on('second', 5), { perplexityLimit: 1 });
    expect(session.held()).toBe(1); // of one fact: what the second wants is wanted
    expect(session.factOf(first.editId ?? 0)).toEqual({ fact: edit.fact });
    const alone = await session.revert({ id: first.editId ?? 0 });
    expect(alone.replayed).toEqual([second.editId]);
    const [vector] = session.show(second.editId ?? 0).vectors;
    expect([...(vector?.after ?? [])]).toEqual([...(vector?.before ?? [])].map((x) => Math.fround(5 * x)));
    const { edits: reverted } = await session.revert('all');
    expect(reverted.map(({ id }) => id)).toEqual([second.editId]);
    expect(reverted[0]?.vectors.every(({ matches }) => matches)).toBe(true);
    expect(session.held()).toBe(0);
  });

  it('refuses regressions without changing anything, and records them when told to', async () => {
    const edit = readEdit(join(EDITS, 'fix-capital.json'));
    const heavy = {
      ...edit,
      name: 'heavy',
      operation: { type: 'rewrite' as const, to: 'Astana', method: 'relative' as const },
    };
    const before = session.history();
    const refused = await session.apply(heavy);
    expect(refused).toMatchObject({ status: 'refused', editId: null });
    expect(refused.regressions.length).toBeGreaterThan(0);
    expect(session.history()).toEqual(before);
    const dry = await session.apply(heavy, { dryRun: true });
    expect(dry).toMatchObject({ status: 'dry-run', editId: null });
    const allowed = await session.apply(heavy, { allowRegressions: true });
    expect(allowed.status).toBe('applied');
    await session.revert('last');
  });

  it('operates on the strongest of the located neurons, as many as are asked for', async () => {
    const edit = readEdit(join(EDITS, 'erase-symbol.json'));
    const tryWith = (more: object) => {
      const operation = { type: 'suppress' as const, ...more };
      return session.apply({ ...edit, operation }, { dryRun: true, control: 'none' });
    };
    const all = (await tryWith({})).neurons;
    expect(all.length).toBeGreaterThan(3);
    const strongest = all.toSorted((a, b) => b.meanScore - a.meanScore).slice(0, 3);
    expect((await tryWith({ neurons: 3 })).neurons).toEqual(strongest);
    expect((await tryWith({ neurons: 1000 })).neurons).toEqual(all);
  });

  it('tries a what-if on activations and keeps nothing of it', async () => {
    const edit = readEdit(join(EDITS, 'erase-symbol.json'));
    const suppress = { ...edit, operation: { type: 'suppress' as const } };
    const before = session.history();
    const tried = await session.apply(suppress, { whatIf: true });
    expect(tried.status).toBe('dry-run');
    const own = tried.metrics.roles.find(({ role }) => role === 'target');
    expect(own?.probAfter).toBeLessThan(own?.probBefore ?? 0);
    expect(session.history()).toEqual(before);
    await expect(session.apply(edit, { whatIf: true })).rejects.toThrow(/"erase" cannot be tried that way/);
  });

  it('can be interrupted, and goes on afterwards', async () => {
    const abort = new AbortController();
    const edit = readEdit(join(EDITS, 'fix-currency.json'));
    const before = session.history();
    const running = session.apply(
      edit,
      { locate: { tolerance: 1e-4 } },
      {
        signal: abort.signal,
        onProgress: ({ stage, done }) => {
          if (stage === 'background' && done === 3) abort.abort();
        },
      },
    );
    await expect(running).rejects.toMatchObject({ exitCode: 130 });
    expect(session.history()).toEqual(before);
    expect((await session.probe('The capital of France is [MASK].', undefined, 1)).top[0]?.token).toBe(
      'Paris',
    );
  });
});
