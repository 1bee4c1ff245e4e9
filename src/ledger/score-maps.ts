// The cache of score maps: by state of the model, prompt, target, rule and site.
import { z } from 'zod';
import { vectorBytes } from '../lm/overlay.js';
import type { Attribution } from '../locate/score-map.js';
import type { Connection } from './database.js';
import { floats, jsonColumn, row } from './rows.js';

export interface ScoreMapKey {
  /** Fingerprint of base and applied edits. */
  state: string;
  prompt: string;
  /** Token ids, with spaces between them. */
  target: string;
  /** Rule with its steps or tolerance. */
  rule: string;
  site: string;
}

const number = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const completeness = z.array(z.object({ sum: number, delta: number, residual: number, nodes: z.number() }));
const stored = z.object({ prob: z.number(), scores: floats, completeness: jsonColumn(completeness) });

export class ScoreMaps {
  constructor(private readonly db: Connection) {}

  get(key: ScoreMapKey): Attribution | undefined {
    const found = this.db
      .prepare(
        `SELECT prob, scores, completeness FROM score_maps
         WHERE state = @state AND prompt = @prompt AND target = @target AND rule = @rule AND site = @site`,
      )
      .get(key);
    return found === undefined ? undefined : row(stored, found);
  }

  set(key: ScoreMapKey, { prob, scores, completeness: rest }: Attribution): void {
    this.db
      .prepare(
        `INSERT OR REPLACE INTO score_maps (state, prompt, target, rule, site, prob, scores, completeness)
         VALUES (@state, @prompt, @target, @rule, @site, @prob, @scores, @completeness)`,
      )
      .run({ ...key, prob, scores: vectorBytes(scores), completeness: JSON.stringify(rest) });
  }
}
