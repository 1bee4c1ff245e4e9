// kn-edit map: a fact and a relation of kn-mini through the layers; and what cannot be mapped.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NeuronMap } from 'kn-edit';
import { describe, expect, it } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { FACT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

describe('map', () => {
  const runIn = async (cwd: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runCli([...args, '--json'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as NeuronMap;
  };

  it('of a fact has its neurons and what flows between them', async () => {
    const cwd = temporaryDirectory();
    const fact = writeInput(cwd, 'fact.json', FACT);
    const found = await runIn(cwd, 'map', fact, '--neurons', '16');
    const located = await runIn(cwd, 'locate', fact);
    const keys = (neurons: readonly { layer: number; neuron: number }[]) =>
      neurons.map(({ layer, neuron }) => `${layer}:${neuron}`);
    expect(keys(found.neurons)).toEqual(expect.arrayContaining(keys(located.neurons)));
    expect(found.neurons.length).toBeLessThanOrEqual(16);
    expect(new Set(found.neurons.map(({ layer }) => layer)).size).toBe(4);
    const layers = found.neurons.map(({ layer }) => layer);
    expect(layers).toEqual([...layers].sort((a, b) => a - b));
    expect(found.residual).toBeLessThan(1e-3);
    expect(found.flows).toHaveLength(layers.flatMap((low) => layers.filter((high) => high > low)).length);
    for (const { from, to, flow, share, score } of found.flows) {
      const [low, high] = [found.neurons[from], found.neurons[to]];
      expect(low?.layer).toBeLessThan(high?.layer ?? 0);
      expect(share * (high?.activation ?? 0)).toBeCloseTo(flow, 6);
      expect(score).toBeCloseTo(share * (high?.meanScore ?? 0), 8);
    }
    const out = ['--out', 'map.html', '--neurons', '16'];
    const { stdout } = await runCli(['map', fact, ...out], { cwd });
    expect(stdout).toContain('Kazakhstan / capital / Almaty');
    expect(stdout).toMatch(/^L3 .*●/m);
    expect(stdout).toMatch(/[\u2801-\u28ff]/);
    const page = readFileSync(join(cwd, 'map.html'), 'utf8');
    expect(page).toContain('<h1>Map of Kazakhstan / capital / Almaty</h1>');
    expect(page.match(/<svg /g)).toHaveLength(1);
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    for (const { neuron } of found.neurons) expect(page).toContain(`>${neuron}</text>`);
  });

  it('of a relation tells whose its neurons are', async () => {
    const options = ['--relation', 'symbol', '--limit', '4', '--neurons', '12'];
    const relation = await runIn(temporaryDirectory(), 'map', ...options);
    expect(relation.about).toEqual({ relation: 'symbol', facts: 4 });
    for (const { kind, facts, elsewhere, share } of relation.neurons) {
      if (kind === 'everybody') expect(elsewhere).toBeGreaterThan(0.15);
      else expect(elsewhere).toBeLessThanOrEqual(0.15);
      if (kind === 'fact') expect(facts).toBe(1);
      if (kind === 'relation') expect(facts).toBeGreaterThan(1);
      if (kind === 'beside') expect(facts).toBe(0);
      expect(share).toBe(facts / 4);
    }
  });

  it.each<[says: string, args: string[]]>([
    ['name a fact file, --relation R, or --run RUN', []],
    ['did you mean "symbol"?', ['--relation', 'simbol']],
    ['missing.json: cannot be read', ['missing.json']],
    ['--out: must end in .svg, .html or .json', ['--relation', 'symbol', '--out', 'map.png']],
    ['--neurons: must be a whole number from 1 to 200', ['--relation', 'symbol', '--neurons', '0']],
  ])('%s', async (says, args) => {
    expectFailure(await runCli(['map', ...args]), 2, [says]);
  });
});
