// Applies, reverts and redoes small random edits on a ledger, carries some of them over as patches, and locates facts, one
// line per finished operation: worker.mjs DB SEED OPERATIONS
import { readFileSync, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Session } from '../../dist/index.js';
import { draw, seeded } from '../../dist/random.js';

const [db, seed, operations] = process.argv.slice(2);
const random = seeded(Number(seed));
const { fact } = JSON.parse(readFileSync(new URL('../../edits/fix-capital.json', import.meta.url), 'utf8'));
/** Few, so that edits lie on top of each other. */
const FEW = Array.from({ length: 12 }, (_, neuron) => [3, neuron]);
/** Many, so that patches find the base's vectors. */
const MANY = Array.from({ length: 512 }, (_, neuron) => [2, neuron]);
const PROBES = Array.from({ length: 60 }, (_, i) => {
  return { prompt: fact.prompts[i % fact.prompts.length], expect: { id: 1 + i } };
});
/** What another process can be the reason for, or an edit that lies where a patch would go. */
const EXPECTED =
  /changed the ledger in the meantime|is (reverted|applied) already|is not as the patch expects it/;

/** What the edits do to the answers is not what is tried here. */
const FREELY = { allowRegressions: true };

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
    await session.revert({ id: applied.id }, FREELY);
    return `reverted ${applied.id}`;
  }
  if (reverted && choice < 0.7) {
    await session.redo(reverted.id, FREELY);
    return `redone ${reverted.id}`;
  }
  if (choice > 0.9) {
    const prompts = draw(fact.prompts, 2, random);
    await session.locate({ ...fact, prompts }, { maxGeneric: 1, rule: 'trapezoid', steps: 3, minPrompts: 1 });
    return 'located';
  }
  if (reverted && choice > 0.8) {
    const patch = `${db}.${process.pid}.safetensors`;
    await session.exportPatch([reverted.id], patch);
    try {
      return `applied ${(await session.applyPatch(patch)).editId}`;
    } finally {
      rmSync(patch, { force: true });
    }
  }
  const edit = {
    name: `random of ${seed}`,
    fact: { ...fact, prompts: fact.prompts.slice(0, 1) },
    neurons: draw(random() < 0.5 ? FEW : MANY, 2 + Math.floor(5 * random()), random),
    operation: { type: 'scale', factor: 0.5 + 1.5 * random() },
    probes: { paraphrase: draw(PROBES, 40, random), neighborhood: [], unrelated: [] },
    tolerance: { top1: 'any', maxProbabilityDrop: 1 },
  };
  return `applied ${(await session.apply(edit, { control: 'none', ...FREELY })).editId}`;
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
