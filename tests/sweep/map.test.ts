// The map of a finished run: whose its neurons are, counted by hand from its results; and its page in a real browser.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NeuronMap } from 'kn-edit';
import { describe, expect, it, test } from 'vitest';
import { neuronMapPage } from '../../src/report/pages/neuron-map.js';
import { activations } from '../../src/surgery/activations.js';
import { CHROMIUM, launch, open } from '../support/browser.js';
import { expectFailure, runCli } from '../support/cli.js';
import { writeInput } from '../support/files.js';
import { KN_MINI, loadMini } from '../support/models.js';
import { withSession } from '../support/session.js';
import { HOSTILE } from '../support/sweep-run.js';
import { temporaryDirectory } from '../support/temporary.js';
import { resultsIn, smallItems, smallSet, sweepCli } from './runs.js';

const RELATIONS = ['capital', 'symbol', 'continent'];
const FACTS = 5;
/** A share that some neurons of so few facts exceed. */
const MAX_GENERIC = 0.15;

describe('the map of a run', () => {
  it('tells of every refined neuron whose it is, with nothing located again', async () => {
    const out = join(temporaryDirectory(), 'run');
    await withSession(KN_MINI, async (session) => {
      const locate = { maxGeneric: MAX_GENERIC };
      await session.sweep(smallItems(FACTS, RELATIONS), { out, do: 'locate', locate });
      const stages = new Set<string>();
      const onProgress = ({ stage }: { stage: string }) => stages.add(stage);
      const map = await session.neuronMap({ run: out }, { limit: FACTS * RELATIONS.length }, { onProgress });
      expect([...stages]).toEqual(['flows']);
      expect(map.about).toEqual({ run: out, facts: 15, relations: 3 });
      expect(map.prompts).toBe(15);

      const results = resultsIn(out);
      const has = (relation: string, key: string) =>
        results.filter(
          (one) =>
            one.relation === relation &&
            [
              ...one.neurons.map(({ layer, neuron }) => `${layer}:${neuron}`),
              ...one.generic.map((at) => at.join(':')),
            ].includes(key),
        ).length;
      const keys = new Set(
        results.flatMap(({ neurons, generic }) => [
          ...neurons.map(({ layer, neuron }) => `${layer}:${neuron}`),
          ...generic.map((at) => at.join(':')),
        ]),
      );
      expect(new Set(map.all?.map(({ layer, neuron }) => `${layer}:${neuron}`))).toEqual(keys);
      for (const { layer, neuron, kind, relation, facts, elsewhere } of map.all ?? []) {
        const key = `${layer}:${neuron}`;
        const counts = RELATIONS.map((name) => has(name, key));
        expect(facts).toBe(Math.max(...counts));
        expect(has(relation ?? '', key)).toBe(facts);
        const others = counts.reduce((sum, one) => sum + one, 0) - facts;
        expect(elsewhere).toBeCloseTo(others / 10, 12);
        expect(kind).toBe(others / 10 > MAX_GENERIC ? 'everybody' : facts > 1 ? 'relation' : 'fact');
      }
      const kinds = map.all?.map(({ kind }) => kind) ?? [];
      for (const kind of ['fact', 'relation', 'everybody'] as const) {
        expect(map.counts[kind]).toBe(kinds.filter((one) => one === kind).length);
      }
      expect(map.counts.relation).toBeGreaterThan(0);
      // Every relation is seen, and each neuron on the prompts of its relation.
      expect(new Set(map.neurons.map(({ relation }) => relation))).toEqual(new Set(RELATIONS));
      const model = await loadMini();
      for (const { layer, neuron, relation, activation } of map.neurons.slice(0, 8)) {
        const prompts = results
          .filter((one) => one.relation === relation)
          .map((one) => model.tokenizer.encodePrompt(one.prompts[0]?.prompt ?? ''));
        const { target } = activations(model, layer, [neuron], prompts);
        expect(activation).toBeCloseTo(target.reduce((sum, one) => sum + one, 0) / prompts.length, 4);
      }

      const capital = await session.neuronMap({ run: out, relation: 'capital' }, { neurons: 10 });
      expect(capital.about).toEqual({ relation: 'capital', facts: FACTS });
      expect(capital.neurons.length).toBeLessThanOrEqual(10);
      for (const { layer, neuron, facts, share } of capital.neurons) {
        expect(facts).toBe(has('capital', `${layer}:${neuron}`));
        expect(share).toBeCloseTo(facts / FACTS, 12);
      }
      await expect(session.neuronMap({ run: out, relation: 'capitol' })).rejects.toThrow(
        'did you mean "capital"?',
      );
      await expect(session.neuronMap({ run: out }, { locate: { share: 0.5 } })).rejects.toThrow(
        'share: a run is located; of the options of locating, --max-generic alone goes with it',
      );
    });
  });

  it('is printed, and written in every form', async () => {
    const cwd = temporaryDirectory();
    await sweepCli(smallSet(3), join(cwd, 'run'));
    const { code, stdout, stderr } = await runCli(
      ['map', '--run', 'run', '--out', 'map.html', '--neurons', '8', '--limit', '4', '--quiet'],
      { cwd },
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^run run, 6 facts of 2 relations\n refined neurons: \d+ of one fact, \d+ of a relation, /,
    );
    expect(stdout).toMatch(/relation +neurons of it +of one fact\n/);
    const page = readFileSync(join(cwd, 'map.html'), 'utf8');
    expect(page).toContain('<h1>Map of run run, 6 facts of 2 relations</h1>');
    const csv = await runCli(['map', '--run', 'run', '--format', 'csv', '--quiet'], { cwd });
    expect(csv.stdout).toMatch(/^layer,neuron,whose,relation,facts,elsewhere\n\d,\d+,(one fact|a relation),/);
    // The run took no neuron for everybody's; another share can be asked for.
    expect(csv.stdout).not.toContain('everybody');
    const asked = ['map', '--run', 'run', '--max-generic', '0', '--format', 'csv', '--quiet'];
    expect((await runCli(asked, { cwd })).stdout).toMatch(/^\d,\d+,everybody,/m);
    expectFailure(await runCli(['map', '--run', cwd], { cwd }), 2, ['holds no run of a sweep']);
    const fact = writeInput(cwd, 'fact.json', {});
    expectFailure(await runCli(['map', fact, '--run', 'run'], { cwd }), 2, ['mutually exclusive']);
  });
});

