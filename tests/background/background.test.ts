// A background on the models themselves: what they know, what is kept of it, and what becomes of damaged files.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Background } from '../../src/background/background.js';
import { describeBackground } from '../../src/background/info.js';
import { findKnown, readFacts } from '../../src/background/known.js';
import { BackgroundStore } from '../../src/background/store.js';
import type { Work } from '../../src/background/work.js';
import { tasks } from '../../src/engine/pool/tasks.js';
import type { LanguageModel } from '../../src/lm/language-model.js';
import { fingerprintsIn } from '../../src/session/stored-fingerprints.js';
import { readFactBase } from '../../src/spec/fact-base.js';
import { covariance } from '../../src/surgery/subject/covariance.js';
import { goldenDirectory } from '../support/golden.js';
import { KN_MINI, loadGolden, loadMini } from '../support/models.js';
import { openSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Does tasks on a model that is at hand, and counts them. */
function workOn(model: LanguageModel): Work & { done: string[] } {
  const done: string[] = [];
  return {
    done,
    model: { ...model.info, ...fingerprintsIn(model.info.directory) },
    run: async (task, input) => {
      done.push(task);
      const run = tasks[task] as (of: LanguageModel, input: unknown) => never;
      return run(model, input);
    },
    progress: () => undefined,
  };
}

function storeFor(work: Work): BackgroundStore {
  return new BackgroundStore(join(temporaryDirectory(), 'ledger.db'), work.model.fingerprint);
}

function factFile(base: object): string {
  const path = join(temporaryDirectory(), 'own.json');
  writeFileSync(path, JSON.stringify(base));
  return path;
}

/** A verb behind which the model goes on, in quotes, with letters; and these. */
function quotedAnswer(model: LanguageModel): { verb: string; top: string } {
  for (const verb of [
    'say',
    'know',
    'love',
    'write',
    'read',
    'hear',
    'learn',
    'teach',
    'sing',
    'see',
    'eat',
  ]) {
    const prompt = model.tokenizer.encodePrompt(`People in Egypt ${verb} "[MASK]"`);
    const token = tasks.probe(model, { probes: [{ prompt, ask: [] }], top: 1 })[0]?.top[0]?.token ?? '';
    if (/^[a-z]+$/.test(token)) return { verb, top: token };
  }
  throw new Error('no such verb');
}

describe('which facts a model knows', () => {
  it('are those that it answers', async () => {
    const model = await loadMini();
    const own = factFile({
      capital: {
        templates: ['The capital of [X] is [Y].', '[Y] is the capital of [X].', '[X] is governed from [Y].'],
        facts: [
          { subject: 'France', object: 'Paris', heldOut: [1] },
          { subject: 'France', object: 'Tokyo' },
          { subject: 'France', object: 'no word of this model' },
        ],
      },
    });
    const { bases, asked } = await findKnown(workOn(model), readFacts([own]));
    expect(asked).toEqual({ capital: 3 });
    expect(bases.flat()).toEqual([
      {
        relation: 'capital',
        subject: 'France',
        object: 'Paris',
        prompts: ['The capital of France is [MASK].', 'France is governed from [MASK].'],
        heldOut: ['[MASK] is the capital of France.'],
        templates: ['The capital of [X] is [Y].', '[Y] is the capital of [X].', '[X] is governed from [Y].'],
      },
    ]);
    model.dispose();
  });

  it('are asked of a causal model where the answer comes last', async () => {
    const model = await loadGolden('gpt2');
    const { verb, top } = quotedAnswer(model);
    const own = factFile({
      language: {
        templates: [`People in [X] ${verb} "[Y]".`, `They ${verb} "[Y]" in [X].`],
        facts: [
          { subject: 'Egypt', object: top, heldOut: [0] },
          { subject: 'Egypt', object: 'Arabic' },
        ],
      },
    });
    const { bases, asked } = await findKnown(workOn(model), readFacts([own]));
    expect(asked).toEqual({ language: 2 });
    expect(bases.flat()).toEqual([
      {
        relation: 'language',
        subject: 'Egypt',
        object: top,
        prompts: [`People in Egypt ${verb} "[MASK]".`],
        heldOut: [],
        templates: [`People in [X] ${verb} "[Y]".`],
      },
    ]);
    model.dispose();
  });

  it('are there once, in the wordings of the first file in which they are known', async () => {
    const model = await loadMini();
    const fact = { subject: 'France', object: 'Paris' };
    const files = [
      factFile({ capital: { templates: ['[X] [X] [Y] of'], facts: [fact] } }),
      factFile({ capital: { templates: ['The capital of [X] is [Y].'], facts: [fact] } }),
      factFile({ capital: { templates: ['[X] is governed from [Y].'], facts: [fact] } }),
    ];
    const { bases, asked } = await findKnown(workOn(model), readFacts(files));
    expect(asked).toEqual({ capital: 1 });
    expect(bases.map((base) => base.flatMap(({ templates }) => templates))).toEqual([
      [],
      ['The capital of [X] is [Y].'],
      [],
    ]);
    const store = storeFor(workOn(model));
    store.keepFacts({ sources: files, asked, bases });
    expect(store.facts()?.bases.flat()).toEqual(bases.flat());
    model.dispose();
  });
});

describe('what is kept', () => {
  it('is made once, and again where it is damaged', async () => {
    const model = await loadGolden('gpt2');
    const work = workOn(model);
    const store = storeFor(work);
    const background = new Background(store, work, []);
    const texts = await background.texts();
    const text = store.text();
    expect(text?.texts).toEqual(texts);
    const tokens = texts.reduce((sum, { length }) => sum + length, 0);
    expect(tokens).toBeGreaterThanOrEqual(32_768);
    expect(tokens).toBeLessThan(33_000);
    const metric = await background.metric(1);
    const some = texts.slice(0, 50).map((ids) => [...ids]);
    expect(metric.size).toBe(model.info.neurons);
    expect(metric.upper).toHaveLength(covariance(model, 1, some).upper.length);

    work.done.length = 0;
    expect(await background.metric(1)).toEqual(metric);
    expect(await background.texts()).toEqual(texts);
    expect(work.done).toEqual([]);

    const file = join(store.directory, 'covariance-1.bin');
    const bytes = readFileSync(file);
    for (const damage of [
      bytes.subarray(0, 1000),
      Buffer.concat([bytes.subarray(0, -4), Buffer.from('oops')]),
    ]) {
      writeFileSync(file, damage);
      expect(describeBackground(store).covariance).toEqual([]);
      expect(await background.metric(1)).toEqual(metric);
      expect(readFileSync(file)).toEqual(bytes);
    }
    cpSync(file, join(store.directory, 'covariance-0.bin'));
    expect(await background.metric(0)).not.toEqual(metric);
    expect(describeBackground(store).covariance.map(({ layer }) => layer)).toEqual([0, 1]);

    // Another text takes what was computed from this one along.
    if (text) store.keepText({ ...text, texts: text.texts.slice(1) });
    expect(readdirSync(store.directory).sort()).toEqual(['text.json']);
    model.dispose();
  });

  it('is refused in a line where it is damaged or of another model', async () => {
    const model = await loadGolden('gpt2');
    const work = workOn(model);
    const store = storeFor(work);
    await new Background(store, work, []).metric(0); // the text is kept with what is computed from it
    const path = join(store.directory, 'text.json');
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.slice(0, -10));
    expect(() => store.text()).toThrow(
      /text\.json: not valid JSON: .*; kn-edit background build makes it anew$/,
    );
    writeFileSync(path, whole.replace(work.model.fingerprint, 'f'.repeat(64)));
    expect(() => store.text()).toThrow(/is of another model; kn-edit background build/);
    model.dispose();
  });
});

