// The probes of an edit: what the model answered before and after it was applied, when it was taken back, and put on again.
import { z } from 'zod';
import { type ProbeResult, ROLES, type Role } from '../probe/results.js';
import { type Connection, jsonColumn, rows } from './rows.js';

const severalIds = jsonColumn(z.array(z.number().int().nonnegative()).min(1)).nullable();
const answer = z.object({ id: z.number(), token: z.string(), prob: z.number() });
const probeRow = z.object({
  phase: z.enum(['before', 'after', 'revert', 'redo']),
  role: z.enum(['target', 'paraphrase', 'neighborhood', 'unrelated']),
  prompt: z.string(),
  expect: z.string(),
  expect_id: z.number().int(),
  expect_ids: severalIds,
  expect_best: severalIds,
  prob: z.number(),
  rank: z.number().int(),
  new_id: z.number().int().nullable(),
  new_ids: severalIds,
  new_best: severalIds,
  new_prob: z.number().nullable(),
  new_rank: z.number().int().nullable(),
  old_id: z.number().int().nullable(),
  old_ids: severalIds,
  old_prob: z.number().nullable(),
  kl: z.number().nullable(),
  top: jsonColumn(z.array(answer)),
});

/** When a probe was measured: as the edit was applied, taken back, or put on again. */
export type Phase = z.infer<typeof probeRow>['phase'];

/** An edit's probes in these roles, in the order in which they were measured. @internal */
export function readProbes(
  db: Connection,
  id: number,
  roles: readonly Role[] = ROLES,
): Record<Phase, ProbeResult[]> {
  const found = db
    .prepare(
      `SELECT phase, role, prompt, expect, expect_id, expect_ids, expect_best, prob, rank,
         new_id, new_ids, new_best, new_prob, new_rank, old_id, old_ids, old_prob, kl, top
       FROM probes WHERE edit_id = ? AND role IN (SELECT value FROM json_each(?)) ORDER BY ordinal`,
    )
    .all(id, JSON.stringify(roles));
  const result: Record<Phase, ProbeResult[]> = { before: [], after: [], revert: [], redo: [] };
  for (const one of rows(probeRow, found)) {
    result[one.phase].push({
      role: one.role,
      prompt: one.prompt,
      expect: one.expect,
      expectId: one.expect_id,
      ...(one.expect_ids && { expectIds: one.expect_ids }),
      ...(one.expect_best && { expectBest: one.expect_best }),
      prob: one.prob,
      rank: one.rank,
      ...(one.new_id !== null && {
        newId: one.new_id,
        ...(one.new_ids && { newIds: one.new_ids }),
        ...(one.new_best && { newBest: one.new_best }),
        newProb: one.new_prob ?? 0,
        newRank: one.new_rank ?? 0,
        oldId: one.old_id ?? 0,
        ...(one.old_ids && { oldIds: one.old_ids }),
        oldProb: one.old_prob ?? 0,
      }),
      ...(one.kl !== null && { kl: one.kl }),
      top: one.top,
    });
  }
  return result;
}

/** Records the probes of one phase, in place of earlier ones. @internal */
export function saveProbes(db: Connection, id: number, phase: Phase, probes: readonly ProbeResult[]): void {
  db.prepare('DELETE FROM probes WHERE edit_id = ? AND phase = ?').run(id, phase);
  const insert = db.prepare(
    `INSERT INTO probes (edit_id, phase, ordinal, role, prompt, expect, expect_id, prob, rank,
       new_id, new_prob, new_rank, old_id, old_prob, kl, top, expect_ids, new_ids, old_ids, expect_best, new_best)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  probes.forEach((one, ordinal) => {
    insert.run(
      id,
      phase,
      ordinal,
      one.role,
      one.prompt,
      one.expect,
      one.expectId,
      one.prob,
      one.rank,
      one.newId ?? null,
      one.newProb ?? null,
      one.newRank ?? null,
      one.oldId ?? null,
      one.oldProb ?? null,
      one.kl ?? null,
      JSON.stringify(one.top),
      idsColumn(one.expectIds),
      idsColumn(one.newIds),
      idsColumn(one.oldIds),
      idsColumn(one.expectBest),
      idsColumn(one.newBest),
    );
  });
}

/** Token ids, where an answer has several. */
function idsColumn(ids: readonly number[] | undefined): string | null {
  return ids ? JSON.stringify(ids) : null;
}
