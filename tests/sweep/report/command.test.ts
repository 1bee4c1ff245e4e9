// kn-edit sweep report, on a run's files alone.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../../support/cli.js';
import { FAILURES, manifestOf, resultsOf } from '../../support/sweep-run.js';
import { temporaryDirectory } from '../../support/temporary.js';

const lines = (values: readonly object[]) => values.map((one) => `${JSON.stringify(one)}\n`).join('');

/** The files that a sweep leaves. */
function runOf(operation: 'locate' | 'suppress'): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifestOf(operation, 120)));
  writeFileSync(join(directory, 'results.jsonl'), lines(resultsOf(operation)));
  writeFileSync(join(directory, 'failures.jsonl'), lines(FAILURES));
  return directory;
}

test('prints the tables, and writes its files beside the results', async () => {
  const run = runOf('suppress');
  const { code, stdout, stderr } = await runCli(['sweep', 'report', run]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^120 facts of kn-mini, suppressed: 3 relations, 1 failed\n/);
  expect(stdout).toMatch(/change ratio of P\(object\) +120 +-\d\d\.\d%/);
  expect(readdirSync(run).sort()).toEqual([
    'failures.jsonl',
    'figures',
    'manifest.json',
    'prompts.csv',
    'prompts.parquet',
    'report.html',
    'results.jsonl',
    'summary.csv',
  ]);
});

test('writes its neurons as others do, and compares them with what others wrote', async () => {
  const [run, out] = [runOf('locate'), temporaryDirectory()];
  const file = join(out, 'neurons.json');
  const written = await runCli([
    'sweep',
    'report',
    run,
    '--out',
    out,
    '--neurons-out',
    file,
    '--format',
    'csv',
  ]);
  expect(written.code).toBe(0);
  expect(written.stdout).toMatch(/^measure,relation,layer,n,value,/);
  expect(written.stdout).toBe(readFileSync(join(out, 'summary.csv'), 'utf8'));
  expect(existsSync(join(run, 'report.html'))).toBe(false);
  const compared = await runCli(['sweep', 'report', run, '--out', out, '--compare', file, '--json']);
  const { compared: found, measures } = JSON.parse(compared.stdout) as {
    compared: { facts: { jaccard: number }[]; ownAlone: number };
    measures: { name: string; relation: string | null; estimate: { value: number } }[];
  };
  expect(found.facts.length).toBe(120);
  expect(found.facts.every(({ jaccard }) => jaccard === 1)).toBe(true);
  expect(measures.find(({ name, relation }) => name === 'jaccard' && relation === null)?.estimate.value).toBe(
    1,
  );
});

test('compares facts that differ in some neurons', async () => {
  const [run, out] = [runOf('locate'), temporaryDirectory()];
  const file = join(out, 'neurons.json');
  // Of every fact its first neuron, and one that no fact has.
  const [first, ...others] = resultsOf('locate').map(({ id, neurons: [one] }) => [
    id,
    [...(one ? [[one.layer, one.neuron]] : []), [0, 255]],
  ]);
  writeFileSync(file, JSON.stringify(Object.fromEntries(others)));
  const { code, stdout } = await runCli(['sweep', 'report', run, '--out', out, '--compare', file, '--json']);
  expect(code).toBe(0);
  const { compared } = JSON.parse(stdout) as {
    compared: { facts: { id: string; own: number; common: number; jaccard: number }[]; ownAlone: number };
  };
  expect(compared.facts.map(({ id }) => id)).not.toContain(first?.[0]);
  expect([compared.facts.length, compared.ownAlone]).toEqual([119, 1]);
  for (const { own, common, jaccard } of compared.facts) {
    expect(common).toBe(1);
    expect(jaccard).toBeCloseTo(1 / (own + 1), 6);
  }
  const over = await runCli(['sweep', 'report', run, '--out', out, '--neurons-out', file]);
  expect([over.code, over.stderr]).toEqual([2, expect.stringContaining('choose another --neurons-out')]);
});

test('says what each number is, where that is asked for', async () => {
  const run = runOf('suppress');
  const plain = await runCli(['sweep', 'report', run]);
  expect(plain.stdout).toContain('What each number is: --definitions, or the page.');
  const { stdout } = await runCli(['sweep', 'report', run, '--definitions']);
  expect(stdout).toMatch(/^ facts better in effect or harm: Share of facts/m);
  expect(stdout).not.toContain('ES: ');
});

test('puts another run beside a run, over the facts of both', async () => {
  const [run, other] = [runOf('suppress'), runOf('suppress')];
  // The other run lacks 20 facts of this one, and did half as much to each that it has.
  const own = resultsOf('suppress').slice(20);
  const others = own.map((one) => ({
    ...one,
    effect: one.effect && { ...one.effect, effect: one.effect.effect / 2 },
  }));
  writeFileSync(join(other, 'results.jsonl'), lines(others));
  const { code, stdout } = await runCli(['sweep', 'report', run, '--beside', other, '--json']);
  const { beside, measures } = JSON.parse(stdout) as {
    beside: { source: string; facts: number };
    measures: {
      name: string;
      relation: string | null;
      beside?: Record<'own' | 'estimate', { n: number; value: number }>;
    }[];
  };
  expect([code, beside]).toEqual([0, { source: other, facts: 100 }]);
  const effect = measures.find(({ name, relation }) => name === 'effect' && relation === null);
  const mean = own.reduce((sum, one) => sum + (one.effect?.effect ?? 0), 0) / 100;
  expect(effect?.beside).toMatchObject({
    own: { n: 100, value: expect.closeTo(mean, 10) },
    estimate: { n: 100, value: expect.closeTo(mean / 2, 10) },
  });
  const text = await runCli(['sweep', 'report', run, '--beside', other]);
  expect(text.stdout).toContain(`\nbeside ${other}: 100 facts of both\n`);
  expect(text.stdout).toMatch(/^ *the facts of both +100 /m);
  const same = await runCli(['sweep', 'report', other, '--beside', run]);
  expect(same.stdout).not.toContain('the facts of both');
  expect((await runCli(['sweep', 'report', run, '--beside', join(run, 'none')])).code).toBe(2);
});

test('tells where facts were computed on several engines', async () => {
  const run = runOf('locate');
  const write = (engines: (i: number) => string) => {
    const results = resultsOf('locate').map((one, i) => ({ ...one, engine: engines(i) }));
    writeFileSync(join(run, 'results.jsonl'), lines(results));
  };
  write(() => 'wasm');
  expect((await runCli(['sweep', 'report', run])).stdout).not.toContain('engines');
  write((i) => (i < 100 ? 'wasm' : 'tensorflow'));
  const several =
    'computed on several engines, which round differently: wasm (100 facts) and tensorflow (20 facts)';
  expect((await runCli(['sweep', 'report', run])).stdout).toContain(`\n${several}\n`);
  expect(readFileSync(join(run, 'report.html'), 'utf8')).toContain(several);
  const { engines } = JSON.parse((await runCli(['sweep', 'report', run, '--json'])).stdout);
  expect(engines).toEqual({ wasm: 100, tensorflow: 20 });
});

test('names the file and the line of a result that is damaged', async () => {
  const run = runOf('locate');
  const results = readFileSync(join(run, 'results.jsonl'), 'utf8').split('\n');
  results[2] = '{"key": 1}';
  writeFileSync(join(run, 'results.jsonl'), results.join('\n'));
  const { code, stderr } = await runCli(['sweep', 'report', run]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/^kn-edit: \S*results\.jsonl: line 3: .*another --out.*\n$/),
  ]);
});
