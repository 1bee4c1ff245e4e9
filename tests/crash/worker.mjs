// Applies, reverts and redoes small random edits on a ledger, one line per finished one: worker.mjs DB SEED OPERATIONS
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Session } from '../../dist/index.js';
import { draw, seeded } from '../../dist/random.js';

const [db, seed, operations] = process.argv.slice(2);
const random = seeded(Number(seed));
const { fact } = JSON.parse(readFileSync(new URL('../../edits/fix-capital.json', import.meta.url), 'utf8'));
/** Few, so that edits lie on top of each other. */
const NEURONS = Array.from({ length: 12 }, (_, neuron) => [3, neuron]);
/** What another process can be the reason for. */
const EXPECTED = /changed the ledger in the meantime|is (reverted|applied) already/;

const session = new Session({ db });
await session.model();
console.log('ready');

async function operate() {
  const history = session.history();
  const [applied] = draw(
    history.filter(({ status }) => status === 'applied'),
    1,
    random,
  );
  const [reverted] = draw(
    history.filter(({ status }) => status === 'reverted'),
    1,
    random,
  );
  const choice = random();
  if (applied && choice < 0.4) {
    await session.revert({ id: applied.id });
    return `reverted ${applied.id}`;
  }
  if (reverted && choice < 0.7) {
    await session.redo(reverted.id);
    return `redone ${reverted.id}`;
  }
  const edit = {
    name: `random of ${seed}`,
    fact: { ...fact, prompts: fact.prompts.slice(0, 1) },
    neurons: draw(NEURONS, 2 + Math.floor(5 * random()), random),
    operation: { type: 'scale', factor: 0.5 + 1.5 * random() },
    probes: { paraphrase: [], neighborhood: [], unrelated: [] },
    tolerance: { top1: 'any', maxProbabilityDrop: 1 },
  };
  return `applied ${(await session.apply(edit, { control: 'none' })).editId}`;
}

for (let done = 0; done < Number(operations); ) {
  try {
    console.log(await operate());
    done++;
  } catch (error) {
    if (error.code !== 'conflict' || !EXPECTED.test(error.message)) throw error;
    console.log('conflict');
    await setTimeout(20 * random());
  }
}
await session.close();
