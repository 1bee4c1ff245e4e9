// The path of the integral as a setting: its defaults, what refuses it, where it is recorded, and what is said of layers
// that keep a residual.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type LocateOptions, Session } from 'kn-edit';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Completeness } from '../../src/locate/score-map.js';
import { residualWarning } from '../../src/session/residual-warning.js';
import { goldenDirectory, readGolden } from '../support/golden.js';
import { temporaryDirectory } from '../support/temporary.js';

const [fact] = readGolden('gemma2').facts;
const PROMPT = fact?.prompts[0]?.prompt ?? '';
const TARGET = { id: fact?.label ?? 0 };

function sessionOn(family: string) {
  const db = join(temporaryDirectory(), 'ledger.db');
  const session = new Session({ model: goldenDirectory(family), db });
  onTestFinished(() => session.close());
  const column = (query: string) => {
    const ledger = new Database(db, { readonly: true });
    try {
      return ledger.prepare(query).pluck().all();
    } finally {
      ledger.close();
    }
  };
  return { session, column };
}

describe('the path', () => {
  it.each<[string, LocateOptions, string]>([
    ['gemma2', {}, 'frozen-norm'],
    ['gemma2', { path: 'plain' }, 'plain'],
    ['gemma2', { preset: 'dai2022' }, 'plain'],
    ['gemma2', { preset: 'eleutherai' }, 'plain'],
    ['gemma2', { preset: 'dai2022', path: 'frozen-norm' }, 'frozen-norm'],
    ['gemma', {}, 'plain'],
  ])('of %s with %j is %s', async (family, options, path) => {
    const { session } = sessionOn(family);
    await session.probe(PROMPT);
    expect(session.resolve(options).path).toBe(path);
  });

  it('frozen-norm is refused where no norm acts on the output of the FFN alone', async () => {
    const { session } = sessionOn('gemma');
    const attributed = session.attribute(PROMPT, TARGET, { path: 'frozen-norm' });
    await expect(attributed).rejects.toThrow(
      /^locate\.path: frozen-norm is for models .* gemma .*; use plain$/,
    );
  });

  it('frozen-norm leads from the ends of the plain one to the same change', async () => {
    const { session } = sessionOn('gemma2');
    const frozen = await session.attribute(PROMPT, TARGET);
    const plain = await session.attribute(PROMPT, TARGET, { path: 'plain' });
    expect(frozen.settings.path).toBe('frozen-norm');
    expect([...plain.scores]).not.toEqual([...frozen.scores]);
    frozen.completeness.forEach(({ delta, residual }, layer) => {
      expect(delta).toBeCloseTo(plain.completeness[layer]?.delta ?? 0, 6);
      expect(Math.max(residual, plain.completeness[layer]?.residual ?? 1)).toBeLessThanOrEqual(1e-3);
    });
  });

  it('is recorded with the localization, and part of the key by which maps are cached', async () => {
    const { session, column } = sessionOn('gemma2');
    const prompts = fact?.prompts.map(({ prompt }) => prompt) ?? [];
    const words = { subject: 'it', relation: 'is', object: TARGET, prompts };
    await session.locate(words);
    await session.locate(words, { path: 'plain' });
    const again = await session.locate(words);
    expect(again.cached).toBe(prompts.length);
    expect(column("SELECT settings ->> 'path' FROM localizations ORDER BY id")).toEqual([
      'frozen-norm',
      'plain',
      'frozen-norm',
    ]);
    // Maps on the plain path lie where they lay when there was no other.
    expect(column('SELECT DISTINCT rule FROM score_maps ORDER BY rowid')).toEqual([
      'adaptive-0.001+frozen-norm',
      'adaptive-0.001',
    ]);
  });
});

describe('a residual that is kept', () => {
  const map = (...residuals: number[]) =>
    residuals.map((residual): Completeness => ({ sum: 0, delta: 0, residual, nodes: 2 }));
  const adaptive = { rule: 'adaptive', steps: 20, tolerance: 1e-3, site: 'post' } as const;

  it.each([
    [adaptive, [map(1e-3, 1e-4)], undefined],
    [adaptive, [map(0, 0.0214), map(0.0005, 0)], 'layer 1 kept a residual of 2.1% (tolerance 0.1%)'],
    [adaptive, [map(0.3, 0, 0.002)], 'layers 0 and 2 kept residuals of up to 30% (tolerance 0.1%)'],
    [
      adaptive,
      [map(...Array<number>(12).fill(0.5))],
      '12 of 12 layers kept residuals of up to 50% (tolerance 0.1%)',
    ],
    [{ ...adaptive, rule: 'uniform' as const }, [map(0.049)], undefined],
    [
      { ...adaptive, rule: 'uniform' as const },
      [map(0.129)],
      'completeness residual up to 13%: use more --steps, or --rule adaptive',
    ],
  ])('%j: %#', (settings, maps, warning) => {
    expect(residualWarning(settings, maps)).toBe(warning);
  });
});