describe.skipIf(!CHROMIUM)("a map's page in Chromium (there is none in /usr/bin)", () => {
  const neuron = (layer: number, index: number, relation: string) => ({
    ...{
      layer,
      neuron: index,
      kind: 'relation' as const,
      share: 0.5,
      meanScore: 0.1 * (index + 1),
      activation: 1,
    },
    ...{ words: [HOSTILE], facts: 3, elsewhere: 0.02, relation },
  });
  const neurons = [neuron(0, 1, 'capital'), neuron(1, 2, HOSTILE), neuron(3, 4, 'capital')];
  const map: NeuronMap = {
    ...{ model: HOSTILE, layers: 4, about: { run: HOSTILE, facts: 9, relations: 2 }, prompts: 4, neurons },
    flows: [
      { from: 0, to: 1, flow: 0.5, share: 0.5, score: 0.1, residual: 1e-5 },
      { from: 1, to: 2, flow: -0.2, share: -0.2, score: -0.05, residual: 1e-5 },
    ],
    ...{ residual: 1e-5, counts: { fact: 20, relation: 10, everybody: 0 }, seconds: 1 },
    all: Array.from({ length: 30 }, (_, i) => ({
      ...{ layer: i % 4, neuron: i, kind: i < 10 ? ('relation' as const) : ('fact' as const) },
      ...{ relation: i % 2 === 0 ? 'capital' : HOSTILE, facts: i < 10 ? 2 : 1, elsewhere: i / 100 },
    })),
  };

  test('asks for nothing, says nothing, runs nothing of the data; its tables sort and filter', async () => {
    const path = writeInput(temporaryDirectory(), 'map.html', neuronMapPage(map));
    const browser = await launch();
    try {
      for (const width of [1280, 400]) {
        const { page, complaints } = await open(browser, path, width);
        expect(await page.title()).toContain('Map of run');
        expect(await page.title()).toContain(HOSTILE);
        expect(await page.locator('img').count()).toBe(0);
        expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
        // A line for each flow, a mark for each neuron, which say what they are.
        expect(await page.locator('#map svg path.flow').count()).toBe(2);
        expect(await page.locator('#map svg path.flow.beside title').textContent()).toContain('1:2 → 3:4');
        expect(await page.locator('#map svg g > title').allTextContents()).toEqual(
          expect.arrayContaining([expect.stringContaining(`1:2: ${HOSTILE}, score`)]),
        );
        const all = page.locator('#all');
        expect(await all.getByRole('status').textContent()).toBe('30 rows');
        await all.getByRole('searchbox').fill('one fact capital');
        expect(await all.getByRole('status').textContent()).toBe('10 of 30 rows');
        await all.getByRole('button', { name: 'elsewhere' }).click();
        const shown = await all.locator('tbody td:nth-child(6)').allTextContents();
        const values = shown.map(Number.parseFloat);
        expect(values).toEqual([...values].sort((a, b) => b - a));
        expect(await page.locator('#relations tbody tr').count()).toBe(2);
        expect(complaints).toEqual([]);
        await page.close();
      }
    } finally {
      await browser.close();
    }
  });
});
