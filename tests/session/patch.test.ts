// Patch files: made from one ledger, shown, put on in another, refused where they do not belong.
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError, readEdit, Session } from 'kn-edit';
import { afterAll, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { KN_MINI } from '../support/models.js';

const directory = mkdtempSync(join(tmpdir(), 'kn-edit-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const PROMPT = 'The capital of Kazakhstan is [MASK].';
const edit = readEdit(new URL('../../edits/fix-capital.json', import.meta.url).pathname);
const patch = join(directory, 'astana.safetensors');

it('carries an edit from one ledger to another, bit for bit', async () => {
  const first = new Session({ db: join(directory, 'first.db') });
  await first.apply(edit, { control: 'none', locate: { maxGeneric: 1 } });
  const written = await first.exportPatch([1], patch);
  expect(written).toMatchObject({ edits: ['fix-capital'], model: 'kn-mini' });
  expect(statSync(patch).size).toBeLessThan(128 * 128 * 4 * 2 + 4000); // two rows a neuron, and a header
  const bytes = readFileSync(patch);
  await expect(first.exportPatch([1], patch)).rejects.toThrow(InputError); // it is there already
  expect(readFileSync(patch).equals(bytes)).toBe(true);
  const recorded = first.show(1).vectors;
  expect(written.vectors.map(({ beforeSha256, afterSha256 }) => [beforeSha256, afterSha256]).sort()).toEqual(
    recorded.map(({ beforeSha256, afterSha256 }) => [beforeSha256, afterSha256]).sort(),
  );

  const second = new Session({ db: join(directory, 'second.db') });
  const { editId } = await second.applyPatch(patch);
  expect(second.show(editId ?? 0).vectors.map(({ after }) => after)).toEqual(
    expect.arrayContaining(recorded.map(({ after }) => after)),
  );
  expect(await second.probe(PROMPT, undefined, 5)).toEqual(await first.probe(PROMPT, undefined, 5));
  await expect(second.applyPatch(patch)).rejects.toThrow(/is not as the patch expects it; revert the edits/);
  const { edits } = await second.revert('last');
  expect(edits[0]?.vectors.every(({ matches }) => matches)).toBe(true);
  await first.close();
  await second.close();
});

it('is refused by another base, and when it is damaged', async () => {
  const other = join(directory, 'other');
  cpSync(KN_MINI, other, { recursive: true });
  const weights = readFileSync(join(other, 'model.safetensors'));
  weights.writeUInt8(weights.readUInt8(weights.length - 1) ^ 1, weights.length - 1);
  writeFileSync(join(other, 'model.safetensors'), weights);
  const db = ['--db', join(directory, 'third.db')];
  const foreign = await runCli(['patch', 'apply', patch, '--model', other, ...db]);
  expect([foreign.code, foreign.stderr]).toEqual([
    4,
    expect.stringMatching(/was made from kn-mini .*, the model is other/),
  ]);

  const damaged = join(directory, 'damaged.safetensors');
  writeFileSync(damaged, readFileSync(patch).subarray(0, 20_000));
  const broken = await runCli(['patch', 'show', damaged]);
  expect([broken.code, broken.stderr]).toEqual([2, expect.stringMatching(/it is truncated/)]);
  const model = await runCli(['patch', 'show', join(KN_MINI, 'model.safetensors')]);
  expect([model.code, model.stderr]).toEqual([2, expect.stringMatching(/is not a kn-edit patch/)]);

  const shown = await runCli(['patch', 'show', patch, '--json']);
  expect(JSON.parse(shown.stdout)).toMatchObject({ edits: ['fix-capital'] });
  const again = await runCli(['patch', 'export', '1', '--out', patch, '--db', join(directory, 'first.db')]);
  expect([again.code, again.stderr]).toEqual([2, expect.stringMatching(/exists already/)]);
});
