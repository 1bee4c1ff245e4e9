// npm run eval: rewrite many facts to another object of their relation, with every method, and measure what it did to
// the fact, to its wordings, and to the facts around it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { harmonicMean } from '../probe/metrics.js';
import { draw, seeded } from '../random.js';
import type { ApplyResult } from '../session/apply.js';
import { Session } from '../session/session.js';
import { type EditFile, editSchema } from '../spec/edit-file.js';
import { type BaseFact, readFactBase } from '../spec/fact-base.js';
import { tableOf } from './print.js';

const SEED = 1;
/** Probes per group of surrounding facts, in held-out wordings. */
const AROUND = 40;
const GROUPS = ['same object', 'same relation', 'same subject', 'others'] as const;

const METHODS = [
  { name: 'relative 1/8 (paper)', operation: { method: 'relative' } },
  { name: 'absolute 2/2 (EleutherAI)', operation: { method: 'absolute' } },
  { name: 'solve', operation: { method: 'solve' } },
];

interface Tally {
  results: ApplyResult[];
  flips: Map<string, { flipped: number; probes: number }>;
}

const count = Number(process.argv[2] ?? 100);
const facts = readFactBase(fileURLToPath(new URL('../../fixtures/kn-mini/facts.json', import.meta.url)));
const directory = mkdtempSync(join(tmpdir(), 'kn-edit-eval-'));
const session = new Session({ db: join(directory, 'ledger.db') });
const random = seeded(SEED);
const tallies = METHODS.map((): Tally => ({ results: [], flips: new Map() }));
try {
  for (const [done, fact] of draw(facts, count, random).entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${done}/${count}`);
    const to = anotherObject(fact);
    const around = surroundings(fact);
    for (const [m, { operation }] of METHODS.entries()) {
      await rewrite(fact, to, operation, around, tallies[m] as Tally);
    }
  }
} finally {
  await session.close();
  rmSync(directory, { recursive: true, force: true });
}
print();

async function rewrite(
  fact: BaseFact,
  to: string,
  operation: object,
  around: { group: string; prompt: string }[],
  tally: Tally,
): Promise<void> {
  const edit: EditFile = editSchema.parse({
    name: `${fact.subject} / ${fact.relation}`,
    fact: { subject: fact.subject, relation: fact.relation, object: fact.object, prompts: fact.prompts },
    operation: { type: 'rewrite', to, ...operation },
    probes: { paraphrase: fact.heldOut.map((prompt) => ({ prompt, expect: fact.object })) },
  });
  const result = await session.apply(edit, { allowRegressions: true, seeds: 1, driftLimit: 1 });
  tally.results.push(result);
  const { probes } = await session.check({
    name: 'around',
    tolerance: { top1: 'expected' },
    probes: around.map(({ prompt }) => ({ prompt })),
  });
  around.forEach(({ group }, i) => {
    const sum = tally.flips.get(group) ?? { flipped: 0, probes: 0 };
    sum.flipped += Number((probes[i]?.failures.length ?? 0) > 0);
    sum.probes++;
    tally.flips.set(group, sum);
  });
  await session.revert('last');
}

function anotherObject(fact: BaseFact): string {
  const objects = new Set(
    facts.filter(({ relation }) => relation === fact.relation).map(({ object }) => object),
  );
  objects.delete(fact.object);
  return draw([...objects], 1, random)[0] ?? '';
}

/** Facts around a fact, each in one held-out wording, by what they share with it. */
function surroundings(fact: BaseFact): { group: string; prompt: string }[] {
  const others = facts.filter((one) => one.subject !== fact.subject || one.relation !== fact.relation);
  const groupOf = (one: BaseFact) => {
    if (one.subject === fact.subject || one.subject === fact.object || one.object === fact.subject)
      return 'same subject';
    if (one.object === fact.object) return 'same object';
    return one.relation === fact.relation ? 'same relation' : 'others';
  };
  return GROUPS.flatMap((group) =>
    draw(
      others.filter((one) => groupOf(one) === group),
      AROUND,
      random,
    ).flatMap(({ heldOut }) => draw(heldOut, 1, random).map((prompt) => ({ group, prompt }))),
  );
}

function print(): void {
  const share = (value: number) => `${(100 * value).toFixed(1)}%`;
  const rows = METHODS.map(({ name }, m) => {
    const { results, flips } = tallies[m] as Tally;
    const mean = (value: (result: ApplyResult) => number | null | undefined) => {
      const found = results.map(value).filter((one) => one !== null && one !== undefined);
      return found.reduce((sum, one) => sum + one, 0) / found.length;
    };
    const efficacy = mean(({ metrics }) => metrics.rewrite?.efficacy?.success);
    const paraphrase = mean(({ metrics }) => metrics.rewrite?.paraphrase?.success);
    const neighborhood = mean(({ metrics }) => metrics.rewrite?.neighborhood?.success);
    return [
      name,
      share(efficacy),
      share(paraphrase),
      share(neighborhood),
      share(harmonicMean([efficacy, paraphrase, neighborhood])),
      share(mean(({ metrics }) => metrics.rewrite?.successRate)),
      share(mean(({ metrics }) => metrics.rewrite?.changeRate)),
      mean(({ metrics }) => metrics.sideEffects.logPerplexity.neighborhood).toFixed(3),
      mean(({ metrics }) => metrics.sideEffects.logPerplexity.unrelated).toFixed(3),
      `${share(mean(({ metrics }) => metrics.effect))} / ${share(mean(({ control }) => control?.effect.mean))}`,
      ...GROUPS.map((group) => {
        const { flipped, probes } = flips.get(group) ?? { flipped: 0, probes: 1 };
        return share(flipped / probes);
      }),
    ];
  });
  const titles = [
    'method',
    'eff',
    'para',
    'neigh',
    'mean',
    'success',
    'change',
    'PPL rel',
    'PPL other',
    'effect / random',
    ...GROUPS,
  ];
  process.stdout.write(`${count} facts of kn-mini (seed ${SEED})\n\n${tableOf(titles, 1, rows)}\n`);
}
