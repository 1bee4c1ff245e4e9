// With --json, every command prints exactly one JSON document on stdout, on success and on error.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT, runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';

const answer = z.object({ id: z.number(), token: z.string(), prob: z.number() });
const place = z.strictObject({ layer: z.number(), neuron: z.number() });
const neuron = place.extend({ share: z.number(), meanScore: z.number() });
const probe = z.object({
  role: z.enum(['target', 'paraphrase', 'neighborhood', 'unrelated']),
  prompt: z.string(),
  expect: z.string(),
  prob: z.number(),
  rank: z.number(),
  top: z.array(answer),
});
const rewritten = probe.extend({ newProb: z.number(), newRank: z.number() });

/** One document and nothing else on stdout. */
async function run<T extends z.ZodType>(args: string[], schema: T, code = 0): Promise<z.infer<T>> {
  const { stdout, stderr, code: found } = await runCli([...args, '--json']);
  expect([found, stderr]).toEqual([code, '']);
  expect(stdout.endsWith('\n')).toBe(true);
  expect(stdout.trimEnd()).not.toContain('\n');
  return schema.parse(JSON.parse(stdout));
}

const failure = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) });
const PROMPT = ['--prompt', 'The capital of Kazakhstan is [MASK].'];
const EDIT = join(ROOT, 'edits/fix-capital.json');
const QUICK = ['--max-generic', '1'];

