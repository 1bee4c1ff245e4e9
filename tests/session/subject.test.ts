// Rewriting at the subject through the public face: on the model that ships, and on decoders, which know nothing.
import { type EditFile, readEdit, type Session } from 'kn-edit';
import { describe, expect, it } from 'vitest';
import { editSchema } from '../../src/spec/edit-file.js';
import { goldenDirectory } from '../support/golden.js';
import { KN_MINI } from '../support/models.js';
import { editOf, quick, withSession } from '../support/session.js';

const FILE = readEdit(new URL('../../edits/fix-capital.json', import.meta.url).pathname);

function atSubject(file: EditFile, more: object = {}): EditFile {
  return { ...file, operation: { type: 'rewrite', to: 'Astana', method: 'subject', ...more } };
}

/** P of the new answer on each of the edit's first prompts. */
async function probabilities(session: Session): Promise<number[]> {
  const prompts = FILE.fact.prompts.slice(0, 3);
  const answers = await Promise.all(prompts.map((prompt) => session.probe(prompt, 'Astana', 1)));
  return answers.map(({ target }) => target?.prob ?? Number.NaN);
}

it('is applied without locating, in one layer, and taken back byte for byte', async () => {
  await withSession(KN_MINI, async (session) => {
    const before = await probabilities(session);
    const applied = await session.apply(atSubject(FILE), quick);
    expect(applied).toMatchObject({ status: 'applied', chosen: 'selected', localization: null });
    expect(applied.neurons).toHaveLength(64);
    expect(new Set(applied.neurons.map(({ layer }) => layer))).toEqual(new Set([2])); // 0.4 of 4 layers
    const after = await probabilities(session);
    after.forEach((p, i) => {
      expect(p).toBeGreaterThan(before[i] ?? 1);
    });
    expect(await session.checkLedger()).toEqual({ complaints: [], replayed: true });
    await session.revert({ ids: [1] });
    expect(await probabilities(session)).toEqual(before);
  });
});

it.each([
  [KN_MINI, 'solve'],
  [goldenDirectory('llama'), 'subject'],
])('is the usual rewrite of a model that continues text alone: %s', async (model, method) => {
  await withSession(model, async (session) => {
    const fact = model === KN_MINI ? { fact: FILE.fact } : {};
    await session.apply(editOf({ ...fact, operation: { type: 'rewrite', to: 'French' } }), quick);
    expect(session.show(1).specification).toMatchObject({ operation: { method } });
  });
});

it('acts in the layer that the file names, on as many neurons', async () => {
  await withSession(KN_MINI, async (session) => {
    const { neurons } = await session.apply(atSubject(FILE, { neurons: 8, layer: 1 }), quick);
    expect(neurons).toHaveLength(8);
    expect(neurons.every(({ layer }) => layer === 1)).toBe(true);
  });
});

it('changes every value vector of the layer as ROME, has no control, and is taken back byte for byte', async () => {
  await withSession(KN_MINI, async (session) => {
    const { neurons: width } = await session.model();
    const before = await probabilities(session);
    const rome = { ...FILE, operation: { type: 'rewrite', to: 'Astana', method: 'rome', layer: 1 } } as const;
    const applied = await session.apply(rome, { allowRegressions: true });
    expect(applied).toMatchObject({ status: 'applied', chosen: 'all', control: null });
    expect(applied.warnings).toContain('no control: every neuron of the layer changes');
    expect(applied.neurons.map(({ layer, neuron }) => [layer, neuron])).toEqual(
      Array.from({ length: width }, (_, i) => [1, i]),
    );
    const after = await probabilities(session);
    after.forEach((p, i) => {
      expect(p).toBeGreaterThan(before[i] ?? 1);
    });
    expect(await session.checkLedger()).toEqual({ complaints: [], replayed: true });
    expect((await session.revert({ ids: [1] })).isBase).toBe(true);
    expect(await probabilities(session)).toEqual(before);
  });
});

