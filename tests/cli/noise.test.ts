// --noise on the command line and in files: it reaches the score maps, and the cache tells them apart.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { expectFailure, runCli } from '../support/cli.js';
import { writeInput } from '../support/files.js';
import { goldenDirectory, readGolden } from '../support/golden.js';
import { temporaryDirectory } from '../support/temporary.js';

const [golden] = readGolden('bert').facts;
const FACT = {
  subject: 'golden',
  relation: 'golden',
  object: { id: golden?.label ?? 0 },
  prompts: (golden?.prompts ?? []).map(({ prompt }) => prompt),
};
const MODEL = ['--model', goldenDirectory('bert'), '--rule', 'gauss-legendre', '--steps', '6'];
const NOISE = { method: 'noisegrad', sigma: 0.1, samples: 3, seed: 1 };

interface Located {
  cached: number;
  settings: { noise?: unknown };
  prompts: { prob: number; completeness: { nodes: number }[] }[];
}

async function locate(file: string, db: string, ...options: string[]): Promise<Located> {
  const { code, stdout, stderr } = await runCli(['locate', file, ...MODEL, '--db', db, ...options, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Located;
}

it('locates under noise; the cache keeps it apart by method, numbers and seed', async () => {
  const directory = temporaryDirectory();
  const db = join(directory, 'ledger.db');
  const fact = writeInput(directory, 'fact.json', FACT);
  const count = FACT.prompts.length;
  const clean = await locate(fact, db);
  const noise = ['--noise', 'noisegrad:sigma=0.1,samples=3'];
  const first = await locate(fact, db, ...noise);
  expect([clean.cached, first.cached]).toEqual([0, 0]);
  expect(first.settings.noise).toEqual(NOISE);
  expect(first.prompts[0]?.completeness[0]?.nodes).toBe(3 * 6);
  expect(first.prompts[0]?.prob).toBeCloseTo(clean.prompts[0]?.prob ?? 0, 6);
  expect((await locate(fact, db, ...noise)).cached).toBe(count);
  expect((await locate(fact, db)).cached).toBe(count);
  expect((await locate(fact, db, '--noise', 'noisegrad:sigma=0.1,samples=3,seed=2')).cached).toBe(0);

  const edit = {
    name: 'noisy',
    fact: FACT,
    locate: { noise: { method: 'noisegrad', sigma: 0.1, samples: 3 } },
  };
  const file = writeInput(directory, 'edit.json', { ...edit, operation: { type: 'suppress' } });
  const found = await locate(file, db);
  expect([found.cached, found.settings.noise]).toEqual([count, NOISE]);
  const text = await runCli(['locate', file, ...MODEL, '--db', db]);
  expect(text.stdout).toContain('noisegrad, sigma 0.1, samples 3, seed 1');
});

it('bad noise is one line that names the option, or the file and the field', async () => {
  const directory = temporaryDirectory();
  const fact = writeInput(directory, 'fact.json', FACT);
  const option = await runCli(['locate', fact, ...MODEL, '--noise', 'noisegrad:sigma=-1']);
  expectFailure(option, 2, ['--noise: sigma: ']);
  const edit = { name: 'noisy', fact: FACT, locate: { noise: { method: 'noisegrad', samples: 0 } } };
  const file = writeInput(directory, 'edit.json', { ...edit, operation: { type: 'suppress' } });
  expectFailure(await runCli(['locate', file, ...MODEL]), 2, [file, 'locate.noise.samples: ']);
});
