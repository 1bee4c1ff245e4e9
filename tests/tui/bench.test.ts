// The bench: what lies on it, and what becomes of it when something changes.
import { describe, expect, test } from 'vitest';
import { draftEdit, type EditFile, type Fact } from '../../src/spec/edit-file.js';
import {
  type Bench,
  type Change,
  changeBench,
  choiceOf,
  draftsOf,
  EMPTY,
  editOnBench,
  ticked,
} from '../../src/tui/bench.js';
import { identityOf } from '../../src/tui/trials.js';

const FRANCE: Fact = {
  subject: 'France',
  relation: 'capital',
  object: 'Paris',
  prompts: ['The capital of France is [MASK].', '[MASK] is the capital of France.'],
};
const benchAfter = (...changes: Change[]): Bench => changes.reduce(changeBench, EMPTY);
const open = (edit: EditFile = draftEdit(FRANCE, ['France is led from [MASK].'])): Change => ({
  type: 'open',
  edit,
});
const write = (fact: Partial<Fact>): Change => ({ type: 'fact', fact: { ...FRANCE, ...fact } });
const names = (bench: Bench) => draftsOf(bench).map(({ edit }) => edit.name);

describe('drafts', () => {
  test('are what was changed by hand, and stay when something else is opened', () => {
    expect(names(benchAfter(open()))).toEqual([]);
    const changed = benchAfter(open(), write({ subject: 'Gaul' }));
    expect(names(changed)).toEqual(['Gaul capital']);
    const elsewhere = changeBench(changed, open());
    expect(names(elsewhere)).toEqual(['Gaul capital']);
    expect(names(changeBench(elsewhere, { type: 'model changed' }))).toEqual(['Gaul capital']);
    const [draft] = draftsOf(elsewhere);
    if (!draft) throw new Error('no draft');
    expect(names(changeBench(elsewhere, { type: 'open', edit: draft.edit, draft }))).toEqual([
      'Gaul capital',
    ]);
    expect(names(changeBench(elsewhere, { type: 'drop', draft }))).toEqual([]);
  });

  test('can be written while another model is loaded', () => {
    const bench = benchAfter(open(), { type: 'model changed' }, write({ subject: 'Gaul' }));
    expect(bench.edit?.fact.subject).toBe('Gaul');
    expect(names(bench)).toEqual(['Gaul capital']);
  });

  test('are none any more once they are applied', () => {
    expect(names(benchAfter(open(), write({ subject: 'Gaul' }), { type: 'applied' }))).toEqual([]);
  });

  test('keep a name of their own, and the file that they came from', () => {
    const edit = { ...draftEdit(FRANCE), name: 'my edit' };
    const draft = { edit, file: 'drafts/my-edit.json' };
    const bench = benchAfter(
      { type: 'drafts', drafts: [draft] },
      { type: 'open', edit, draft },
      write({ subject: 'Gaul' }),
    );
    expect(draftsOf(bench)).toEqual([
      { edit: { ...edit, fact: { ...FRANCE, subject: 'Gaul' } }, file: 'drafts/my-edit.json' },
    ]);
  });

  test('go back step by step', () => {
    const bench = benchAfter(open(), write({ subject: 'Gaul' }), write({ prompts: [] }), { type: 'undo' });
    expect(bench.edit?.fact).toEqual({ ...FRANCE, subject: 'Gaul' });
    const back = [{ type: 'undo' }, { type: 'undo' }] as const;
    expect(back.reduce<Bench>(changeBench, bench).edit?.fact).toEqual(FRANCE);
  });
});

describe('another operation', () => {
  test('changes what the held-out wordings should answer', () => {
    const expected = (bench: Bench) => bench.edit?.probes.paraphrase.map(({ expect: answer }) => answer);
    const rewritten = benchAfter(open(), {
      type: 'operation',
      operation: { type: 'rewrite', to: 'Lyon', method: 'solve' },
    });
    expect(expected(rewritten)).toEqual(['Lyon']);
    const suppressed = changeBench(rewritten, { type: 'operation', operation: { type: 'suppress' } });
    expect(expected(suppressed)).toEqual(['Paris']);
  });
});

describe('neurons that the file names', () => {
  const edit: EditFile = {
    ...draftEdit(FRANCE),
    neurons: [
      [3, 7],
      [3, 9],
    ],
  };

  test('are used until the fact is located here', () => {
    const bench = benchAfter(open(edit), { type: 'options', options: { threshold: 0.3 } });
    expect(editOnBench(bench)?.neurons).toEqual([
      [3, 7],
      [3, 9],
    ]);
    const located = changeBench(bench, { type: 'mapped', maps: {} as never });
    expect(editOnBench(located)).toMatchObject({ neurons: undefined, locate: { threshold: 0.3 } });
  });

  test('can be left out one by one', () => {
    const neurons = [7, 9].map((neuron) => ({ layer: 3, neuron, share: 1, meanScore: 0 }));
    const bench = benchAfter(open(edit), { type: 'chosen', neurons }, { type: 'tick', key: '3:7' });
    expect(editOnBench(bench)?.neurons).toEqual([[3, 9]]);
  });
});

