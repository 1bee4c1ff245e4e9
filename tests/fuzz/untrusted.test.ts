// Files from outside, damaged thousands of times: each is read, or refused in one clean line.
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { KnEditError } from '../../src/errors.js';
import type { EditRecord } from '../../src/ledger/edits.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { translate } from '../../src/ledger/sqlite-errors.js';
import { Checkpoint } from '../../src/lm/checkpoint.js';
import { readConfig } from '../../src/lm/config.js';
import { SafetensorsFile } from '../../src/lm/safetensors.js';
import { Tokenizer } from '../../src/lm/tokenizer.js';
import { writeSafetensors } from '../../src/lm/write.js';
import { printable } from '../../src/report/style.js';
import { readPatch } from '../../src/session/patch.js';
import { readFactBase } from '../../src/spec/fact-base.js';
import { readEdit, readFact } from '../../src/spec/read.js';
import { readSuite } from '../../src/spec/suite-file.js';
import { examples } from '../support/examples.js';
import { array, f32, f32Tensor, gguf, MINIMAL, text, valuesIn } from '../support/gguf.js';
import { converted } from '../support/gguf-golden.js';
import { goldenDirectory, KINDS, MODERN } from '../support/golden.js';
import { KN_MINI } from '../support/models.js';
import { byteMutations, HOSTILE, jsonMutations } from '../support/mutate.js';
import { temporaryDirectory } from '../support/temporary.js';

const SEED = 20_240_607;
/** Of the processor's time, which other programs do not take. */
const SECONDS = 2;

let inputs = 0;
let refused = 0;
/** What must not happen, each kind once. */
const complaints = new Map<string, unknown>();

afterEach(() => {
  const found = [...complaints].map(([what, example]) => `${what}: ${example}`);
  complaints.clear();
  expect(found).toEqual([]);
  expect(({} as Record<string, unknown>).polluted, 'Object.prototype').toBeUndefined();
});

/** Reads one hostile input, and notes whatever is neither success nor a clean refusal. */
function survives(read: () => unknown, ledger?: string): void {
  inputs++;
  attempt(read, ledger);
}

/** @returns whether it was refused */
function attempt(read: () => unknown, ledger?: string): boolean {
  const start = process.cpuUsage();
  let thrown: unknown;
  try {
    read();
  } catch (error) {
    thrown = ledger ? translate(ledger, error) : error;
  }
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  if (seconds > SECONDS) complaints.set(`took ${Math.round(seconds)} s`, thrown);
  if (thrown === undefined) return false;
  refused++;
  if (thrown instanceof KnEditError) {
    const line = printable(thrown.message);
    if (!line.trim() || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(line)) complaints.set('not one clean line', line);
    if (![2, 4].includes(thrown.exitCode)) complaints.set(`exit ${thrown.exitCode}`, line);
  } else {
    const { message, stack } = thrown as Error;
    const at = /src\/[^)]*/.exec(stack ?? '')?.[0];
    const what = `${(thrown as Error).name} at ${at}`;
    if (!complaints.has(what)) complaints.set(what, message);
  }
  return true;
}

function fuzz<T>(arbitrary: fc.Arbitrary<T>, runs: number, read: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, read), { seed: SEED, numRuns: runs });
}

/** The most that this process has held at once, touched or not. */
function memory(): number {
  return process.resourceUsage().maxRSS * 1024 + process.memoryUsage().arrayBuffers;
}

