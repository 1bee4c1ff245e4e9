// The cache of score maps: by state of the model, prompt, target, rule and site.
import { z } from 'zod';
import { InputError } from '../errors.js';
import { vectorBytes } from '../lm/overlay.js';
import type { Attribution } from '../locate/score-map.js';
import type { LedgerFile } from './database.js';
import { floats, jsonColumn, row } from './rows.js';
import { isBusy } from './sqlite-errors.js';

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

/** How long nothing is kept after another program was found to be writing. */
const PAUSE_MS = 2000;

export class ScoreMaps {
  /** In milliseconds of `performance.now()`. */
  private busyUntil = 0;

  /** @internal */
  constructor(private readonly file: LedgerFile) {}

  get(key: ScoreMapKey): Attribution | undefined {
    const found = this.file.db
      .prepare(
        `SELECT prob, scores, completeness FROM score_maps
         WHERE state = @state AND prompt = @prompt AND target = @target AND rule = @rule AND site = @site`,
      )
      .get(key);
    return found === undefined ? undefined : row(stored, found);
  }

  /**
   * Keeps maps, in one step: every step waits for the disk. Not while another program is writing, since they can be
   * computed again.
   * @throws InputError when a number of theirs is not finite
   */
  keep(maps: readonly (readonly [ScoreMapKey, Attribution])[]): void {
    const rows = maps.map(([key, { prob, scores, completeness: rest }]) => {
      if (!Number.isFinite(prob) || !scores.every(Number.isFinite)) {
        throw new InputError(
          `the score map of "${key.prompt}" is not finite; are the model's weights sound?`,
        );
      }
      return { ...key, prob, scores: vectorBytes(scores), completeness: JSON.stringify(rest) };
    });
    if (performance.now() < this.busyUntil) return;
    try {
      this.file.cache(() => {
        const insert = this.file.db.prepare(
          `INSERT OR REPLACE INTO score_maps (state, prompt, target, rule, site, prob, scores, completeness)
           VALUES (@state, @prompt, @target, @rule, @site, @prob, @scores, @completeness)`,
        );
        for (const row of rows) insert.run(row);
      });
    } catch (error) {
      if (!isBusy(error)) throw error;
      this.busyUntil = performance.now() + PAUSE_MS;
    }
  }
}