describe('what was chosen', () => {
  const suppress = { type: 'operation', operation: { type: 'suppress' } } as const;
  const amplify = { type: 'operation', operation: { type: 'amplify', factor: 2 } } as const;
  const types = (bench: Bench) => bench.edit?.operation.type;

  test('is taken back and chosen again, each step with the neurons that were left out', () => {
    const neurons = [7, 9].map((neuron) => ({ layer: 3, neuron, share: 1, meanScore: 0 }));
    const bench = benchAfter(
      open({ ...draftEdit(FRANCE), operation: { type: 'rewrite', to: 'Lyon', method: 'solve' } }),
      { type: 'chosen', neurons },
      { type: 'tick', key: '3:7' },
      amplify,
    );
    expect([types(bench), [...bench.left]]).toEqual(['amplify', []]);
    const back = changeBench(bench, { type: 'take back' });
    expect([types(back), [...back.left]]).toEqual(['rewrite', ['3:7']]);
    expect(editOnBench(back)?.neurons).toEqual([[3, 9]]);
    const twice = changeBench(back, { type: 'take back' });
    expect([...twice.left]).toEqual([]);
    expect(changeBench(twice, { type: 'take back' })).toBe(twice);
    const again = [{ type: 'choose again' }, { type: 'choose again' }] as const;
    expect(types(again.reduce<Bench>(changeBench, twice))).toBe('amplify');
    const elsewhere = changeBench(twice, suppress);
    expect(changeBench(elsewhere, { type: 'choose again' }), 'another way was taken').toBe(elsewhere);
    expect(changeBench(bench, write({ subject: 'Gaul' })).choices).toEqual({ past: [], undone: [] });
  });

  test('has back what its held-out wordings should answer, as the file had it', () => {
    const edit = draftEdit(FRANCE, ['France is led from [MASK].']);
    const own = { ...edit.probes, paraphrase: [{ prompt: 'France is led from [MASK].', expect: 'Lyon' }] };
    const bench = benchAfter(open({ ...edit, probes: own }), amplify, { type: 'take back' });
    expect(bench.edit?.probes).toEqual(own);
  });

  test('is a trial that stays for the session, once for each edit, fact and state', () => {
    const tried = (key: string, result?: object) =>
      ({
        type: 'tried',
        trial: { key, about: '', before: [], after: [], result, choice: {} },
      }) as unknown as Change;
    const bench = benchAfter(open(), tried('a', { a: 1 }), tried('b'), tried('a'));
    expect(bench.trials.map(({ key, result }) => [key, result])).toEqual([
      ['a', { a: 1 }],
      ['b', undefined],
    ]);
    const stopped = changeBench(bench, { type: 'stopped', key: 'b' });
    expect(stopped.trials.map((one) => one.stopped)).toEqual([undefined, true]);
    expect(changeBench(stopped, { type: 'stopped', key: 'a' })).toEqual(stopped);
    const whole = changeBench(bench, { type: 'gave way', key: 'b' });
    expect(whole.trials.map(({ key }) => key)).toEqual(['a']);
    expect(changeBench(whole, { type: 'gave way', key: 'a' }).trials).toHaveLength(1);
    for (const change of [{ type: 'model changed' }, { type: 'applied' }, open()] as const) {
      expect(changeBench(whole, change).trials).toHaveLength(1);
    }
  });

  test('of a trial with a neuron left out is taken as it was, and the neuron can be ticked in again', () => {
    const neurons = [7, 9, 11].map((neuron) => ({ layer: 3, neuron, share: 1, meanScore: 0 }));
    const operation = { type: 'suppress', neurons: 3 } as const;
    const chosen = { type: 'chosen', neurons } as const;
    const tick = { type: 'tick', key: '3:7' } as const;
    const bench = benchAfter(open({ ...draftEdit(FRANCE), operation }), chosen, tick);
    const identity = identityOf(bench, 'base');
    const choice = choiceOf(bench);
    if (!identity || !choice) throw new Error('nothing to try');
    const trial = { ...identity, choice, before: [], after: [], result: undefined };
    // What is chosen once the trial is taken follows from the operation, and is worked out anew.
    const taken = [amplify, { type: 'take', trial } as const, chosen].reduce<Bench>(changeBench, bench);
    expect(taken.edit).toEqual(bench.edit);
    expect([taken.chosen.length, ...taken.left]).toEqual([3, '3:7']);
    expect(identityOf(taken, 'base')).toEqual(identity);
    const whole = changeBench(taken, tick);
    expect(ticked(whole).map(({ neuron }) => neuron)).toEqual([7, 9, 11]);
    expect(editOnBench(whole)).toMatchObject({ operation, neurons: undefined });
  });

  test('is the same edit whatever its name, and the order in which it was put together', () => {
    const edit = draftEdit(FRANCE);
    const key = (changed: EditFile, state = 'base') => identityOf(benchAfter(open(changed)), state)?.key;
    const rewrite = { type: 'rewrite', to: 'Lyon', method: 'relative' } as const;
    const one = { ...edit, operation: { ...rewrite, lambdaOld: 1, lambdaNew: 2 } };
    const other = { ...edit, name: 'other', operation: { ...rewrite, lambdaNew: 2, lambdaOld: 1 } };
    expect(key(one)).toBe(key(other));
    expect(key(one)).not.toBe(key(one, 'base and 1'));
    expect(key(one)).not.toBe(key({ ...one, operation: { ...one.operation, lambdaNew: 3 } }));
  });
});
