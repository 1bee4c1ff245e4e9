// npm run eval:noise: does noise make up for prompts? Neurons found from 1, 2, ... of a fact's prompts, with and without
// noise, against those that all of them give.
import { fileURLToPath } from 'node:url';
import type { NeuronId } from '../lm/overlay.js';
import { draw, seeded } from '../random.js';
import { Session } from '../session/session.js';
import { readFactBase } from '../spec/fact-base.js';
import { parseNoise } from '../spec/noise.js';
import { overlapByPrompts, refinedOf } from './overlap.js';
import { tableOf } from './print.js';

const FACTS = 20;
const SEED = 1;
const ORDERS = 10;
/** Where the command names none: as strong as in the papers, and weaker; fewer samples than there, for time. */
const NOISES = [
  'noisegrad',
  'noisegrad:sigma=0.05',
  'smoothgrad:samples=10',
  'smoothgrad:sigma=0.01,samples=10',
  'fusiongrad:sigma=0.05,samples=5,inputSigma=0.01,inputSamples=4',
];

const noises = process.argv.length > 2 ? process.argv.slice(2) : NOISES;
const facts = draw(
  readFactBase(fileURLToPath(new URL('../../fixtures/kn-mini/facts.json', import.meta.url))),
  FACTS,
  seeded(SEED),
);
const session = new Session({ base: true });
try {
  const { neurons: width } = await session.model();
  const clean = await mapsOf(undefined);
  const all = (found: Float32Array[][]) => found.map((maps) => refinedOf(maps, width));
  const rows = [row('no noise', clean, width, all(clean))];
  for (const noise of noises) {
    const noisy = await mapsOf(noise);
    rows.push(row(noise, noisy, width, all(clean)));
    rows.push(row('  same noise', noisy, width, all(noisy)));
  }
  print(rows);
} finally {
  await session.close();
}

/** The score maps [L, F] of every fact, one per prompt. */
async function mapsOf(text: string | undefined): Promise<Float32Array[][]> {
  const noise = text === undefined ? undefined : parseNoise(text);
  let done = 0;
  const map = async (prompt: string, object: string) => {
    const { scores } = await session.attribute(prompt, object, { noise });
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${++done} maps, ${text ?? 'no noise'}`);
    return scores;
  };
  return Promise.all(
    facts.map(({ prompts, object }) => Promise.all(prompts.map((prompt) => map(prompt, object)))),
  );
}

function row(name: string, found: Float32Array[][], width: number, references: NeuronId[][]): string[] {
  const random = seeded(SEED);
  const overlaps = found.map((maps, i) => overlapByPrompts(maps, width, references[i] ?? [], ORDERS, random));
  const most = Math.max(...overlaps.map((one) => one.length));
  const means = Array.from({ length: most }, (_, k) => {
    const sum = overlaps.reduce((total, one) => total + (one[k] ?? one.at(-1) ?? 0), 0);
    return (sum / overlaps.length).toFixed(2);
  });
  return [name, ...means];
}

function print(rows: string[][]): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const prompts = (rows[0]?.length ?? 1) - 1;
  const titles = ['prompts', ...Array.from({ length: prompts }, (_, k) => String(k + 1))];
  process.stdout.write(
    `${FACTS} facts of kn-mini (seed ${SEED}), ${ORDERS} random orders of their prompts\n` +
      `mean Jaccard overlap with the neurons that all prompts give without noise, or under the same noise\n\n` +
      `${tableOf(titles, 1, rows)}\n`,
  );
}
