// Facts, their prompts, and where each was located.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { NeuronId } from '../lm/overlay.js';
import type { LocatedNeuron } from '../locate/refined.js';
import type { LedgerFile } from './database.js';
import type { RecordedPrompt } from './records.js';
import { row, rows } from './rows.js';

/** A localization as it is recorded. */
export interface LocalizationRecord {
  fact: { subject: string; relation: string; object: string; objectId: number };
  state: string;
  settings: unknown;
  /** The share that was used. */
  share: number;
  prompts: { prompt: string; prob: number; threshold: number | null; coarse: readonly NeuronId[] }[];
  neurons: readonly LocatedNeuron[];
  seconds: number;
}

const id = z.object({ id: z.number().int() });
const recordedPrompt = z.object({ prompt_id: z.number().int(), text: z.string(), prob: z.number() });
const recordedNeuron = z.object({ layer: z.number().int(), neuron: z.number().int() });

const pastFact = z.object({
  subject: z.string(),
  relation: z.string(),
  object: z.string(),
  share: z.number(),
  meanScore: z.number(),
});

/** A fact that was located, and what a neuron was to it. */
export type PastFact = z.infer<typeof pastFact>;

export class Localizations {
  /** @internal */
  constructor(private readonly file: LedgerFile) {}

  private get db() {
    return this.file.db;
  }

  /** Saves one localization, whole. @returns its id; undefined where the ledger can be read only */
  save(record: LocalizationRecord): number | undefined {
    return this.file.cache(() => {
      const factId = this.factId(record);
      const { lastInsertRowid } = this.db
        .prepare(
          `INSERT INTO localizations (fact_id, state, settings, share, seconds, created_at)
             VALUES (?, ?, ?, ?, ?, ?)`,
        )
        .run(
          factId,
          record.state,
          JSON.stringify(record.settings),
          record.share,
          record.seconds,
          new Date().toISOString(),
        );
      const localization = Number(lastInsertRowid);
      const located = this.db.prepare(
        'INSERT INTO located_prompts (localization_id, prompt_id, prob, threshold) VALUES (?, ?, ?, ?)',
      );
      const coarse = this.db.prepare(
        'INSERT INTO coarse_neurons (localization_id, prompt_id, layer, neuron) VALUES (?, ?, ?, ?)',
      );
      const refined = this.db.prepare(
        'INSERT INTO refined_neurons (localization_id, layer, neuron, share, mean_score) VALUES (?, ?, ?, ?, ?)',
      );
      record.prompts.forEach((prompt, ordinal) => {
        const promptId = this.promptId(factId, ordinal);
        located.run(localization, promptId, prompt.prob, prompt.threshold);
        for (const [layer, neuron] of prompt.coarse) coarse.run(localization, promptId, layer, neuron);
      });
      for (const { layer, neuron, share, meanScore } of record.neurons) {
        refined.run(localization, layer, neuron, share, meanScore);
      }
      return localization;
    });
  }

  /** How many facts were located, and those for which a neuron was refined when each was located last. */
  refinedFor([layer, neuron]: NeuronId): { located: number; facts: PastFact[] } {
    const { count } = row(
      z.object({ count: z.number().int() }),
      this.db.prepare('SELECT count(DISTINCT fact_id) AS count FROM localizations').get(),
    );
    const found = this.db
      .prepare(
        `WITH latest AS (SELECT max(id) AS id, fact_id FROM localizations GROUP BY fact_id)
         SELECT subject, relation, object, refined.share, mean_score AS meanScore FROM latest
         JOIN refined_neurons AS refined ON refined.localization_id = latest.id
         JOIN facts ON facts.id = fact_id
         WHERE layer = ? AND neuron = ? ORDER BY latest.id DESC`,
      )
      .all(layer, neuron);
    return { located: count, facts: rows(pastFact, found) };
  }

  /** The prompts that a fact was located by, in their order; empty where there is no such localization. */
  prompts(localization: number): RecordedPrompt[] {
    const coarse = this.db.prepare(
      'SELECT layer, neuron FROM coarse_neurons WHERE localization_id = ? AND prompt_id = ? ORDER BY layer, neuron',
    );
    const located = this.db
      .prepare(
        `SELECT prompt_id, text, prob FROM located_prompts JOIN prompts ON prompts.id = prompt_id
           WHERE localization_id = ? ORDER BY ordinal`,
      )
      .all(localization);
    return rows(recordedPrompt, located).map(({ prompt_id, text, prob }) => {
      return { prompt: text, prob, coarse: rows(recordedNeuron, coarse.all(localization, prompt_id)) };
    });
  }

  /** A fact is the same when its words, its object's token and its prompts are. */
  private factId({ fact, prompts }: LocalizationRecord): number {
    const { subject, relation, object, objectId } = fact;
    const texts = prompts.map(({ prompt }) => prompt);
    const digest = createHash('sha256')
      .update(JSON.stringify([subject, relation, object, objectId, texts]))
      .digest('hex');
    const known = this.db.prepare('SELECT id FROM facts WHERE digest = ?').get(digest);
    if (known !== undefined) return row(id, known).id;
    const { lastInsertRowid } = this.db
      .prepare('INSERT INTO facts (subject, relation, object, object_id, digest) VALUES (?, ?, ?, ?, ?)')
      .run(subject, relation, object, objectId, digest);
    const insert = this.db.prepare('INSERT INTO prompts (fact_id, ordinal, text) VALUES (?, ?, ?)');
    texts.forEach((text, ordinal) => {
      insert.run(lastInsertRowid, ordinal, text);
    });
    return Number(lastInsertRowid);
  }

  private promptId(factId: number, ordinal: number): number {
    return row(
      id,
      this.db.prepare('SELECT id FROM prompts WHERE fact_id = ? AND ordinal = ?').get(factId, ordinal),
    ).id;
  }
}
