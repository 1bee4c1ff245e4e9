// npm run eval:smollm2: suppress, amplify and rewrite facts that a pretrained model holds, each as a dry run of `apply`
// beside its random control, with the model's other facts as what must stay.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { pageFor } from '../report/page.js';
import { table } from '../report/table.js';
import { verdictText } from '../report/verdict.js';
import type { ApplyResult } from '../session/apply.js';
import { Session } from '../session/session.js';
import { editSchema, type Operation } from '../spec/edit-file.js';
import { readJson } from '../spec/json.js';
import { requireSmolLm2 } from './smollm2.js';

const factSchema = z.strictObject({
  subject: z.string(),
  relation: z.string(),
  object: z.string(),
  /** What a rewrite makes of it. */
  to: z.string(),
  prompts: z.array(z.string()).min(1),
  heldOut: z.array(z.string()).min(1),
});
type Fact = z.infer<typeof factSchema>;

const OPERATIONS = ['suppress', 'amplify', 'rewrite'] as const;

const facts = readJson(
  fileURLToPath(new URL('../../fixtures/smollm2-facts.json', import.meta.url)),
  z.array(factSchema),
);
const directory = mkdtempSync(join(tmpdir(), 'kn-edit-eval-'));
const session = new Session({ model: requireSmolLm2(), db: join(directory, 'ledger.db') });
const rows: Record<(typeof OPERATIONS)[number], string[][]> = { suppress: [], amplify: [], rewrite: [] };
try {
  for (const [done, fact] of facts.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${done}/${facts.length}`);
    for (const type of OPERATIONS) {
      const result = await session.apply(editOf(fact, type), { dryRun: true });
      rows[type].push(rowOf(fact, result));
    }
  }
} finally {
  await session.close();
  rmSync(directory, { recursive: true, force: true });
}
print();

function editOf(fact: Fact, type: (typeof OPERATIONS)[number]) {
  const { subject, relation, object, to, prompts, heldOut } = fact;
  const operation: Partial<Operation> = type === 'rewrite' ? { type, to, method: 'solve' } : { type };
  const others = facts.filter((one) => one !== fact);
  const probesOf = (chosen: readonly Fact[]) =>
    chosen.flatMap((one) => one.prompts.slice(0, 2).map((prompt) => ({ prompt, expect: one.object })));
  return editSchema.parse({
    name: `${subject} / ${relation}`,
    fact: { subject, relation, object, prompts },
    operation,
    probes: {
      paraphrase: heldOut.map((prompt) => ({ prompt, expect: type === 'rewrite' ? to : object })),
      neighborhood: probesOf(others.filter((one) => one.relation === relation)),
      unrelated: probesOf(others.filter((one) => one.relation !== relation)),
    },
  });
}

function rowOf({ subject, relation, object, to }: Fact, result: ApplyResult): string[] {
  const { neurons, metrics, control, operation } = result;
  const points = (value: number | undefined) =>
    value === undefined ? '' : `${value > 0 ? '+' : ''}${(100 * value).toFixed(1)}`;
  const share = (value: number | null | undefined) =>
    value === null || value === undefined ? '' : `${(100 * value).toFixed(1)}%`;
  return [
    `${subject} / ${relation}: ${operation === 'rewrite' ? `${object} → ${to}` : object}`,
    String(neurons.length),
    `${points(metrics.effect)} / ${points(control?.effect.mean)}`,
    `${share(metrics.sideEffects.damage)} / ${share(control?.damage.mean)}`,
    verdictText(result),
  ];
}

function print(): void {
  const { width } = pageFor(process.stdout);
  for (const operation of OPERATIONS) {
    const columns = [
      { title: operation, shrinks: true },
      { title: 'neurons', align: 'right' as const },
      { title: 'effect / random', align: 'right' as const },
      { title: 'damage / random', align: 'right' as const },
      { title: 'verdict' },
    ];
    process.stdout.write(`${table(columns, rows[operation], width)}\n\n`);
  }
}
