// npm run eval:suppress: facts that a pretrained model knows, suppressed and amplified one at a time, with and without the
// generic neurons that its background tells, beside random neurons.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { candidatesOf } from '../../engine/choice/candidates.js';
import { embeddedFor } from '../../engine/choice/embedded.js';
import { prepareFastest } from '../../engine/choice/prepare.js';
import { InputError } from '../../errors.js';
import { LanguageModel } from '../../lm/language-model.js';
import { toNeuronId } from '../../lm/overlay.js';
import { seeded } from '../../random.js';
import { runScript } from '../../script.js';
import { localize } from '../../session/locate.js';
import { Session } from '../../session/session.js';
import type { BaseFact } from '../../spec/fact-base.js';
import { matchedRandom } from '../../surgery/controls.js';
import { say, tableOf } from '../print.js';
import { requireSmolLm2 } from '../smollm2.js';
import { type Effect, GROUPS, measureOperations } from '../suppression.js';
import { whole } from '../usage.js';
import { SPLITS, type Split, split } from './records.js';

/** Other facts that are probed with each, per group. */
const OTHERS = 12;

interface Options {
  model: string;
  db: string | undefined;
  limit: number;
  seed: number;
  split: Split;
  choices: Choice[];
  json: string | undefined;
}

/** Which located neurons count. */
interface Choice {
  name: string;
  /** Those that are refined for a larger share of the background's facts are left out. */
  maxGeneric: number;
  /** How many are taken, by their mean score; all unless given. */
  strongest: number | undefined;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      model: { type: 'string' },
      db: { type: 'string' },
      limit: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      split: { type: 'string', default: 'held-out' },
      choose: { type: 'string', default: '1,0.15,0.05:10' },
      json: { type: 'string' },
    },
  });
  const part = SPLITS.find((one) => one === values.split);
  if (!part) throw new InputError(`must be one of ${SPLITS.join(', ')}`, '--split');
  return {
    model: values.model ?? requireSmolLm2(),
    db: values.db,
    limit: whole('limit', values.limit),
    seed: whole('seed', values.seed),
    split: part,
    choices: values.choose.split(',').map(choiceOf),
    json: values.json,
  };
}

/** "0.05:10": at most 0.05 of the background's facts, the ten strongest. */
function choiceOf(text: string): Choice {
  const [share = '', count] = text.split(':');
  const maxGeneric = Number(share);
  if (!(maxGeneric > 0 && maxGeneric <= 1))
    throw new InputError('must be shares, with a count or not, e.g. 1,0.15,0.05:10', '--choose');
  const strongest = count === undefined ? undefined : whole('choose', count);
  const filter = maxGeneric < 1 ? `generic ≤ ${maxGeneric}` : 'all';
  return { name: strongest ? `${filter}, ${strongest} at most` : filter, maxGeneric, strongest };
}

await runScript('eval:suppress', async () => {
  const options = readOptions();
  const session = new Session({ model: options.model, db: options.db });
  try {
    const { name, directory } = await session.model();
    if (session.history().some(({ status }) => status === 'applied'))
      throw new InputError('has applied edits; take them back, or name another ledger', '--db');
    const { facts } = session;
    if (facts.length === 0)
      throw new InputError('is not known to hold any facts; run kn-edit background build', '--model');
    const random = seeded(options.seed);
    const chosen = split(facts, random)[options.split].slice(0, options.limit);

    const [engine = 'wasm'] = (await embeddedFor(candidatesOf('auto'))).engines;
    await prepareFastest(engine);
    const model = LanguageModel.load(options.model);
    const settings = session.resolve();
    const choose = async ({ subject, relation, object, prompts }: BaseFact) => {
      const maps = await session.map({ subject, relation, object, prompts });
      const choices = options.choices.map((one) => {
        const { neurons } = localize(maps, { ...settings, maxGeneric: one.maxGeneric }).localization;
        return [one.name, neurons.slice(0, one.strongest).map(toNeuronId)] as const;
      });
      const controls = [...new Set([choices[0], choices.at(-1)])].flatMap((one) => {
        return one
          ? [[`random, as ${one[0]}`, matchedRandom(one[1], model.info.neurons, random)] as const]
          : [];
      });
      return Object.fromEntries([...choices, ...controls]);
    };
    const about = { model: name ?? directory, known: facts.length, split: options.split, seed: options.seed };
    const onFact = (done: number, effects: Effect[]) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${done}/${chosen.length}`);
      // After every fact: a run that is interrupted leaves what it has measured.
      const result = { ...about, facts: done, others: OTHERS, effects };
      if (options.json) writeFileSync(options.json, `${JSON.stringify(result, null, 1)}\n`);
    };
    const trials = { chosen, facts, others: OTHERS, choose, random, onFact };
    const effects = await measureOperations(model, trials);
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    model.dispose();
    say(
      `${about.model}: ${chosen.length} of the ${facts.length} facts that it knows (split "${options.split}", ` +
        `seed ${options.seed}), one at a time, beside ${OTHERS} facts of its relation and ${OTHERS} others`,
      tableOf(['operation', 'neurons', 'count', ...GROUPS], 2, effects.map(lineOf)),
      'mean probability of the expected object before and after (share of top answers that change)',
    );
  } finally {
    await session.close();
  }
});

function lineOf({ operation, neurons, count, before, after, flips }: Effect): string[] {
  const cells = GROUPS.map((group) => {
    return `${before[group].toFixed(3)} → ${after[group].toFixed(3)} (${(100 * flips[group]).toFixed(1)}%)`;
  });
  return [operation, neurons, count.toFixed(1), ...cells];
}
