// Exports of bases in 16 bits: values that do not fit are refused or widened, and what rounding does is told.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Session } from 'kn-edit';
import { expect, it } from 'vitest';
import { expectSameAnswers } from '../support/answers.js';
import { half, readTensors, rewritten, valuesOf } from '../support/checkpoints.js';
import { editOf, quick, withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';

const PROMPT = 'People in Egypt speak [MASK].';
const VALUES = 'bert.encoder.layer.2.output.dense.weight';

const scaled = (factor: number) =>
  editOf({
    fact: { subject: 'Egypt', relation: 'language', object: 'Arabic', prompts: [PROMPT] },
    neurons: [
      [2, 5],
      [2, 40],
    ],
    operation: { type: 'scale', factor },
  });

const ask = (session: Session) => session.probe(PROMPT, 'Arabic', 3);
const baseIn = (dtype: 'F16' | 'BF16') =>
  rewritten('bert', { tensors: (all) => all.map((one) => half(one, dtype)) });

it('refuses a value that F16 cannot hold, by tensor, neuron and value, and leaves nothing', async () => {
  const target = join(temporaryDirectory(), 'exported');
  await withSession(baseIn('F16'), async (session) => {
    await session.apply(scaled(1e7), quick);
    const refused = session.export(target);
    await expect(refused).rejects.toThrow(`tensor "${VALUES}" is F16, which cannot hold `);
    await expect(refused).rejects.toThrow(/a value of neuron (5|40) in layer 2; .* --widen/);
  });
  expect(readdirSync(dirname(target))).toEqual([]);
});

it('stores the tensor in F32 when asked to, and all others as they are', async () => {
  const base = baseIn('F16');
  const target = join(temporaryDirectory(), 'exported');
  const edited = await withSession(base, async (session) => {
    await session.apply(scaled(1e7), quick);
    const { widened, rounding } = await session.export(target, { widen: true });
    expect(widened).toEqual([VALUES]);
    expect(rounding).toBeNull();
    return ask(session);
  });
  const [before, after] = [readTensors(base), readTensors(target)];
  expect(after.map(({ name, shape }) => ({ name, shape }))).toEqual(
    before.map(({ name, shape }) => ({ name, shape })),
  );
  for (const [i, one] of after.entries()) {
    expect(one.dtype).toBe(one.name === VALUES ? 'F32' : 'F16');
    if (one.name === VALUES) expect(valuesOf(one).every(Number.isFinite)).toBe(true);
    else expect(one.bytes.equals(before[i]?.bytes ?? Buffer.alloc(0))).toBe(true);
  }
  expectSameAnswers(await withSession(target, ask), edited);
});

it.each([
  ['F16', 2 ** -11],
  ['BF16', 2 ** -8],
] as const)('tells what rounding to %s does to vectors and answers', async (dtype, unit) => {
  const target = join(temporaryDirectory(), 'exported');
  const [edited, rounding] = await withSession(baseIn(dtype), async (session) => {
    await session.apply(scaled(3.3), quick);
    const { rounding, widened } = await session.export(target, { widen: true });
    expect(widened).toEqual([]);
    return [await ask(session), rounding] as const;
  });
  expect(rounding).toMatchObject({ dtypes: [dtype], answers: 1 });
  expect(rounding?.relativeError).toBeGreaterThan(unit / 10);
  expect(rounding?.relativeError).toBeLessThanOrEqual(unit);
  const exported = await withSession(target, ask);
  const change = Math.abs((exported.target?.prob ?? 0) - (edited.target?.prob ?? 0));
  expect(rounding?.largestChange).toBeGreaterThan(0);
  expect(rounding?.largestChange).toBeCloseTo(change, 8);
  expect(existsSync(join(target, 'kn-edit.json'))).toBe(true);
});
