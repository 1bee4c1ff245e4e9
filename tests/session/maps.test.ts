// Score maps of a fact, and what is chosen from them under changing settings: the same as locating anew.
import { join } from 'node:path';
import { type Attribution, readEdit, Session } from 'kn-edit';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { questionsOf } from '../../src/lm/prompt.js';
import { averageAnswer } from '../../src/locate/answer.js';
import { attribute } from '../../src/locate/attribution.js';
import { promotedTokens } from '../../src/locate/promoted.js';
import { relativeError } from '../support/golden.js';
import { loadMini } from '../support/models.js';
import { temporaryDirectory } from '../support/temporary.js';

const EDIT = readEdit(new URL('../../edits/fix-capital.json', import.meta.url).pathname);
// Without background facts, which take long and are tested elsewhere.
const OPTIONS = { maxGeneric: 1 };

describe('maps of a fact', () => {
  it('give under every setting what locating gives, at once and unrecorded', async () => {
    const db = join(temporaryDirectory(), 'ledger.db');
    const session = new Session({ db });
    onTestFinished(() => session.close());
    const seen = new Map<number, Attribution>();
    const maps = await session.map(EDIT.fact, OPTIONS, { onMap: (index, map) => seen.set(index, map) });
    expect([...seen].sort(([a], [b]) => a - b)).toEqual([...maps.own.entries()]);
    for (const options of [
      {},
      { threshold: 0.1 },
      { share: 1 },
      { thresholdMode: 'top-k', threshold: 5 },
    ] as const) {
      const located = session.localize(maps, { ...OPTIONS, ...options });
      const { neurons, prompts, id } = await session.locate(EDIT.fact, { ...OPTIONS, ...options });
      expect(located?.localization.neurons).toEqual(neurons);
      expect(located?.localization.prompts).toEqual(prompts);
      expect([located?.localization.id, id]).toEqual([undefined, expect.any(Number)]);
    }
    // Settings that decide the maps themselves ask for other maps.
    expect(session.localize(maps, { ...OPTIONS, tolerance: 1e-4 })).toBeUndefined();
    expect(session.localize(maps, { ...OPTIONS, site: 'pre' })).toBeUndefined();
    expect(() => session.localize(maps, { ...OPTIONS, threshold: 2 })).toThrow('a ratio lies in 0 to 1');
  });

  it('of an answer of several tokens are the means over its tokens, prompt by prompt', async () => {
    const session = new Session({ db: join(temporaryDirectory(), 'ledger.db') });
    onTestFinished(() => session.close());
    const object = 'Astana Almaty';
    const settings = { rule: 'gauss-legendre', steps: 4, tolerance: 1e-3, site: 'post' } as const;
    const { own } = await session.map({ ...EDIT.fact, object }, { ...OPTIONS, ...settings });
    const model = await loadMini();
    const target = model.tokenizer.encodeTarget(object);
    expect(target.ids).toHaveLength(2);
    EDIT.fact.prompts.forEach((text, i) => {
      const questions = questionsOf(model.tokenizer.encodePrompt(text), target);
      const { scores } = averageAnswer(questions.map((one) => attribute(model, one, one.target, settings)));
      expect(relativeError(own[i]?.scores ?? [], [...scores])).toBeLessThan(1e-4);
    });
    model.dispose();
  });

  it('serve a dry run in place of locating', async () => {
    const session = new Session({ db: join(temporaryDirectory(), 'ledger.db') });
    onTestFinished(() => session.close());
    const edit = { ...EDIT, locate: OPTIONS, operation: { type: 'suppress' } } as const;
    const located = session.localize(await session.map(edit.fact, OPTIONS), OPTIONS);
    const measured: number[] = [];
    const options = { dryRun: true, located, seeds: 2 };
    const control = { onMeasured: (_: unknown, after: readonly unknown[]) => measured.push(after.length) };
    const first = await session.apply(edit, options, control);
    const { localization, seconds, ...anew } = await session.apply(edit, { dryRun: true, seeds: 2 });
    expect(first).toMatchObject(anew);
    expect(measured).toEqual([first.after.length]);
    // The control's probes are the means of its draws: their mean effect is the mean of the draws' effects.
    const own = first.before.flatMap(({ role, prob }, i) => {
      return role === 'target' ? [(first.control?.after[i]?.prob ?? 0) - prob] : [];
    });
    const mean = own.reduce((sum, one) => sum + one, 0) / own.length;
    expect(mean).toBeCloseTo(first.control?.effect.mean ?? 1, 6);
  });
});

describe('promoted words', () => {
  let model: Awaited<ReturnType<typeof loadMini>>;
  beforeAll(async () => {
    model = await loadMini();
  });

  it('are the tokens with the largest dot product of embedding and value vector', () => {
    const neurons = [
      [3, 223],
      [0, 7],
    ] as const;
    const found = promotedTokens(model, neurons, 3);
    neurons.forEach((at, row) => {
      const vector = model.valueVectors([at]);
      const scores = Array.from({ length: model.info.vocabulary }, (_, id) =>
        model.embedding([id]).reduce((sum, x, i) => sum + x * (vector[i] ?? 0), 0),
      );
      const order = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
      expect(found[row]).toEqual(order.slice(0, 3).map((id) => model.tokenizer.token(id)));
    });
  });

  it('are those of the base where edits have undone each other, byte for byte', async () => {
    const session = new Session({ db: join(temporaryDirectory(), 'ledger.db') });
    onTestFinished(() => session.close());
    const before = await session.map(EDIT.fact, OPTIONS);
    expect(before.cached).toBe(0);
    const scale = (factor: number) => ({
      ...EDIT,
      locate: undefined,
      neurons: [[3, 7]] satisfies [number, number][],
      operation: { type: 'scale', factor } as const,
    });
    const options = { control: 'none', allowRegressions: true } as const;
    await session.apply(scale(2), options);
    expect((await session.map(EDIT.fact, OPTIONS)).cached).toBe(0); // another state: every score may differ
    await session.apply(scale(0.5), options);
    const after = await session.map(EDIT.fact, OPTIONS);
    expect(after.cached).toBe(EDIT.fact.prompts.length);
    expect(after.own).toEqual(before.own);
    expect((await session.checkLedger())?.complaints).toEqual([]);
  });
});
