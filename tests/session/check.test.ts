// Suites, drift limits and exports, on the real model with a real edit.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEdit, Session, type Suite } from 'kn-edit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SafetensorsFile } from '../../src/lm/safetensors.js';
import { junitReport, tapReport } from '../../src/report/check.js';
import { KN_MINI } from '../support/models.js';

const EDITS = new URL('../../edits/', import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), 'kn-edit-'));
const session = new Session({ db: join(directory, 'ledger.db') });
const edit = { ...readEdit(join(EDITS, 'fix-capital.json')), name: 'fix' };
const quick = { control: 'none' as const, locate: { maxGeneric: 1 } };

beforeAll(async () => {
  expect((await session.apply(edit, quick)).status).toBe('applied');
});
afterAll(async () => {
  await session.close();
  rmSync(directory, { recursive: true, force: true });
});

const stale = { prompt: 'Kazakhstan is governed from [MASK].', expect: 'Almaty' };
const suite: Suite = {
  name: 'capitals',
  tolerance: { top1: 'expected', maxProbabilityDrop: 0.1 },
  probes: [{ prompt: 'The capital of France is [MASK].', expect: 'Paris' }, stale],
};

describe('check', () => {
  it('names what fails and why', async () => {
    const found = await session.check(suite);
    expect(found).toMatchObject({ passed: 1, failed: 1 });
    expect(found.probes[1]?.failures).toEqual([
      expect.stringMatching(/^answers Astana$/),
      expect.stringMatching(/^probability fell from 0\.97\d to 0\.0\d\d$/),
    ]);
    expect(found.probes[1]?.kl).toBeGreaterThan(1);
    expect(found.probes[0]?.kl).toBeLessThan(0.01);
  });

  it("holds recorded answers, the base's own where none are given, and tolerances per probe", async () => {
    const lenient = { ...stale, tolerance: { top1: 'any' as const, maxProbabilityDrop: 1 } };
    const passes = await session.check({
      ...suite,
      probes: [lenient, { prompt: 'Paris is the capital of [MASK].' }],
    });
    expect(passes.failed).toBe(0);
    const kl = { ...lenient, tolerance: { ...lenient.tolerance, maxKl: 0.5 } };
    expect((await session.check({ ...suite, probes: [kl] })).probes[0]?.failures).toEqual([
      expect.stringMatching(/^KL divergence/),
    ]);
    const recorded = await session.recordSuite({ ...suite, probes: [{ prompt: stale.prompt }] });
    expect(recorded.probes[0]?.prob).toBeGreaterThan(0.9);
    expect((await session.check(recorded)).failed).toBe(1);
  });

  it('draws the same suite from the same seed, which the edit passes', async () => {
    const drawn = await session.drawSuite(60, 3);
    expect(await session.drawSuite(60, 3)).toEqual(drawn);
    expect(drawn.probes).toHaveLength(60);
    expect((await session.check(drawn)).failed).toBe(0);
  });

  it('reports to CI in JUnit XML and TAP', async () => {
    const found = await session.check({ ...suite, name: 'a < b & "c"' });
    const junit = junitReport(found);
    expect(junit).toContain('<testsuite name="a &lt; b &amp; &quot;c&quot;" tests="2" failures="1"');
    expect(junit.match(/<failure /g)).toHaveLength(1);
    expect(tapReport(found).split('\n').slice(0, 4)).toEqual([
      'TAP version 13',
      '1..2',
      'ok 1 - The capital of France is [MASK]. -> Paris',
      'not ok 2 - Kazakhstan is governed from [MASK]. -> Almaty',
    ]);
  });
});

describe('drift', () => {
  const blunt = {
    ...edit,
    name: 'blunt',
    neurons: [...Array(60).keys()].map((i): [number, number] => [3, i]),
    locate: undefined,
    operation: { type: 'scale' as const, factor: 40 },
  };

  it('is measured with every edit, and refused beyond the limit', async () => {
    const found = await session.apply(blunt, { ...quick, allowRegressions: true, driftLimit: 0.02 });
    expect(found.status).toBe('refused');
    expect(found.drift?.before.flips).toBe(0);
    expect(found.drift?.after.flips).toBeGreaterThan(0.02);
    expect(found.drift?.after.kl).toBeGreaterThan(found.drift?.before.kl ?? 1);
    expect(found.warnings).toContain('the model would drift beyond --drift-limit 0.02');
    expect(session.history()).toHaveLength(1);
  });

  it('names the applied edits that touch the same neurons', async () => {
    const { layer, neuron } = session.show(1).neurons[0] ?? { layer: 0, neuron: 0 };
    const one = { ...blunt, neurons: [[layer, neuron] as [number, number]] };
    const found = await session.apply(one, { ...quick, dryRun: true });
    expect(found.overlaps).toEqual([{ id: 1, name: 'fix', neurons: 1 }]);
  });
});

describe('export', () => {
  const target = join(directory, 'astana');

  it('loads anew with the probabilities of the session', async () => {
    const { vectors, edits } = await session.export(target);
    expect([vectors, edits]).toEqual([128, [1]]);
    const exported = new Session({ model: target, db: join(directory, 'other.db') });
    const { probes } = await session.drawSuite(47, 5);
    const prompts = [...probes.map(({ prompt }) => prompt), ...edit.fact.prompts.slice(0, 3)];
    expect(prompts).toHaveLength(50);
    for (const prompt of prompts) {
      const here = await session.probe(prompt, undefined, 5);
      const there = await exported.probe(prompt, undefined, 5);
      expect(there.top.map(({ id }) => id)).toEqual(here.top.map(({ id }) => id));
      there.top.forEach(({ prob }, i) => {
        expect(Math.abs(prob - (here.top[i]?.prob ?? 0))).toBeLessThan(1e-6);
      });
    }
    await exported.close();
  });

  it('differs from the base in the edited tensor only', () => {
    const read = (path: string) => {
      const file = SafetensorsFile.open(join(path, 'model.safetensors'));
      file.close();
      const bytes = readFileSync(file.path);
      return [...file.tensors.values()].map(({ name, start, bytes: size }) => {
        return { name, data: bytes.subarray(start, start + size).toString('base64') };
      });
    };
    const base = read(KN_MINI);
    const changed = read(target).filter(({ data }, i) => data !== base[i]?.data);
    expect(changed.map(({ name }) => name)).toEqual(['bert.encoder.layer.3.output.dense.weight']);
    expect(readFileSync(join(target, 'config.json'))).toEqual(readFileSync(join(KN_MINI, 'config.json')));
  });

  it('never writes into what exists', async () => {
    await expect(session.export(target)).rejects.toThrow(/exists already/);
    await expect(session.export('/proc/self/nowhere')).rejects.toThrow(/cannot be written/);
  });

  it('is there once where two are written at the same time', async () => {
    const twice = `${target}-twice`;
    const exports = await Promise.allSettled([session.export(twice), session.export(twice)]);
    const [failed, ...others] = exports.filter(({ status }) => status === 'rejected');
    expect(others).toEqual([]);
    expect(failed).toMatchObject({ reason: { message: expect.stringMatching(/exists already/) } });
  });
});
