// The package's types, as a consumer's compiler reads them: strictly, and with no other types than those of Node and zod.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support/cli.js';
import { temporaryDirectory } from '../support/temporary.js';

const CONSUMER = `
import {
  type AppliedPatch,
  type ApplyResult,
  type ExportOptions,
  type ExportResult,
  type LedgerCheck,
  type MeasuredEdit,
  type Neuron,
  NotFiniteError,
  type Patch,
  type PatchOptions,
  pullModel,
  readEdit,
  Session,
} from 'kn-edit';

export async function work(): Promise<number[]> {
  const session = new Session({ db: 'ledger.db' });
  const applied: ApplyResult = await session.apply(readEdit('edit.json'), { dryRun: true });
  const shown: MeasuredEdit = session.show(applied.editId ?? 1);
  const places: Neuron[] = [...applied.neurons, ...shown.neurons, ...shown.vectors];
  const { prompts } = await session.locate(readEdit('edit.json').fact);
  places.push(...prompts.flatMap(({ coarse }) => coarse));
  const map = await session.attribute('Paris is in [MASK].', 'France');
  const wrong: string = map.prob;
  const wide: ExportOptions = { widen: true };
  const exported: ExportResult = await session.export('edited', wide);
  const patch: Patch = await session.exportPatch([1], 'patch.safetensors');
  const allowed: PatchOptions = { allowRegressions: true };
  const carried: AppliedPatch = await session.applyPatch(patch.file, allowed);
  const found: LedgerCheck | undefined = await session.checkLedger();
  if (exported.vectors === 0 || carried.editId === null || !found) throw new NotFiniteError('no number');
  await pullModel('some/model');
  return places.map(({ layer }) => layer);
}
`;

it('compile without errors, libraries checked too', () => {
  const directory = temporaryDirectory();
  const modules = join(directory, 'node_modules');
  mkdirSync(join(modules, 'kn-edit'), { recursive: true });
  mkdirSync(join(modules, '@types'));
  for (const part of ['package.json', 'dist'])
    cpSync(join(ROOT, part), join(modules, 'kn-edit', part), { recursive: true });
  for (const name of ['zod', '@types/node', 'undici-types'])
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(directory, 'consumer.ts'), CONSUMER);
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const strict = ['--strict', '--skipLibCheck', 'false', '--noEmit', '--types', 'node'];
  const target = ['--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023'];
  const { stdout } = spawnSync(process.execPath, [tsc, ...strict, ...target, 'consumer.ts'], {
    cwd: directory,
    encoding: 'utf8',
  });
  // The one mistake that the consumer makes on purpose: the types are read, not ignored.
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/^consumer\.ts\(26,9\): .*Type 'number' is not assignable to type 'string'/),
  ]);
});