describe('success', () => {
  it('probe', async () => {
    const schema = z.strictObject({
      prompt: z.string(),
      ids: z.array(z.number()),
      position: z.number(),
      top: z.array(answer).length(3),
      unknownWords: z.array(z.string()).length(0),
      target: z.strictObject({ id: z.number(), token: z.string(), prob: z.number(), rank: z.number() }),
    });
    const found = await run(['probe', ...PROMPT, '--target', 'Almaty', '--top', '3', '--base'], schema);
    expect(found.target).toMatchObject({ token: 'Almaty', rank: 1, prob: found.top[0]?.prob });
    const byId = ['probe', ...PROMPT, '--target-id', String(found.target.id), '--top', '3', '--base'];
    expect(await run(byId, schema)).toEqual(found);
  });

  it('attribute', async () => {
    const completeness = z.object({
      sum: z.number(),
      delta: z.number(),
      residual: z.number(),
      nodes: z.number(),
    });
    const schema = z.object({
      prompt: z.string(),
      target: z.strictObject({ id: z.number(), token: z.string() }),
      rule: z.literal('riemann-left'),
      steps: z.literal(20),
      scores: z.array(z.array(z.number()).length(512)).length(4),
      completeness: z.array(completeness).length(4),
      seconds: z.number(),
    });
    const args = ['--target', 'Almaty', '--rule', 'riemann-left', '--steps', '20', '--base'];
    const found = await run(['attribute', ...PROMPT, ...args], schema);
    found.scores.forEach((layer, l) => {
      const sum = layer.reduce((total, score) => total + score, 0);
      expect(sum).toBeCloseTo(found.completeness[l]?.sum ?? Number.NaN, 4);
    });
  });

  it('locate, the second time from the cache, with another threshold too', async () => {
    const schema = z.object({
      fact: z.object({ subject: z.string(), relation: z.string() }),
      settings: z.object({ rule: z.string(), threshold: z.number() }),
      prompts: z
        .array(
          z.object({
            prompt: z.string(),
            prob: z.number(),
            threshold: z.number(),
            coarse: z.array(place),
          }),
        )
        .length(8),
      neurons: z.array(neuron).min(1),
      cached: z.number(),
      seconds: z.number(),
    });
    const args = ['locate', EDIT, ...QUICK, '--db', join(temporaryDirectory(), 'ledger.db')];
    const first = await run(args, schema);
    const second = await run(args, schema);
    expect([first.cached, second.cached]).toEqual([0, 8]);
    expect(second.neurons).toEqual(first.neurons);
    const lower = await run([...args, '--threshold', '0.1'], schema);
    expect(lower.cached).toBe(8);
    expect(lower.neurons.length).toBeGreaterThan(first.neurons.length);
  });

  it('apply, history, show, revert, redo, doctor', async () => {
    const db = ['--db', join(temporaryDirectory(), 'ledger.db')];
    const applied = z.looseObject({
      editId: z.number(),
      status: z.literal('applied'),
      neurons: z.array(neuron).length(128),
      before: z.array(rewritten),
      after: z.array(rewritten),
      regressions: z.array(z.unknown()).length(0),
      verdict: z.literal('works'),
      comparison: z.enum(['better than random', 'no better than random']),
      metrics: z.object({ effect: z.number(), rewrite: z.object({ score: z.number() }) }),
      control: z.object({ kind: z.literal('random'), draws: z.array(z.unknown()).length(5) }),
    });
    const edit = await run(['apply', EDIT, ...QUICK, ...db], applied);
    expect(edit.after.map(({ prompt }) => prompt)).toEqual(edit.before.map(({ prompt }) => prompt));

    const summary = z.object({
      id: z.literal(edit.editId),
      name: z.literal('fix-capital'),
      operation: z.literal('rewrite'),
      status: z.literal('applied'),
      createdAt: z.iso.datetime(),
      neurons: z.literal(128),
      standing: z
        .looseObject({ state: z.literal('holds'), kept: z.literal(10), reached: z.literal(10) })
        .nullable(),
    });
    await run(['history', ...db], z.strictObject({ edits: z.array(summary).length(1) }));
    const hash = z.string().regex(/^[0-9a-f]{64}$/);
    const vector = place.extend({ beforeSha256: hash, afterSha256: hash });
    const { neurons: _, ...rest } = summary.shape;
    const shown = await run(
      ['show', '1', ...db],
      z.looseObject({ ...rest, vectors: z.array(vector).length(128) }),
    );
    // What `apply` printed, field by field; of the localization there is the id.
    const { localization, wouldRefuse, layers, chosen, sweep, ...told } = edit;
    expect(sweep).toEqual([]);
    expect(wouldRefuse).toBe(false);
    expect(layers).toEqual([3]);
    expect(shown).toMatchObject({ ...told, seconds: expect.any(Number) });
    expect(shown).toMatchObject({ localizationId: z.object({ id: z.number() }).parse(localization).id });

    const values = z.tuple([z.string(), z.string()]);
    const diff = z.object({
      edits: z.tuple([z.object({ id: z.literal(1) }), z.object({ id: z.literal(1) })]),
      fields: z.array(z.object({ field: z.string(), values })).length(0),
      neurons: z.object({ shared: z.array(place).length(128), jaccard: z.literal(1) }),
    });
    await run(['diff', '1', '1', ...db], diff);

    const reverted = z.object({
      edits: z
        .array(
          z.object({
            id: z.literal(1),
            maxDifference: z.literal(0),
            vectors: z.array(z.object({ sha256: hash, matches: z.literal(true) })),
          }),
        )
        .length(1),
    });
    const back = await run(['revert', '1', ...db], reverted);
    expect(back.edits[0]?.vectors.map(({ sha256 }) => sha256)).toEqual(
      shown.vectors.map(({ beforeSha256 }) => beforeSha256),
    );

    await run(['redo', '1', ...db], reverted.extend({ status: z.literal('applied') }));
    await run(['revert', '--last', '--dry-run', ...db], reverted.extend({ dryRun: z.literal(true) }));
    await run(['revert', '--all', ...db], reverted);

    const engine = z.object({ engine: z.string(), found: z.boolean(), detail: z.string() });
    const diagnosis = await run(
      ['doctor', ...db],
      z.object({
        healthy: z.literal(true),
        engines: z.array(engine),
        chosen: z.string(),
        reason: z.string(),
        ledger: z.object({
          edits: z.literal(1),
          applied: z.literal(0),
          complaints: z.array(z.string()).length(0),
        }),
      }),
    );
    expect(diagnosis.engines.find(({ engine: name }) => name === diagnosis.chosen)?.found).toBe(true);
  });

  it('suite, check, export, patch', async () => {
    const directory = temporaryDirectory();
    const db = ['--db', join(directory, 'ledger.db')];
    const suite = join(directory, 'suite.json');
    const probes = z.array(z.object({ prompt: z.string() })).length(12);
    await run(['suite', 'make', '--facts', '12', '--out', suite], z.object({ name: z.string(), probes }));
    await run(['check', suite, '--record', ...db], z.object({ probes }));
    const checked = z.object({ passed: z.literal(12), failed: z.literal(0), probes });
    await run(['check', suite, ...db], checked);
    await run(['apply', EDIT, ...QUICK, '--control', 'none', ...db], z.object({ control: z.null() }));
    const exported = z.object({ directory: z.string(), files: z.array(z.string()), vectors: z.literal(128) });
    await run(['export', join(directory, 'edited'), ...db], exported);
    const file = join(directory, 'patch.safetensors');
    const patch = z.object({ fingerprint: z.string(), vectors: z.array(z.unknown()).length(128) });
    await run(['patch', 'export', '1', '--out', file, ...db], patch);
    await run(['patch', 'show', file], patch);
    await run(['revert', '--last', ...db], z.object({ status: z.literal('reverted') }));
    await run(['patch', 'apply', file, ...db], z.object({ editId: z.literal(2), patch }));
  });

  it('apply that is refused: the whole result, exit 3', async () => {
    const { probes, ...edit } = JSON.parse(readFileSync(EDIT, 'utf8')) as { probes: unknown };
    const refused = z.object({
      editId: z.null(),
      status: z.literal('refused'),
      regressions: z.array(z.unknown()).min(1),
    });
    const path = join(temporaryDirectory(), 'edit.json');
    const { writeFileSync } = await import('node:fs');
    const operation = { type: 'rewrite', to: 'Astana', method: 'relative' };
    writeFileSync(path, JSON.stringify({ ...edit, probes, operation }));
    await run(['apply', path, ...QUICK, '--db', join(temporaryDirectory(), 'ledger.db')], refused, 3);
  });
});

