// The analyses of a run's relations: held against edits that name their neurons, and against plain forward passes.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InterruptedError, type RelationsOptions, readRelations } from 'kn-edit';
import { expect, it } from 'vitest';
import { readSet } from '../../src/sets/read.js';
import { editSchema } from '../../src/spec/edit-file.js';
import { activations } from '../../src/surgery/activations.js';
import type { AskedFact } from '../../src/sweep/relations/file.js';
import { relationMeasures } from '../../src/sweep/report/relations.js';
import type { SweepResult } from '../../src/sweep/result.js';
import { expectFailure, runCli } from '../support/cli.js';
import { writeInput } from '../support/files.js';
import { goldenDirectory } from '../support/golden.js';
import { KN_MINI, loadMini } from '../support/models.js';
import { openSession, withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';
import { resultsIn, smallItems, smallSet, sweepCli } from './runs.js';

const FACTS = 6;
const few: RelationsOptions = { neurons: 12, value: 'unk', seeds: 2, limit: 4 };
/** A run of its own, so that what a test does to it is no other's. */
async function located(count = FACTS): Promise<string> {
  const out = join(temporaryDirectory(), 'run');
  await withSession(KN_MINI, (session) =>
    session.sweep(smallItems(count), { out, do: 'locate', locate: { maxGeneric: 1 } }),
  );
  return out;
}

const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;

it('erases the neurons that most facts of a relation share, and measures what an edit of them does', async () => {
  const run = await located();
  const session = openSession(KN_MINI);
  try {
    expect(await session.relations(run, { ...few, relations: ['symbol'] })).toMatchObject({
      erased: 1,
      activated: 0,
    });
    const found = readRelations(run)?.erasure?.relations[0];
    if (!found) throw new Error('nothing was found');
    const results = resultsIn(run);
    const own = results.filter(({ relation }) => relation === 'symbol');
    // Counted by hand.
    const counts = new Map<string, number>();
    for (const { layer, neuron } of own.flatMap(({ neurons }) => neurons)) {
      const key = `${layer}:${neuron}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(found).toMatchObject({ relation: 'symbol', facts: FACTS });
    expect(found.neurons).toHaveLength(12);
    const least = Math.min(...found.neurons.map(({ share }) => share));
    for (const { layer, neuron, share } of found.neurons) {
      expect(share).toBeCloseTo((counts.get(`${layer}:${neuron}`) ?? 0) / FACTS, 5);
      counts.delete(`${layer}:${neuron}`);
    }
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(least * FACTS + 1e-9);

    const byId = new Map(results.map((one) => [one.id, one]));
    expect(found.own.map(({ id }) => byId.get(id)?.relation)).toEqual(Array(4).fill('symbol'));
    expect(found.others.map(({ id }) => byId.get(id)?.relation)).toEqual(Array(4).fill('capital'));
    const check = async (side: 'before' | 'after') => {
      for (const one of [...found.own, ...found.others]) {
        const fact = byId.get(one.id) as SweepResult;
        const answers = await Promise.all(
          fact.prompts.map(({ prompt }) => session.probe(prompt, fact.object)),
        );
        expect(one[side].accuracy).toBeCloseTo(
          mean(answers.map(({ target }) => Number(target?.rank === 1))),
          5,
        );
        expect(one[side].surprise).toBeCloseTo(
          mean(answers.map(({ target }) => -Math.log(target?.prob ?? 0))),
          3,
        );
      }
    };
    await check('before');
    const edit = editSchema.parse({
      name: 'the same by hand',
      fact: {
        subject: 'symbol',
        relation: 'symbol',
        object: 'Fe',
        prompts: ['The symbol of iron is [MASK].'],
      },
      neurons: found.neurons.map(({ layer, neuron }) => [layer, neuron]),
      operation: { type: 'erase', value: 'unk' },
    });
    await session.apply(edit, { control: 'none', allowRegressions: true, perplexityLimit: 1e9 });
    await check('after');
    expect(mean(found.own.map(({ after }) => after.surprise))).toBeGreaterThan(
      mean(found.own.map(({ before }) => before.surprise)),
    );
    // Two draws of each fact, which do less.
    for (const { controls } of found.own) expect(controls).toHaveLength(2);
    const surprise = (side: (one: AskedFact) => number) => mean(found.own.map(side));
    expect(surprise(({ controls }) => mean(controls.map((one) => one.surprise)))).toBeLessThan(
      surprise(({ after }) => after.surprise),
    );
    // The model has an edit now, of which the run knows nothing.
    await expect(session.relations(run, few)).rejects.toThrow(
      `${run}: the run is of kn-mini in another state`,
    );
  } finally {
    await session.close();
  }
});

it('measures are means over facts, and differences of exponentials of mean surprise', () => {
  const side = (accuracy: number, surprise: number) => ({ accuracy, surprise });
  const fact = (id: string, ...[before, after, ...controls]: [number, number][]): AskedFact => ({
    id,
    before: side(...(before as [number, number])),
    after: side(...(after as [number, number])),
    controls: controls.map((one) => side(...one)),
  });
  const erased = (relation: string, own: AskedFact[]) => {
    return { relation, facts: 9, neurons: [], own, others: [], seconds: 0, cpuSeconds: 0 };
  };
  const measures = relationMeasures({
    results: '',
    versions: {},
    erasure: {
      settings: { neurons: 20, value: 'zero', control: 'random', seeds: 2, limit: 9, seed: 1 },
      relations: [
        erased('a', [
          fact('1', [1, 0.1], [0.5, 2], [1, 0.2], [0.5, 0.4]),
          fact('2', [0.5, 0.3], [0, 3], [0.5, 0.3], [0.5, 0.5]),
        ]),
        erased('b', [fact('3', [1, 0], [1, 1], [1, 0], [1, 0])]),
      ],
    },
    activation: null,
  });
  const of = (name: string, relation: string | null) =>
    measures.find((one) => one.name === name && one.relation === relation);
  expect(of('erased-accuracy', 'a')).toMatchObject({
    before: 0.75,
    estimate: { n: 2, value: 0.25 },
    control: { estimate: { value: (0.75 + 0.5) / 2 } },
  });
  const rise = Math.exp(2.5) - Math.exp(0.2);
  expect(of('erased-perplexity', 'a')?.before).toBeCloseTo(Math.exp(0.2), 12);
  expect(of('erased-perplexity', 'a')?.estimate.value).toBeCloseTo(rise, 12);
  const drawn = Math.exp((0.25 + 0.45) / 2) - Math.exp(0.2);
  expect(of('erased-perplexity', 'a')?.control?.estimate.value).toBeCloseTo(drawn, 12);
  // Of all relations: each counts the same.
  expect(of('erased-accuracy', null)?.estimate).toMatchObject({ n: 2, value: (0.25 + 1) / 2 });
  expect(of('erased-perplexity', null)?.estimate.value).toBeCloseTo((rise + Math.E - 1) / 2, 12);
  expect(measures.some(({ name }) => name === 'others-accuracy')).toBe(false);
});

/** Sentences made up for the first facts of the small set. */
function sentencesFor(results: readonly SweepResult[], count: number) {
  return results.slice(0, count).map(({ id, subject, object }) => ({
    id,
    stated: [`${subject} has ${object}.`, `In ${object}, people say, lies ${subject}.`, `${subject} is old.`],
    named: [`${subject} is a name.`],
  }));
}

it('reads activations where the object stands, as a plain forward pass has them', async () => {
  const run = await located();
  const results = resultsIn(run);
  const path = writeInput(temporaryDirectory(), 'sentences.json', sentencesFor(results, 3));
  await withSession(KN_MINI, (session) =>
    session.relations(run, { ...few, control: 'none', relations: ['capital'], sentences: path }),
  );
  const found = readRelations(run)?.activation?.relations[0];
  expect(found?.facts.map(({ id }) => id)).toEqual(['capital-0', 'capital-1', 'capital-2']);
  expect(found?.leftOut).toEqual([
    { reason: expect.stringContaining('sentences that do not name the object'), count: 3 },
    { reason: 'facts of which the file has no sentences', count: FACTS - 3 },
  ]);
  const model = await loadMini();
  for (const one of found?.facts ?? []) {
    const fact = results.find(({ id }) => id === one.id) as SweepResult;
    expect(one).toMatchObject({
      neurons: fact.neurons.length,
      stated: { sentences: 2 },
      named: { sentences: 1 },
    });
    const prompts = [`${fact.subject} has [MASK].`, `In [MASK], people say, lies ${fact.subject}.`];
    const asked = prompts.map((prompt) => model.tokenizer.encodePrompt(prompt));
    const values = fact.neurons.flatMap(({ layer, neuron }) => [
      ...activations(model, layer, [neuron], asked).target,
    ]);
    expect(one.stated?.activation).toBeCloseTo(mean(values), 4);
    expect(one.unrelated?.sentences).toBe(3);
    expect(Math.abs(one.stated?.random ?? 9)).toBeLessThan(Math.abs(one.stated?.activation ?? 0));
  }
});

it('goes on where it was interrupted, and begins anew under other settings', async () => {
  const out = await located(3);
  await withSession(KN_MINI, async (session) => {
    const controller = new AbortController();
    const notes: string[] = [];
    const steps: string[] = [];
    const events = {
      onNote: (note: string) => void notes.push(note),
      onProgress: ({ stage, done, total }: { stage: string; done: number; total: number }) => {
        if (stage === 'relations') steps.push(`${done} of ${total}`);
      },
    };
    const stopped = session.relations(out, few, {
      signal: controller.signal,
      onProgress: ({ stage, done }) => {
        if (stage === 'relations' && done === 5) controller.abort(); // 2 + 2 of the first relation
      },
    });
    await expect(stopped).rejects.toThrow(InterruptedError);
    await expect(stopped).rejects.toThrow(
      'interrupted; 1 of 2 relations are done, and the same command goes on from there',
    );
    const first = readRelations(out)?.erasure?.relations;
    expect(first).toHaveLength(1);
    expect(await session.relations(out, few)).toMatchObject({ relations: 2, erased: 1 });
    expect(readRelations(out)?.erasure?.relations[0]).toEqual(first?.[0]);
    const whole = readFileSync(join(out, 'relations.json'), 'utf8');
    expect(await session.relations(out, few)).toMatchObject({ erased: 0 });
    expect(readFileSync(join(out, 'relations.json'), 'utf8')).toBe(whole);
    const layer = { ...few, neurons: 5, control: 'layer', seeds: undefined } as const;
    expect(await session.relations(out, layer, events)).toMatchObject({ erased: 2 });
    // Of each relation before, after, and after on the other three layers.
    expect(steps).toEqual(Array.from({ length: 11 }, (_, i) => `${i} of 10`));
    expect(notes).toEqual([
      expect.stringMatching(/relations\.json: 2 relations erased before, .* give way to/),
    ]);
    expect(readRelations(out)?.erasure?.relations[0]?.neurons).toHaveLength(5);
    expect(readRelations(out)?.erasure?.relations[0]?.own[0]?.controls).toHaveLength(3); // to each other layer of four
    await expect(session.relations(out, { ...few, control: 'layer' })).rejects.toThrow(
      '--seeds: draws random neurons, of which --control layer has none; leave it out',
    );
    await expect(session.relations(out, { relations: ['symbl'] })).rejects.toThrow(
      '--relation: the run has no relation "symbl"; did you mean "symbol"?',
    );
  });
});

it('is shown by the report of the run, as long as it is of its results', async () => {
  const set = smallSet(3);
  const out = join(temporaryDirectory(), 'run');
  await sweepCli(set, out);
  const cwd = temporaryDirectory();
  const sentences = writeInput(
    cwd,
    'sentences.jsonl',
    sentencesFor(resultsIn(out), 6)
      .map((one) => JSON.stringify(one))
      .join('\n'),
  );
  const options = ['--neurons', '12', '--seeds', '2', '--limit', '3'];
  const done = await runCli(['sweep', 'relations', out, ...options, '--sentences', sentences, '--quiet'], {
    cwd,
  });
  expect([done.code, done.stderr]).toEqual([0, '']);
  expect(done.stdout).toMatch(/^Erasure of a relation .*\n +n +value/);
  expect(done.stdout).toMatch(/accuracy, erased relation +2 +\d/);
  expect(done.stdout).toMatch(/sentences that state the fact +6 +\d/);
  expect(done.stdout).toMatch(/\n\nLeft out on sentences\n 6 sentences that do not name the object/);
  const { stdout } = await runCli(['sweep', 'report', out]);
  for (const line of done.stdout.split('\n')) expect(stdout).toContain(line);
  const summary = readFileSync(join(out, 'summary.csv'), 'utf8');
  expect(summary).toMatch(/^erased-accuracy,symbol,,3,/m);
  expect(summary).toMatch(/^activation-stated,capital,,3,/m);
  const page = readFileSync(join(out, 'report.html'), 'utf8');
  expect(page).toContain('accuracy, erased relation');
  expect(page).toContain('id="erasure"');
  const figure = readFileSync(join(out, 'figures', 'erasure.svg'), 'utf8');
  expect(figure).toContain('all relations');
  expect(figure).not.toContain('all facts');

  const strange = writeInput(cwd, 'strange.json', [{ id: 'no such fact', stated: ['It is.'], named: [] }]);
  const none = await runCli(['sweep', 'relations', out, ...options, '--sentences', strange], { cwd });
  expect(none.stderr).toContain(
    `${strange}: has sentences of none of the run's facts; their ids must be the same`,
  );
  expect(none.stdout).not.toContain('sentences that state the fact');

  await sweepCli(set, out, '--limit', '4');
  const { stdout: other, stderr } = await runCli(['sweep', 'report', out]);
  expect(other).not.toContain('accuracy, erased relation');
  expect(stderr).toContain('relations.json is of other results than the run has now');
  writeFileSync(join(out, 'relations.json'), '{"results": 5}');
  expectFailure(await runCli(['sweep', 'report', out]), 2, ['relations.json: ', 'results']);
  expectFailure(await runCli(['sweep', 'relations', cwd]), 2, ['holds no run of a sweep']);
});

it('asks a model that continues text behind what stands before the object', async () => {
  const model = goldenDirectory('gpt2');
  const cwd = temporaryDirectory();
  const facts = ['Egypt', 'Morocco'].map((subject, i) => ({
    ...{ id: `f${i}`, subject, relation: 'language', object: 'Arabic' },
    prompts: [`People in ${subject} speak [MASK].`, `The official language of ${subject} is [MASK].`],
  }));
  const { items } = readSet(writeInput(cwd, 'facts.json', facts));
  const sentences = writeInput(cwd, 'sentences.json', [
    {
      id: 'f0',
      stated: ['In Egypt they speak Arabic.', 'Arabic is spoken in Egypt.'],
      named: ['Egypt is very old.', 'Nothing.'],
    },
    { id: 'f1', stated: [], named: [] },
  ]);
  const out = join(cwd, 'run');
  await withSession(model, async (session) => {
    await session.sweep(items, { out, do: 'locate', locate: { maxGeneric: 1, share: 0.5 } });
    await session.relations(out, { neurons: 3, seeds: 1, sentences });
  });
  const found = readRelations(out);
  expect(found?.activation?.relations[0]?.facts).toMatchObject([
    { id: 'f0', stated: { sentences: 1 }, named: { sentences: 1 } },
    { id: 'f1', stated: null, named: null, unrelated: null },
  ]);
  expect(found?.erasure?.relations[0]?.own).toHaveLength(2);
  expect(found?.erasure?.relations[0]?.others).toEqual([]);
  expect(existsSync(join(out, 'relations.json'))).toBe(true);
});
