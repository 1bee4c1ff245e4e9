// npm run eval:location: knowledge neurons against random neurons, over many facts.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareEngine } from '../engine/choice/prepare.js';
import { LanguageModel } from '../lm/language-model.js';
import { draw, seeded } from '../random.js';
import { readFactBase } from '../spec/fact-base.js';
import { matchedRandom } from '../surgery/controls.js';
import { tableOf } from './print.js';
import { GROUPS, locateAlone, measureOperations } from './suppression.js';

const FACTS = 50;
/** Other facts that are probed with each, per group. */
const OTHERS = 20;
const SEED = 1;

const engine = await prepareEngine('auto');
const directory = fileURLToPath(new URL('../../fixtures/kn-mini', import.meta.url));
const model = LanguageModel.load(directory);
const facts = readFactBase(join(directory, 'facts.json'));
const random = seeded(SEED);
const effects = await measureOperations(model, {
  chosen: draw(facts, FACTS, random),
  facts,
  others: OTHERS,
  choose: (fact) => {
    const located = locateAlone(model, fact);
    return { located, random: matchedRandom(located, model.info.neurons, random) };
  },
  random,
  onFact: (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done}/${FACTS}`);
  },
});
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');

const signed = (value: number) => `${value > 0 ? '+' : ''}${(100 * value).toFixed(1)}%`;
const rows = effects.map(({ operation, neurons, change, flips }) => [
  operation,
  neurons,
  ...GROUPS.map((group) => `${signed(change[group])} (${(100 * flips[group]).toFixed(1)}%)`),
]);
process.stdout.write(
  `${FACTS} facts of kn-mini (seed ${SEED}), ${effects[0]?.count.toFixed(1)} knowledge neurons a fact, ` +
    `engine ${engine.engine}\nmean change of the object's probability (share of top answers that change)\n\n` +
    `${tableOf(['operation', 'neurons', ...GROUPS], 2, rows)}\n`,
);
