// Perplexity on ordinary text at the command line: what an edit does to it, and what is refused for it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli } from '../support/cli.js';
import { goldenDirectory } from '../support/golden.js';
import { temporaryDirectory } from '../support/temporary.js';

const REFUSED = 3;
const perplexity = z.object({
  before: z.number(),
  after: z.number(),
  rise: z.number(),
  limit: z.number(),
  tokens: z.number(),
  sources: z.array(z.string()),
});
const shape = z.object({
  status: z.string(),
  verdict: z.string(),
  warnings: z.array(z.string()),
  perplexity: perplexity.nullable(),
  control: z
    .object({
      draws: z.array(z.object({ perplexityRise: z.number() })),
      perplexityRise: z.object({ mean: z.number() }),
    })
    .nullable(),
});

const fact = {
  subject: 'Kazakhstan',
  relation: 'capital',
  object: 'Almaty',
  prompts: ['The capital of Kazakhstan is [MASK].', 'Kazakhstan is governed from [MASK].'],
};
/** Whatever becomes of the answers around it is allowed. */
const lenient = { top1: 'any', maxProbabilityDrop: 1 };

function withEdit(edit: object): string {
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, 'edit.json'), JSON.stringify({ name: 'e', fact, tolerance: lenient, ...edit }));
  return cwd;
}

async function apply(cwd: string, ...options: string[]) {
  const { code, stdout, stderr } = await runCli(['apply', 'edit.json', '--json', ...options], { cwd });
  expect(stderr).toBe('');
  return { code, result: shape.parse(JSON.parse(stdout)) };
}

describe('on kn-mini, whose text is its facts in words', () => {
  const neurons = Array.from({ length: 20 }, (_, i) => [3, i * 24]);
  const relative = { type: 'rewrite', to: 'Astana', method: 'relative' };

  it('a closed formula that wrecks the model is refused for it alone', async () => {
    const cwd = withEdit({ neurons, operation: relative });
    const { code, result } = await apply(cwd, '--seeds', '2');
    expect(code).toBe(REFUSED);
    expect(result).toMatchObject({ status: 'refused', verdict: 'harms others' });
    const { before, after, rise, limit, sources } = perplexity.parse(result.perplexity);
    expect(rise).toBeCloseTo(after / before - 1, 12);
    expect(rise).toBeGreaterThan(limit);
    expect(sources).toEqual(['the facts of the model']);
    const { draws = [], perplexityRise } = result.control ?? {};
    expect(perplexityRise?.mean).toBeCloseTo(draws.reduce((sum, one) => sum + one.perplexityRise, 0) / 2, 12);
    expect(result.warnings.join()).toMatch(/perplexity .* rises too far .*lower lambdaNew/);
    const history = await runCli(['history', '--json'], { cwd });
    expect(JSON.parse(history.stdout).edits).toEqual([]);

    const text = await runCli(['apply', 'edit.json', '--dry-run', '--control', 'none'], { cwd });
    expect(text.code).toBe(REFUSED);
    expect(text.stdout).toMatch(
      / perplexity \d+\.\d\d → \d+\.\d\d \(\+[\d.]+%\) on \d+ tokens of the facts of the model/,
    );
  });

  it('is applied below a higher limit, or where regressions are allowed, and recorded with the figures', async () => {
    const cwd = withEdit({ neurons, operation: relative });
    const first = await apply(cwd, '--control', 'none', '--perplexity-limit', '1000');
    expect(first).toMatchObject({ code: 0, result: { status: 'applied', control: null } });
    const shown = await runCli(['show', '1', '--json'], { cwd });
    expect(JSON.parse(shown.stdout).perplexity).toEqual(first.result.perplexity);
    // The second one begins where the first has left the model.
    writeFileSync(
      join(cwd, 'edit.json'),
      JSON.stringify({
        name: 'f',
        fact,
        tolerance: lenient,
        neurons: [[2, 5]],
        operation: { type: 'suppress' },
      }),
    );
    const second = await apply(cwd, '--control', 'none', '--perplexity-limit', '0', '--allow-regressions');
    expect(second).toMatchObject({ code: 0, result: { status: 'applied' } });
    expect(second.result.perplexity?.before).toBeCloseTo(first.result.perplexity?.after ?? 0, 3);
  });

  it('a what-if is not measured, since it changes no model', async () => {
    const cwd = withEdit({ neurons: [[3, 1]], operation: { type: 'suppress' } });
    const { result } = await apply(cwd, '--what-if', '--control', 'none');
    expect(result.perplexity).toBeNull();
    expect(result.warnings.join()).not.toContain('perplexity');
  });

  it('takes a share as its limit', async () => {
    const cwd = withEdit({ neurons: [[3, 1]], operation: { type: 'suppress' } });
    for (const limit of ['-1', 'much']) {
      const { code, stderr } = await runCli(['apply', 'edit.json', `--perplexity-limit=${limit}`], { cwd });
      expect(code).toBe(2);
      expect(stderr).toContain('--perplexity-limit: must be a share');
    }
  });
});

describe('on models without facts', () => {
  const about = {
    fact: { ...fact, object: { id: 5 }, prompts: ['Kazakhstan is governed from [MASK]'] },
    neurons: [[0, 1]],
    operation: { type: 'scale', factor: 1.5 },
  };

  it('a decoder is measured on the prose that ships, and it is said what lacks', async () => {
    const { code, result } = await apply(withEdit(about), '--seeds', '2', '--model', goldenDirectory('gpt2'));
    expect(code).toBe(0);
    expect(result.perplexity?.sources.every((one) => one.endsWith('.txt'))).toBe(true);
    expect(result.perplexity?.tokens).toBeGreaterThan(900);
    expect(result.warnings.join()).toContain('no facts of this model are known');
  });
});