describe('weights', () => {
  const original = readFileSync(join(goldenDirectory('bert'), 'model.safetensors'));
  const headerBytes = Number(original.readBigUInt64LE());
  const header = original.subarray(8, 8 + headerBytes).toString();
  const data = original.subarray(8 + headerBytes);

  function readWeights(path: string): void {
    const file = SafetensorsFile.open(path);
    try {
      for (const entry of file.tensors.values()) file.read(entry);
    } finally {
      file.close();
    }
  }

  function withHeader(text: Buffer | string, rest: Uint8Array, declared?: bigint): Buffer {
    const bytes = Buffer.from(text);
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(declared ?? BigInt(bytes.length));
    return Buffer.concat([prefix, bytes, rest]);
  }

  it('claim gigantic sizes without getting the memory', () => {
    const path = join(temporaryDirectory(), 'model.safetensors');
    const tensor = (shape: unknown, to: number, dtype = 'F32') =>
      JSON.stringify({ a: { dtype, shape, data_offsets: [0, to] } });
    const lengths = [
      2n ** 64n - 1n,
      2n ** 63n,
      2n ** 53n,
      2n ** 32n,
      100_000_001n,
      100_000_000n,
      99_999_999n,
    ];
    const claims = [
      ...lengths.map((declared) => withHeader(header, data, declared)),
      ...[2 ** 53 - 1, 2 ** 52, 2 ** 40, 2 ** 34, 2 ** 31].flatMap((count) => [
        withHeader(tensor([count], 4 * count), data),
        withHeader(tensor([count, 0], 0), Buffer.alloc(0)),
        withHeader(tensor([count, count], count), data),
        withHeader(tensor([count], count, 'U8'), data),
      ]),
      withHeader(tensor(new Array(100_000).fill(2 ** 31), 4), data),
    ];
    for (const claim of claims) {
      writeFileSync(path, claim);
      const before = memory();
      survives(() => readWeights(path));
      expect(memory() - before).toBeLessThan(2 * claim.length + 64 * 2 ** 20);
    }
  });

  it('that are sparse and larger than any buffer are refused', () => {
    const path = join(temporaryDirectory(), 'model.safetensors');
    const before = refused;
    const bytes = 2 ** 36;
    const text = JSON.stringify({ a: { dtype: 'F32', shape: [bytes / 4], data_offsets: [0, bytes] } });
    writeFileSync(path, withHeader(text, Buffer.alloc(0)));
    truncateSync(path, 8 + text.length + bytes);
    survives(() => readWeights(path));
    expect(refused).toBe(before + 1);
  });

  it('with damaged bytes', () => {
    const path = join(temporaryDirectory(), 'model.safetensors');
    expect(attempt(() => readWeights(join(goldenDirectory('bert'), 'model.safetensors')))).toBe(false);
    fuzz(byteMutations(8 + headerBytes), 400, (mutate) => {
      writeFileSync(path, mutate(original));
      survives(() => readWeights(path));
    });
  });

  it('with a damaged header', () => {
    const path = join(temporaryDirectory(), 'model.safetensors');
    fuzz(jsonMutations, 400, (mutate) => {
      writeFileSync(path, withHeader(mutate(header), data));
      survives(() => readWeights(path));
    });
  });

  it('with a header that is nested without end', () => {
    const path = join(temporaryDirectory(), 'model.safetensors');
    for (const depth of [1_000, 20_000, 100_000]) {
      const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`;
      for (const text of [deep, `{"a":${deep}}`, `{"a":{"dtype":${deep}}}`, `{"__metadata__":${deep}}`]) {
        writeFileSync(path, withHeader(text, Buffer.alloc(0)));
        survives(() => readWeights(path));
      }
    }
  });
});

describe('GGUF files', () => {
  const smol = readFileSync(new URL('../golden/llama-smol.gguf', import.meta.url));
  const kinds = { 'byte-level': smol, SentencePiece: fileOf('llama') };
  const head = (bytes: Buffer) => bytes.indexOf('token_embd') + 4000; // metadata, and where the tensors lie

  function fileOf(kind: string): Buffer {
    const { metadata, tensors } = converted(kind);
    return gguf(metadata, tensors);
  }

  /** Everything that loading reads. */
  function readModel(path: string): void {
    const checkpoint = Checkpoint.open(path);
    try {
      checkpoint.tokenizer().encodePrompt('The capital of France is');
    } finally {
      checkpoint.close();
    }
    valuesIn(path);
  }

  it.each(Object.entries(kinds))('with damaged bytes, %s', (_, original) => {
    const path = join(temporaryDirectory(), 'model.gguf');
    writeFileSync(path, original);
    expect(attempt(() => readModel(path))).toBe(false);
    fuzz(byteMutations(head(original)), 400, (mutate) => {
      writeFileSync(path, mutate(original));
      survives(() => readModel(path));
    });
  });

  it('claim gigantic sizes without getting the memory', () => {
    const path = join(temporaryDirectory(), 'model.gguf');
    const places = [
      'GGUF',
      'general.architecture',
      'tokenizer.ggml.tokens',
      'token_embd.weight',
      'attn_q.weight',
    ];
    const claims = places.flatMap((place) =>
      [4, 8, 12, 16, 20].flatMap((offset) =>
        [2n ** 31n, 2n ** 32n, 2n ** 40n, 2n ** 53n - 1n, 2n ** 63n].map((size) => {
          const claim = Buffer.from(smol);
          claim.writeBigUInt64LE(size, claim.indexOf(place) + place.length + offset);
          return claim;
        }),
      ),
    );
    for (const claim of claims) {
      writeFileSync(path, claim);
      const before = memory();
      survives(() => readModel(path));
      expect(memory() - before).toBeLessThan(2 * claim.length + 64 * 2 ** 20);
    }
  });

  it('that are sparse and larger than any buffer are refused', () => {
    const path = join(temporaryDirectory(), 'model.gguf');
    const before = refused;
    for (const name of ['blk.0.ffn_up.weight', 'rope_freqs.weight']) {
      const bytes = gguf(MINIMAL, [f32Tensor(name, [8], new Float32Array(8))]);
      const width = 2 ** 34;
      bytes.writeBigUInt64LE(BigInt(width), bytes.indexOf(name) + name.length + 4);
      writeFileSync(path, bytes);
      truncateSync(path, bytes.length - 32 + 4 * width);
      survives(() => valuesIn(path));
      survives(() => readModel(path));
    }
    expect(refused).toBe(before + 4);
  });

  it('with tokens that are long, or many', () => {
    const path = join(temporaryDirectory(), 'model.gguf');
    const { metadata, tensors } = converted('llama');
    const letters = (count: number, length: number) =>
      Array.from({ length: count }, (_, i) => text(i.toString(36).padStart(length, 'a')));
    for (const tokens of [
      letters(1, 5_000_000),
      letters(500, 9_000),
      letters(20_000, 190),
      letters(400_000, 9),
    ]) {
      const scores = array(tokens.map(() => f32(0)));
      const changed = { 'tokenizer.ggml.tokens': array(tokens), 'tokenizer.ggml.scores': scores };
      writeFileSync(path, gguf({ ...metadata, ...changed, 'tokenizer.ggml.token_type': scores }, tensors));
      survives(() => readModel(path));
    }
  });
});

describe('patches', () => {
  /** A patch of two neurons as `kn-edit patch export` writes it. */
  async function realPatch(): Promise<Buffer> {
    const path = join(temporaryDirectory(), 'real.safetensors');
    const shape = [2, 3];
    await writeSafetensors(
      path,
      [
        { name: 'before', shape, values: new Float32Array([1, 2, 3, 4, 5, 6]) },
        { name: 'after', shape, values: new Float32Array([6, 5, 4, 3, 2, 1]) },
      ],
      {
        format: 'kn-edit-patch-1',
        fingerprint: 'ab'.repeat(32),
        model: 'kn-mini',
        edits: '["fix-capital"]',
        neurons: '[[3,1],[3,7]]',
      },
    );
    expect(readPatch(path).changes).toHaveLength(2);
    return readFileSync(path);
  }

  it('with damaged bytes', async () => {
    const original = await realPatch();
    const path = join(temporaryDirectory(), 'patch.safetensors');
    const header = 8 + Number(original.readBigUInt64LE());
    fuzz(byteMutations(header), 200, (mutate) => {
      writeFileSync(path, mutate(original));
      survives(() => readPatch(path));
    });
  });

  it('with a damaged header', async () => {
    const original = await realPatch();
    const path = join(temporaryDirectory(), 'patch.safetensors');
    const end = 8 + Number(original.readBigUInt64LE());
    fuzz(jsonMutations, 200, (mutate) => {
      const header = Buffer.from(mutate(original.toString('utf8', 8, end)));
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(header.length));
      writeFileSync(path, Buffer.concat([length, header, original.subarray(end)]));
      survives(() => readPatch(path));
    });
  });
});

describe('JSON', () => {
  function fuzzJson(source: string, runs: number, read: (path: string) => unknown): void {
    const path = join(temporaryDirectory(), 'mutated.json');
    const text = readFileSync(source, 'utf8');
    expect(attempt(() => read(source))).toBe(false);
    fuzz(jsonMutations, runs, (mutate) => {
      writeFileSync(path, mutate(text));
      survives(() => read(path));
    });
  }

  const config = join(KN_MINI, 'config.json');
  const tokenizer = join(KN_MINI, 'tokenizer.json');
  const tokenizerConfig = join(KN_MINI, 'tokenizer_config.json');
  const { family, design } = readConfig(config);
  const { vocabulary } = design.sizes;
  const prompts = examples().flatMap((path) => readEdit(path).fact.prompts);

  function tokenize(tokenizerPath: string, configPath: string): void {
    const read = Tokenizer.read(tokenizerPath, configPath, {
      special: family.special,
      family: family.type,
      ...design.sizes,
    });
    const ids = prompts.slice(0, 5).flatMap((prompt) => read.encodePrompt(prompt).ids);
    const wrong = [...ids, ...read.encodeTarget('Paris').ids].find(
      (id) => !(Number.isInteger(id) && id >= 0 && id < vocabulary),
    );
    if (wrong !== undefined) complaints.set('a token id outside the vocabulary', JSON.stringify(wrong));
    for (const id of ids)
      if (typeof read.token(id) !== 'string') complaints.set('a token that is not text', id);
  }

  it('config.json', () => fuzzJson(config, 300, readConfig));

  const golden = [
    ...KINDS.map((kind) => join(kind, 'config.json')),
    ...MODERN.map((kind) => join(kind, 'config.hub.json')),
  ];
  it.each(golden)('%s', (name) => fuzzJson(goldenDirectory(name), 100, readConfig));

  it('tokenizer.json', () => {
    fuzzJson(tokenizer, 500, (path) => tokenize(path, tokenizerConfig));
  });

  it('tokenizer_config.json', () => fuzzJson(tokenizerConfig, 200, (path) => tokenize(tokenizer, path)));

  it.each(examples())('%s', (example) => {
    fuzzJson(example, 100, (path) => {
      attempt(() => readFact(path));
      readEdit(path);
    });
  });

  it('a suite', () => {
    const suite = {
      name: 'capitals',
      model: 'kn-mini',
      tolerance: { top1: 'expected', maxProbabilityDrop: 0.1, maxKl: 0.5 },
      probes: [
        { prompt: 'The capital of France is [MASK].', expect: 'Paris', prob: 0.95 },
        { prompt: 'The capital of Peru is [MASK].', expect: { id: 7 }, tolerance: { top1: 'any' } },
        { prompt: 'The capital of Chad is [MASK].' },
      ],
    };
    const path = join(temporaryDirectory(), 'suite.json');
    writeFileSync(path, JSON.stringify(suite));
    fuzzJson(path, 200, readSuite);
  });

  it('a fact base', () => fuzzJson(join(KN_MINI, 'facts.json'), 150, readFactBase));

  it('nested without end', () => {
    const path = join(temporaryDirectory(), 'nested.json');
    const readers = [
      readConfig,
      readEdit,
      readFact,
      readFactBase,
      (p: string) => tokenize(p, tokenizerConfig),
    ];
    for (const depth of [20_000, 200_000]) {
      const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`;
      const objects = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
      for (const text of [
        deep,
        objects,
        `{"model_type":${deep}}`,
        `{"fact":${deep}}`,
        `{"model":${objects}}`,
      ]) {
        writeFileSync(path, text);
        for (const read of readers) survives(() => read(path));
      }
    }
  });
});

