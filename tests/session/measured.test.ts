// An edit that was tried in a dry run is recorded as it was measured; where anything is otherwise by now, it is not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEdit, Session } from 'kn-edit';
import { afterAll, describe, expect, it } from 'vitest';

const EDITS = new URL('../../edits/', import.meta.url).pathname;
const edit = readEdit(join(EDITS, 'fix-capital.json'));
const dry = { dryRun: true, seeds: 2 } as const;

/** What the pipeline says while it works. */
function listener() {
  const stages = new Set<string>();
  const notes: string[] = [];
  return {
    stages,
    notes,
    control: {
      onProgress: ({ stage }: { stage: string }) => stages.add(stage),
      onNote: (text: string) => notes.push(text),
    },
  };
}

describe('a dry run that is at hand', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kn-edit-'));
  const db = join(directory, 'ledger.db');
  const session = new Session({ db });
  afterAll(async () => {
    await session.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('is recorded bit for bit, with its localization, and nothing is computed', async () => {
    const maps = await session.map(edit.fact, edit.locate);
    const located = session.localize(maps, edit.locate);
    const tried = await session.apply(edit, { ...dry, located });
    expect(tried).toMatchObject({ status: 'dry-run', editId: null });
    expect(session.history()).toEqual([]);

    const { stages, notes, control } = listener();
    const applied = await session.apply({ ...edit, name: 'renamed' }, { measured: tried, seeds: 2 }, control);
    expect([...stages, ...notes]).toEqual([]);
    expect(applied).toMatchObject({ status: 'applied', editId: 1, wouldRefuse: false, name: 'renamed' });
    expect(applied.seconds).toBe(tried.seconds);

    const shown = session.show(1);
    expect(shown.name).toBe('renamed');
    expect(shown.specification).toMatchObject({ name: 'renamed' });
    for (const field of [
      'before',
      'after',
      'metrics',
      'control',
      'drift',
      'perplexity',
      'further',
    ] as const) {
      expect(shown[field], field).toEqual(tried[field]);
    }
    expect(shown.localizationId).toBe(applied.localization?.id);
    expect(session.locatedPrompts(1).map(({ prompt }) => prompt)).toEqual(edit.fact.prompts);
    expect(tried.localization?.id, 'what was given out stays as it was').toBeUndefined();
    expect(await session.checkLedger()).toEqual({ complaints: [], replayed: true });
    // What is measured from nothing on is the same.
    await session.revert('last');
    const again = await session.apply(edit, { ...dry, allowRegressions: true });
    expect(again.after).toEqual(tried.after);
    expect(again.metrics).toEqual(tried.metrics);
  });

  it('still holds when the model is in that state again, and not while it is in another one', async () => {
    const tried = await session.apply(edit, dry);
    const other = new Session({ db });
    await other.apply(readEdit(join(EDITS, 'suppress-country.json')), {
      control: 'none',
      allowRegressions: true,
    });
    const { stages, notes, control } = listener();
    const options = { measured: tried, seeds: 2, allowRegressions: true };
    const applied = await session.apply(edit, options, control);
    expect(notes).toEqual(['the ledger has changed since it was tried: it is measured again']);
    expect(stages.has('control')).toBe(true);
    expect(applied.status).toBe('applied');
    expect(applied.overlays?.before).not.toBe(tried.overlays?.before);
    await session.revert('all');
    await other.close();
    const once = listener();
    await session.apply(edit, { measured: tried, seeds: 2 }, once.control);
    expect([...once.stages, ...once.notes]).toEqual([]);
    await session.revert('all');
  });

  it('is measured again for another edit, other settings, and a result of somebody else', async () => {
    const tried = await session.apply(edit, { dryRun: true, control: 'none' });
    const noted = async (...[given, options]: [typeof edit, object]) => {
      const { notes, control } = listener();
      await session.apply(given, { dryRun: true, control: 'none', measured: tried, ...options }, control);
      return notes;
    };
    const others = 'the edit or its settings are others than were tried: it is measured again';
    expect(await noted({ ...edit, operation: { type: 'suppress' } }, {})).toEqual([others]);
    expect(await noted(edit, { driftLimit: 0.5 })).toEqual([others]);
    expect(await noted(edit, { measured: structuredClone(tried) })).toEqual([
      'it was not kept: it is measured again',
    ]);
    expect(await noted(edit, {})).toEqual([]);
  });

  it('is refused for what it harms, unless that is allowed', async () => {
    const harmful = {
      ...edit,
      operation: { type: 'rewrite', to: 'Astana', method: 'relative' },
    } as const;
    const tried = await session.apply(harmful, { dryRun: true, control: 'none' });
    expect(tried.wouldRefuse).toBe(true);
    const options = { measured: tried, control: 'none' } as const;
    const refused = await session.apply(harmful, options);
    expect(refused).toMatchObject({ status: 'refused', wouldRefuse: true, editId: null });
    const applied = await session.apply(harmful, { ...options, allowRegressions: true });
    expect(applied).toMatchObject({ status: 'applied', wouldRefuse: false });
    await session.revert('all');
  });
});
