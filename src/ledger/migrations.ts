// The ledger's schema, version by version. A version that has been released is never changed: add the next one.
import type { Connection } from './rows.js';
import { digestStack, formerOverlay, hashFormulas, touchedNeurons } from './vectors.js';

/** What leads from each version to the next; the position is the version (PRAGMA user_version). */
export const MIGRATIONS: readonly (string | ((db: Connection) => void))[] = [
  `
  CREATE TABLE models (
    id INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    family TEXT NOT NULL,
    layers INTEGER NOT NULL,
    neurons INTEGER NOT NULL,
    hidden INTEGER NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;

  -- Score maps, cached: another threshold answers at once.
  CREATE TABLE score_maps (
    state TEXT NOT NULL,
    prompt TEXT NOT NULL,
    target INTEGER NOT NULL,
    rule TEXT NOT NULL,
    site TEXT NOT NULL,
    prob REAL NOT NULL,
    scores BLOB NOT NULL,
    completeness TEXT NOT NULL,
    PRIMARY KEY (state, prompt, target, rule, site)
  ) STRICT;

  CREATE TABLE facts (
    id INTEGER PRIMARY KEY,
    subject TEXT NOT NULL,
    relation TEXT NOT NULL,
    object TEXT NOT NULL,
    object_id INTEGER NOT NULL,
    digest TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE prompts (
    id INTEGER PRIMARY KEY,
    fact_id INTEGER NOT NULL REFERENCES facts(id),
    ordinal INTEGER NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (fact_id, ordinal)
  ) STRICT;

  CREATE TABLE localizations (
    id INTEGER PRIMARY KEY,
    fact_id INTEGER NOT NULL REFERENCES facts(id),
    state TEXT NOT NULL,
    settings TEXT NOT NULL,
    share REAL NOT NULL,
    seconds REAL NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE located_prompts (
    localization_id INTEGER NOT NULL REFERENCES localizations(id) ON DELETE CASCADE,
    prompt_id INTEGER NOT NULL REFERENCES prompts(id),
    prob REAL NOT NULL,
    threshold REAL,
    PRIMARY KEY (localization_id, prompt_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE coarse_neurons (
    localization_id INTEGER NOT NULL REFERENCES localizations(id) ON DELETE CASCADE,
    prompt_id INTEGER NOT NULL REFERENCES prompts(id),
    layer INTEGER NOT NULL,
    neuron INTEGER NOT NULL,
    PRIMARY KEY (localization_id, prompt_id, layer, neuron)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE refined_neurons (
    localization_id INTEGER NOT NULL REFERENCES localizations(id) ON DELETE CASCADE,
    layer INTEGER NOT NULL,
    neuron INTEGER NOT NULL,
    share REAL NOT NULL,
    mean_score REAL NOT NULL,
    PRIMARY KEY (localization_id, layer, neuron)
  ) STRICT, WITHOUT ROWID;

  -- Applied edits, in the order of their ids, on top of the base: that is the model.
  CREATE TABLE edits (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    operation TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('applied', 'reverted')),
    specification TEXT NOT NULL,
    settings TEXT,
    localization_id INTEGER REFERENCES localizations(id),
    versions TEXT NOT NULL,
    outcome TEXT NOT NULL,
    created_at TEXT NOT NULL,
    reverted_at TEXT
  ) STRICT;

  CREATE TABLE value_vectors (
    edit_id INTEGER NOT NULL REFERENCES edits(id),
    ordinal INTEGER NOT NULL,
    layer INTEGER NOT NULL,
    neuron INTEGER NOT NULL,
    share REAL NOT NULL,
    mean_score REAL NOT NULL,
    -- What the edit does: v' = scale v + |v| along_norm + shift
    scale REAL NOT NULL,
    along_norm BLOB,
    shift BLOB,
    -- What it came to, float32
    before BLOB NOT NULL,
    before_sha256 TEXT NOT NULL,
    after BLOB NOT NULL,
    after_sha256 TEXT NOT NULL,
    PRIMARY KEY (edit_id, layer, neuron)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE probes (
    edit_id INTEGER NOT NULL REFERENCES edits(id),
    phase TEXT NOT NULL CHECK (phase IN ('before', 'after', 'revert', 'redo')),
    ordinal INTEGER NOT NULL,
    role TEXT NOT NULL,
    prompt TEXT NOT NULL,
    expect TEXT NOT NULL,
    expect_id INTEGER NOT NULL,
    prob REAL NOT NULL,
    rank INTEGER NOT NULL,
    new_id INTEGER,
    new_prob REAL,
    new_rank INTEGER,
    old_id INTEGER,
    old_prob REAL,
    kl REAL,
    top TEXT NOT NULL,
    PRIMARY KEY (edit_id, phase, ordinal)
  ) STRICT, WITHOUT ROWID;
  `,
  // Which edits touch a neuron.
  'CREATE INDEX value_vectors_by_neuron ON value_vectors (layer, neuron);',
  // Answers of several tokens: score maps are cached by all of their ids, and probes list them where there are several.
  `
  ALTER TABLE score_maps RENAME TO single_maps;
  CREATE TABLE score_maps (
    state TEXT NOT NULL,
    prompt TEXT NOT NULL,
    target TEXT NOT NULL,
    rule TEXT NOT NULL,
    site TEXT NOT NULL,
    prob REAL NOT NULL,
    scores BLOB NOT NULL,
    completeness TEXT NOT NULL,
    PRIMARY KEY (state, prompt, target, rule, site)
  ) STRICT;
  INSERT INTO score_maps SELECT state, prompt, CAST(target AS TEXT), rule, site, prob, scores, completeness FROM single_maps;
  DROP TABLE single_maps;
  ALTER TABLE probes ADD COLUMN expect_ids TEXT;
  ALTER TABLE probes ADD COLUMN new_ids TEXT;
  ALTER TABLE probes ADD COLUMN old_ids TEXT;
  `,
  // What an edit does is under a hash too; what the applied edits come to is known by its hash.
  (db) => {
    db.exec(`
      ALTER TABLE value_vectors ADD COLUMN formula_sha256 TEXT NOT NULL DEFAULT '';
      ALTER TABLE edits ADD COLUMN vectors INTEGER NOT NULL DEFAULT 0;
      UPDATE edits SET vectors = (SELECT count(*) FROM value_vectors WHERE edit_id = edits.id);
      CREATE TABLE stack (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        revision TEXT NOT NULL,
        overlay TEXT NOT NULL
      ) STRICT;
    `);
    hashFormulas(db);
    db.prepare("INSERT INTO stack VALUES (1, '', ?)").run(formerOverlay(db));
  },
  // How applied edits stand in the present state of the model.
  `
  CREATE TABLE standings (
    edit_id INTEGER PRIMARY KEY REFERENCES edits(id),
    state TEXT NOT NULL CHECK (state IN ('holds', 'weakened', 'lost')),
    kept INTEGER NOT NULL,
    reached INTEGER NOT NULL,
    prob_recorded REAL NOT NULL,
    prob REAL NOT NULL,
    measured_at TEXT NOT NULL
  ) STRICT;
  `,
  // An edit that reached nothing is said to have reached nothing.
  `
  ALTER TABLE standings RENAME TO former_standings;
  CREATE TABLE standings (
    edit_id INTEGER PRIMARY KEY REFERENCES edits(id),
    state TEXT NOT NULL CHECK (state IN ('holds', 'weakened', 'lost', 'reached nothing')),
    kept INTEGER NOT NULL,
    reached INTEGER NOT NULL,
    prob_recorded REAL NOT NULL,
    prob REAL NOT NULL,
    measured_at TEXT NOT NULL
  ) STRICT;
  INSERT INTO standings SELECT * FROM former_standings;
  DROP TABLE former_standings;
  `,
  // Changes of rank one are stored as their factors; what they found and left is had by replay.
  (db) => {
    const overlay = formerOverlay(db);
    db.exec(`
      CREATE TABLE directions (
        edit_id INTEGER NOT NULL REFERENCES edits(id),
        layer INTEGER NOT NULL,
        vector BLOB NOT NULL,
        PRIMARY KEY (edit_id, layer)
      ) STRICT, WITHOUT ROWID;

      ALTER TABLE value_vectors RENAME TO former_vectors;
      CREATE TABLE value_vectors (
        edit_id INTEGER NOT NULL REFERENCES edits(id),
        ordinal INTEGER NOT NULL,
        layer INTEGER NOT NULL,
        neuron INTEGER NOT NULL,
        share REAL NOT NULL,
        mean_score REAL NOT NULL,
        -- What the edit does: v' = scale v + |v| along_norm + shift, where shift, with a gain, is the gain times that, or
        -- times the layer's direction where there is none
        scale REAL NOT NULL,
        along_norm BLOB,
        shift BLOB,
        gain REAL,
        -- What it came to, float32; with a gain, the hashes alone
        before BLOB,
        before_sha256 TEXT NOT NULL,
        after BLOB,
        after_sha256 TEXT NOT NULL,
        formula_sha256 TEXT NOT NULL,
        PRIMARY KEY (edit_id, layer, neuron)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO value_vectors SELECT edit_id, ordinal, layer, neuron, share, mean_score, scale, along_norm, shift, NULL,
        before, before_sha256, after, after_sha256, formula_sha256 FROM former_vectors;
      DROP TABLE former_vectors;
      CREATE INDEX value_vectors_by_neuron ON value_vectors (layer, neuron);
      ALTER TABLE stack RENAME COLUMN overlay TO digest;
    `);
    db.prepare('UPDATE stack SET digest = ? WHERE digest = ?').run(digestStack(touchedNeurons(db)), overlay);
  },
  // When a score map was last used: those that were not for longest make room for others.
  `
  ALTER TABLE score_maps RENAME TO former_maps;
  CREATE TABLE score_maps (
    id INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    prompt TEXT NOT NULL,
    target TEXT NOT NULL,
    rule TEXT NOT NULL,
    site TEXT NOT NULL,
    prob REAL NOT NULL,
    scores BLOB NOT NULL,
    completeness TEXT NOT NULL,
    UNIQUE (state, prompt, target, rule, site)
  ) STRICT;
  INSERT INTO score_maps SELECT NULL, state, prompt, target, rule, site, prob, scores, completeness FROM former_maps;
  DROP TABLE former_maps;
  -- A table of its own: in that of the maps, noting a use would write the whole map again.
  CREATE TABLE score_map_uses (
    map_id INTEGER PRIMARY KEY REFERENCES score_maps(id),
    -- Milliseconds since 1970
    used_at INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX score_map_uses_by_time ON score_map_uses (used_at, bytes);
  INSERT INTO score_map_uses SELECT id, 0, length(scores) + length(completeness) FROM score_maps;
  `,
  // Of answers of several tokens, the most probable token in the place of each.
  `
  ALTER TABLE probes ADD COLUMN expect_best TEXT;
  ALTER TABLE probes ADD COLUMN new_best TEXT;
  `,
];