describe('ledgers', () => {
  const answer = { id: 7, token: 'Paris', prob: 0.5 };
  const probe = {
    prompt: 'Rome is [MASK].',
    expect: 'Paris',
    expectId: 7,
    prob: 0.5,
    rank: 1,
    top: [answer],
  };
  const vector = (neuron: number): EditRecord['vectors'][number] => ({
    at: [1, neuron],
    change: { scale: 0, alongNorm: undefined, shift: new Float32Array([1, 2, 3, 4]) },
    before: new Float32Array([0.1, 0.2, 0.3, 0.4]),
    after: new Float32Array([1, 2, 3, 4]),
    share: 0.7,
    meanScore: 0.01,
  });
  /** Of rank one, stored as its factors. */
  const factored = { ...vector(7), change: { scale: 1, shift: new Float32Array([1, 2, 3, 4]), gain: 0.5 } };
  const record: EditRecord = {
    name: 'suppress',
    operation: 'suppress',
    specification: { name: 'suppress' },
    settings: { share: 0.7 },
    localizationId: undefined,
    versions: { 'kn-edit': '0.1.0' },
    outcome: { verdict: 'accepted' },
    vectors: [vector(3), vector(5), factored],
    before: [{ role: 'target', ...probe }],
    after: [{ role: 'unrelated', ...probe }],
    standing: { state: 'holds', kept: 1, reached: 1, probRecorded: 0.5, prob: 0.5 },
    standings: [],
  };

  /** The bytes of a ledger with two applied edits and a reverted one. */
  function realLedger(directory: string): Buffer {
    const path = join(directory, 'real.db');
    const ledger = Ledger.open(path);
    const fingerprint = 'ab'.repeat(32);
    const sizes = { layers: 4, neurons: 512, hidden: 4, vocabulary: 1433, maxLength: 32, normsOutput: false };
    ledger.claim({
      name: 'kn-mini',
      directory,
      fingerprint,
      formerFingerprint: fingerprint,
      family: 'bert',
      causal: false,
      notes: [],
      ...sizes,
    });
    const [first = 0] = ledger.edits.apply([record], []);
    const [second = 0] = ledger.edits.apply([{ ...record, name: 'second' }], [first]);
    ledger.edits.apply([{ ...record, name: 'third' }], [first, second]);
    ledger.close();
    const db = new Database(path);
    db.prepare("UPDATE edits SET status = 'reverted', reverted_at = created_at WHERE id = ?").run(second);
    db.close(); // the last connection: this checkpoints and removes the log
    return readFileSync(path);
  }

  /** Reads all of it, in steps each of which may be refused by itself. */
  function readLedger(path: string): void {
    let ledger: Ledger | undefined;
    survives(() => {
      ledger = Ledger.open(path);
    }, path);
    const opened = ledger;
    if (!opened) return;
    attempt(() => opened.owner(), path);
    attempt(() => opened.edits.list(), path);
    attempt(() => opened.edits.applied(), path);
    attempt(() => opened.edits.stack(), path);
    for (const id of [1, 2, 3]) {
      attempt(() => opened.edits.get(id), path);
      attempt(() => opened.edits.vectors(id), path);
    }
    attempt(() => opened.close(), path);
  }

  function fresh(path: string, bytes: Uint8Array): void {
    for (const suffix of ['-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
    writeFileSync(path, bytes);
  }

  it('with damaged bytes', () => {
    const directory = temporaryDirectory();
    const original = realLedger(directory);
    const path = join(directory, 'mutated.db');
    const before = refused;
    readLedger(join(directory, 'real.db'));
    expect(refused).toBe(before);
    fuzz(byteMutations(100), 400, (mutate) => {
      fresh(path, mutate(original));
      readLedger(path);
    });
  });

  it('with damaged rows and schema', () => {
    const directory = temporaryDirectory();
    const strict = realLedger(directory);
    const path = join(directory, 'mutated.db');
    fresh(path, strict);
    const columns = columnsOf(path);
    damageLedger(path, (db) => db.exec(LOOSEN));
    const loose = readFileSync(path);
    const value = fc.oneof(
      fc.constantFrom(null, -1, 1e308, Infinity, 2 ** 53, '', 'applied', '[]', '{'),
      fc.constantFrom(...HOSTILE),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    );
    const update = fc.record({ at: fc.noBias(fc.constantFrom(...columns)), value });
    const statement = fc.record({ sql: fc.constantFrom(...SCHEMA_DAMAGE, ...columns.map(dropped)) });
    const damage = fc.oneof({ weight: 4, arbitrary: update }, { weight: 1, arbitrary: statement });
    const damages = fc.array(damage, { minLength: 1, maxLength: 3 });
    fuzz(fc.tuple(fc.constantFrom(strict, loose, loose), damages), 400, ([original, all]) => {
      fresh(path, original);
      for (const one of all) {
        damageLedger(path, (db) => {
          if ('sql' in one) db.exec(one.sql);
          else db.prepare(`UPDATE ${one.at.table} SET "${one.at.column}" = ?`).run(one.value);
        });
      }
      readLedger(path);
    });
  });

  /** Changes a ledger as only someone else would; what SQLite itself refuses is left out. */
  function damageLedger(path: string, damage: (db: Database.Database) => void): void {
    const db = new Database(path);
    try {
      db.unsafeMode();
      for (const pragma of [
        'foreign_keys = OFF',
        'ignore_check_constraints = ON',
        'writable_schema = ON',
        'synchronous = OFF',
      ]) {
        db.pragma(pragma);
      }
      damage(db);
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error;
    } finally {
      db.close();
    }
  }

  interface Column {
    table: string;
    column: string;
  }

  /** Takes STRICT and NOT NULL from every table, so that any value can be stored. */
  const LOOSEN = `UPDATE sqlite_schema SET sql =
    replace(replace(replace(sql, 'STRICT, WITHOUT', 'WITHOUT'), 'STRICT', ''), 'NOT NULL', '')`;

  const SCHEMA_DAMAGE = [
    'PRAGMA user_version = 0',
    'PRAGMA user_version = -1',
    'PRAGMA user_version = 2147483647',
    'PRAGMA application_id = 0',
    'DROP TABLE edits',
    'DROP TABLE models',
    'DROP TABLE probes',
    'DROP TABLE value_vectors',
    'DELETE FROM sqlite_schema',
    "UPDATE sqlite_schema SET sql = 'CREATE TABLE nonsense'",
    "UPDATE sqlite_schema SET sql = replace(sql, 'CREATE', 'create view')",
    'UPDATE sqlite_schema SET rootpage = rootpage + 1',
    'UPDATE sqlite_schema SET rootpage = 1',
    'DROP TABLE edits; CREATE VIEW edits AS SELECT * FROM value_vectors',
    'DROP TABLE models; CREATE VIEW models AS SELECT * FROM models',
    'DROP TABLE models; CREATE TABLE models (fingerprint BLOB, name BLOB)',
    'DELETE FROM models',
    'DELETE FROM value_vectors',
    'INSERT INTO value_vectors SELECT edit_id + 100, * FROM value_vectors',
  ];

  const dropped = ({ table, column }: Column) => `ALTER TABLE ${table} DROP COLUMN "${column}"`;

  function columnsOf(path: string): Column[] {
    const db = new Database(path);
    const found = db
      .prepare<[], Column>(
        `SELECT t.name AS "table", c.name AS "column" FROM sqlite_schema t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name IN ('models', 'edits', 'value_vectors', 'directions', 'probes')`,
      )
      .all();
    db.close();
    return found;
  }
});

it('were at least 2,000 files', () => {
  expect(inputs).toBeGreaterThanOrEqual(2000);
  expect(refused).toBeGreaterThan(1000);
});