describe('several layers', () => {
  const french = (more: object) => editOf({ operation: { type: 'rewrite', to: 'French', ...more } });

  it('share it, with neurons of each, beside a control, and are taken back byte for byte', async () => {
    await withSession(goldenDirectory('llama'), async (session) => {
      const before = await session.probe('People in Egypt speak', 'French', 5);
      const file = french({ method: 'subject', neurons: 6, layers: [2, 0] });
      const { neurons, control, layers } = await session.apply(file, { allowRegressions: true, seeds: 2 });
      expect(neurons.map(({ layer }) => layer)).toEqual([0, 0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2]);
      expect(layers).toEqual([0, 2]);
      expect(control?.draws).toHaveLength(2);
      expect(await session.checkLedger()).toEqual({ complaints: [], replayed: true });
      expect((await session.revert('all')).isBase).toBe(true);
      expect(await session.probe('People in Egypt speak', 'French', 5)).toEqual(before);
    });
  });

  it('change as a whole with MEMIT: those up to the one that ROME changes', async () => {
    await withSession(goldenDirectory('llama'), async (session) => {
      const { neurons: width } = await session.model();
      const { neurons, before, after, warnings } = await session.apply(french({ method: 'memit' }), {
        allowRegressions: true,
      });
      expect(neurons).toHaveLength(2 * width); // layers 0 and 1 of 3
      expect(warnings).toContain('no control: every neuron of the layers changes');
      const mean = (probes: typeof after) => {
        const own = probes.filter(({ role }) => role === 'target');
        return own.reduce((sum, { newProb = 0 }) => sum + newProb / own.length, 0);
      };
      expect(mean(after)).toBeGreaterThan(mean(before));
      expect(await session.checkLedger()).toEqual({ complaints: [], replayed: true });
      expect((await session.revert('all')).isBase).toBe(true);
    });
  });

  it.each([
    ['llama', [1, 9], 'operation.layers: is outside the model'],
    ['gemma2', [1, 2], 'operation.layers: this model norms'],
    ['albert', [0, 1], 'operation.layers: these layers have the same value vectors'],
  ])('cannot be those of %s', async (kind, layers, says) => {
    await withSession(goldenDirectory(kind), async (session) => {
      await expect(session.apply(french({ method: 'memit', layers }), quick)).rejects.toThrow(says);
    });
  });

  it.each([
    [{ method: 'subject', layer: 1, layers: [1] }, ['operation', 'layers']],
    [{ method: 'memit', layers: [1, 1] }, ['operation', 'layers']],
    [{ method: 'memit', layer: 1 }, ['operation', 'layer']],
    [{ method: 'rome', layers: [1] }, ['operation', 'layers']],
  ])('are refused in %j', (more, path) => {
    const operation = { type: 'rewrite', to: 'French', ...more };
    expect(editSchema.safeParse({ ...FILE, operation }).error?.issues).toMatchObject([{ path }]);
  });

  it('are not beside neurons that name theirs', () => {
    const operation = { type: 'rewrite', to: 'French', method: 'subject', layers: [1, 2] };
    const named = { ...FILE, locate: undefined, neurons: [[1, 2]], operation };
    expect(editSchema.safeParse(named).error?.issues).toMatchObject([{ path: ['neurons'] }]);
  });
});

it.each([
  ['neurons', { neurons: 8 }],
  ['choose', { choose: 'all' }],
])('refuses "%s" with method "rome"', (field, more) => {
  const operation = { type: 'rewrite', to: 'Astana', method: 'rome', ...more };
  expect(editSchema.safeParse({ ...FILE, operation }).error?.issues).toMatchObject([
    { path: ['operation', field], message: 'does not go with method "rome"; remove it' },
  ]);
});

it('refuses neurons by name with method "rome"', () => {
  const operation = { type: 'rewrite', to: 'Astana', method: 'rome' };
  expect(
    editSchema.safeParse({ ...FILE, locate: undefined, neurons: [[1, 2]], operation }).error?.issues,
  ).toMatchObject([{ path: ['neurons'], message: expect.stringContaining('every neuron of its layers') }]);
});

describe.each(['gpt2', 'llama', 'gemma2'])('%s', (kind) => {
  const file = editOf({ operation: { type: 'rewrite', to: 'French', method: 'subject', neurons: 6 } });

  it('makes the new answer likelier, and says what nobody knows of the model', async () => {
    await withSession(goldenDirectory(kind), async (session) => {
      const { after, before, warnings, neurons } = await session.apply(file, quick);
      expect(neurons).toHaveLength(6);
      const mean = (probes: typeof after) => {
        const own = probes.filter(({ role }) => role === 'target');
        return own.reduce((sum, { newProb = 0 }) => sum + newProb / own.length, 0);
      };
      expect(mean(after)).toBeGreaterThan(mean(before));
      expect(warnings.join()).toContain('kn-edit background build');
    });
  });

  it.each([
    [
      'a subject that no prompt names',
      { ...file, fact: { ...file.fact, subject: 'Atlantis' } },
      'fact.subject: "Atlantis"',
    ],
    [
      'a layer that the model does not have',
      { ...file, operation: { ...file.operation, layer: 99 } },
      'operation.layer: is outside the model',
    ],
  ])('refuses %s', async (_, wrong, says) => {
    await withSession(goldenDirectory(kind), async (session) => {
      await expect(session.apply(wrong as EditFile, quick)).rejects.toThrow(says);
      expect(session.history()).toEqual([]);
    });
  });
});

it('keeps the covariance of its layer beside the ledger', async () => {
  await withSession(KN_MINI, async (session) => {
    await session.apply(atSubject(FILE), { ...quick, dryRun: true });
    expect(session.background().covariance.map(({ layer }) => layer)).toEqual([2]);
  });
});
