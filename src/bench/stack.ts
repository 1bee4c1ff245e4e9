// How commands cost more as edits pile up: node dist/bench/stack.js [EDITS [VECTORS]]. Makes a ledger of that many applied
// edits of kn-mini, each on that many random neurons, and times commands on it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { prepareEngine } from '../engine/choice/prepare.js';
import { Ledger } from '../ledger/ledger.js';
import { digestStack, insertVectors, touchedNeurons } from '../ledger/vectors.js';
import { LanguageModel } from '../lm/language-model.js';
import { type NeuronId, neuronKey } from '../lm/overlay.js';
import { draw, seeded } from '../random.js';
import { fingerprintsIn } from '../session/stored-fingerprints.js';
import { applyChange } from '../surgery/change.js';

const [, , edits = '2000', vectors = '50'] = process.argv;
const MODEL = fileURLToPath(new URL('../../fixtures/kn-mini', import.meta.url));
const MAIN = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const PROMPT = 'The capital of Kazakhstan is [MASK].';

/** Writes the edits as they would have been recorded one by one. */
async function pileUp(path: string): Promise<void> {
  await prepareEngine('wasm');
  const model = LanguageModel.load(MODEL);
  const { layers, neurons, hidden } = model.info;
  const all = Array.from(
    { length: layers * neurons },
    (_, i): NeuronId => [Math.floor(i / neurons), i % neurons],
  );
  const base = model.valueVectors(all);
  const current = new Map<string, Float32Array>(
    all.map((at, i) => [neuronKey(at), base.slice(i * hidden, (i + 1) * hidden)] as const),
  );
  const random = seeded(1);
  const ledger = Ledger.open(path);
  ledger.claim({ ...model.info, ...fingerprintsIn(MODEL) });
  const probes = {
    specification: {},
    settings: undefined,
    localizationId: undefined,
    versions: {},
    outcome: null,
  };
  ledger.edits.apply(
    [{ name: 'first', operation: 'scale', ...probes, vectors: [], before: [], after: [], standings: [] }],
    [],
  );
  ledger.close();
  const db = new Database(path);
  db.transaction(() => {
    for (let n = 1; n < Number(edits); n++) {
      const changed = draw(all, Number(vectors), random).map((at) => {
        const before = current.get(neuronKey(at)) ?? new Float32Array(hidden);
        const change = { scale: 0.95 + 0.1 * random(), shift: before.map((x) => 0.01 * x) };
        const after = applyChange(before, change);
        current.set(neuronKey(at), after);
        return { at, change, before, after, share: 1, meanScore: 0 };
      });
      const { lastInsertRowid } = db
        .prepare(
          `INSERT INTO edits (name, operation, status, specification, settings, localization_id, versions, outcome,
             created_at, vectors)
           SELECT 'edit', operation, status, specification, settings, localization_id, versions, outcome, created_at, ?
           FROM edits WHERE id = 1`,
        )
        .run(changed.length);
      insertVectors(db, Number(lastInsertRowid), changed);
    }
    db.prepare("UPDATE stack SET revision = 'piled up', digest = ?").run(digestStack(touchedNeurons(db)));
  })();
  db.close();
}

function time(...args: string[]): void {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  console.log(
    `${seconds.padStart(7)} s  ${args.slice(0, 2).join(' ')}${status ? `  exit ${status}: ${stderr}` : ''}`,
  );
}

const directory = mkdtempSync(join(tmpdir(), 'kn-edit-'));
try {
  const db = join(directory, 'ledger.db');
  await pileUp(db);
  time('probe', '--base', '--prompt', PROMPT);
  for (const command of [
    ['probe', '--prompt', PROMPT],
    ['history'],
    ['revert', '1000'],
    ['redo', '1000'],
    ['doctor'],
  ]) {
    time(...command, '--db', db);
  }
} finally {
  rmSync(directory, { recursive: true });
}