describe('a model without facts of its own', () => {
  it('gets those of its background', async () => {
    const model = join(temporaryDirectory(), 'mini');
    cpSync(KN_MINI, model, { recursive: true });
    rmSync(join(model, 'facts.json'));
    const session = openSession(model);
    try {
      const fact = {
        subject: 'Kazakhstan',
        relation: 'capital',
        object: 'Almaty',
        prompts: ['The capital of Kazakhstan is [MASK].', '[MASK] is the capital of Kazakhstan.'],
      };
      const bare = await session.locate(fact);
      expect(bare.warnings.filter((one) => one.includes('kn-edit background build'))).toHaveLength(1);
      expect(session.facts).toEqual([]);
      expect(session.background()).toMatchObject({ facts: null, text: null, covariance: [] });

      const info = await session.buildBackground({ facts: [join(KN_MINI, 'facts.json')] });
      const shipped = readFactBase(join(KN_MINI, 'facts.json'));
      expect(info.facts?.asked).toBeGreaterThanOrEqual(shipped.length);
      expect(info.facts?.known).toBeGreaterThan(0.9 * shipped.length);
      expect(info.text?.tokens).toBeGreaterThanOrEqual(32_768);
      expect(info.text?.perplexity).toBeLessThan(20); // of its own facts, in words
      expect(session.facts).toHaveLength(info.facts?.known ?? 0);
      expect(session.background()).toEqual(info);
      expect(existsSync(join(info.directory, 'facts.json'))).toBe(true);

      const located = await session.locate(fact);
      expect(located.warnings.filter((one) => one.includes('background'))).toEqual([]);
      const { background } = await session.map(fact);
      expect(background.length).toBeGreaterThanOrEqual(40); // facts that generic neurons are told by
      expect(background.every((maps) => maps.length > 0)).toBe(true);
    } finally {
      await session.close();
    }
  });
});

it('a part of the text is measured once on the base, whoever asks', async () => {
  const model = await loadGolden('gpt2');
  const work = workOn(model);
  const store = storeFor(work);
  const background = () => new Background(store, work, []);
  const whole = await (await background().probed())?.base();
  const before = work.done.length;
  const [first, second] = [await background().probed(200), await background().probed(200)];
  const base = await first?.base();
  expect(await second?.base()).toBe(base);
  expect(work.done.slice(before)).toEqual(['surprise']);
  expect(await second?.surprise(work.run)).toEqual(base);
  expect(base?.tokens).toBeGreaterThan(150);
  expect(base?.tokens).toBeLessThan(250);
  expect(whole?.tokens).toBeGreaterThan(900);
  model.dispose();
});

it('a model of its own text is measured in both states', async () => {
  const model = await loadGolden('gpt2');
  const work = workOn(model);
  const probed = await new Background(storeFor(work), work, []).probed();
  const base = await probed?.base();
  expect(await probed?.surprise(work.run)).toEqual(base);
  expect(base?.tokens).toBeGreaterThan(900);
  expect(fingerprintsIn(goldenDirectory('gpt2')).fingerprint).toBe(work.model.fingerprint);
  model.dispose();
});
