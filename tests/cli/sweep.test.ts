// A setting of a rewrite at several values: the smallest that works and harms nothing is applied, or none is.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ROOT, runCli } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';

const edit = z
  .looseObject({ operation: z.looseObject({}) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'edits/fix-capital.json'), 'utf8')));
const shape = z.object({
  status: z.string(),
  editId: z.number().nullable(),
  neurons: z.array(z.unknown()),
  warnings: z.array(z.string()),
  sweep: z.array(
    z.object({
      value: z.number(),
      neurons: z.number(),
      effect: z.number(),
      regressions: z.number(),
      perplexityRise: z.number(),
      works: z.boolean(),
    }),
  ),
});

function withEdit(operation: object): string {
  const cwd = temporaryDirectory();
  writeFileSync(
    join(cwd, 'edit.json'),
    JSON.stringify({ ...edit, operation: { ...edit.operation, ...operation } }),
  );
  return cwd;
}

describe('kn-edit apply --sweep', () => {
  it('applies the smallest value that works, and records it in the specification', async () => {
    const cwd = withEdit({ method: 'solve' });
    const run = await runCli(
      ['apply', 'edit.json', '--sweep', 'neurons=50,20,60', '--seeds', '1', '--json'],
      { cwd },
    );
    expect(run.code).toBe(0);
    const { status, sweep, neurons } = shape.parse(JSON.parse(run.stdout));
    expect(status).toBe('applied');
    expect(sweep.map(({ value }) => value)).toEqual([20, 50, 60]);
    expect(sweep.map((one) => one.neurons)).toEqual([20, 50, 60]);
    const smallest = sweep.find(({ works }) => works)?.value;
    expect(neurons).toHaveLength(smallest ?? 0);
    const { specification } = JSON.parse((await runCli(['show', '1', '--json'], { cwd })).stdout);
    expect(specification.operation.neurons).toBe(smallest);
  });

  it('refuses where no value works, and says so', async () => {
    const cwd = withEdit({ method: 'absolute' });
    const run = await runCli(
      ['apply', 'edit.json', '--sweep', 'lambdaNew=0.1,2', '--control', 'none', '--json'],
      { cwd },
    );
    expect(run.code).toBe(3);
    const { status, editId, sweep, warnings } = shape.parse(JSON.parse(run.stdout));
    expect([status, editId]).toEqual(['refused', null]);
    expect(sweep.some(({ works }) => works)).toBe(false);
    expect(warnings).toContainEqual(
      expect.stringMatching(
        /^at no value of lambdaNew does it work and harm nothing; the report is that of \d/,
      ),
    );
    expect(JSON.parse((await runCli(['history', '--json'], { cwd })).stdout).edits).toEqual([]);
  });

  it.each([
    ['neurons=2', '--sweep neurons: operation.neurons: does not go with method "absolute"'],
    ['lambdaNew=a', '--sweep: must be numbers'],
    ['lambdaNew', '--sweep: must be one of lambdaNew, lambdaOld, neurons'],
    ['factor=2', '--sweep: must be one of lambdaNew, lambdaOld, neurons'],
  ])('%s is refused in a line', async (sweep, said) => {
    const { code, stderr } = await runCli(['apply', 'edit.json', '--sweep', sweep], {
      cwd: withEdit({ method: 'absolute' }),
    });
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});
