// How the applied edits were last found to stand, each in one row beside its edit.
import { z } from 'zod';
import { STANDINGS, type Standing } from '../probe/standing.js';
import type { Connection } from './rows.js';

/** How an applied edit was found to stand. */
export interface MeasuredStanding {
  id: number;
  standing: Standing;
}

/** The columns of a standing, joined to an edit: empty where it is not known. */
export const standingColumns = {
  state: z.enum(STANDINGS).nullable(),
  kept: z.number().int().nullable(),
  reached: z.number().int().nullable(),
  prob_recorded: z.number().nullable(),
  prob: z.number().nullable(),
  measured_at: z.string().nullable(),
};
const columns = z.object(standingColumns);

/** How an edit was found to stand, and when. */
export type KnownStanding = Standing & { measuredAt: string };

export function toStanding(found: z.infer<typeof columns>): KnownStanding | null {
  const { state, measured_at: measuredAt } = found;
  if (state === null || measuredAt === null) return null;
  return {
    state,
    kept: found.kept ?? 0,
    reached: found.reached ?? 0,
    probRecorded: found.prob_recorded ?? 0,
    prob: found.prob ?? 0,
    measuredAt,
  };
}

/** Records how edits stand; how the others do is not known any more. @internal */
export function saveStandings(db: Connection, standings: readonly MeasuredStanding[]): void {
  db.prepare('DELETE FROM standings').run();
  const insert = db.prepare(
    `INSERT INTO standings (edit_id, state, kept, reached, prob_recorded, prob, measured_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const now = new Date().toISOString();
  for (const { id, standing } of standings) {
    const { state, kept, reached, probRecorded, prob } = standing;
    insert.run(id, state, kept, reached, probRecorded, prob, now);
  }
}