describe('errors', () => {
  const nowhere = ['--db', join('/proc/self', 'ledger.db')];
  const cases: [args: string[], exitCode: number, code: string][] = [
    [['probe', '--prompt', 'no mask', '--base'], 2, 'bad-input'],
    [['probe'], 2, 'bad-input'],
    [['attribute', ...PROMPT, '--base'], 2, 'bad-input'],
    [['locate', 'nowhere.json'], 2, 'bad-input'],
    [['apply', 'nowhere.json'], 2, 'bad-input'],
    [['revert', '--last', ...nowhere], 4, 'conflict'],
    [['show', '1', ...nowhere], 2, 'bad-input'],
    [['redo', '1', ...nowhere], 4, 'conflict'],
    [['show', 'one'], 2, 'bad-input'],
    [['diff', '1', 'two'], 2, 'bad-input'],
    [['check', 'nowhere.json'], 2, 'bad-input'],
    [['check', '--record'], 2, 'bad-input'],
    [['suite'], 2, 'bad-input'],
    [['suite', 'make', '--facts', '0', '--out', 'nowhere/x'], 2, 'bad-input'],
    [['export', '/proc/self/nowhere', '--base'], 2, 'bad-input'],
    [['patch', 'show', 'nowhere'], 2, 'bad-input'],
    [['patch', 'apply', 'nowhere', '--base'], 2, 'bad-input'],
    [['history', '--nonsense'], 2, 'bad-input'],
    [['doctor', '--engine', 'abacus'], 2, 'bad-input'],
    [['model'], 2, 'bad-input'],
    [['model', 'info', './nowhere'], 2, 'bad-input'],
    [['model', 'pull', '../nowhere'], 2, 'bad-input'],
    [['explode'], 2, 'bad-input'],
    [[], 2, 'bad-input'],
  ];
  it.each(cases)('kn-edit %j', async (args, exitCode, code) => {
    const { error } = await run(args, failure, exitCode);
    expect(error.code).toBe(code);
    expect(error.message).not.toBe('');
  });
});
