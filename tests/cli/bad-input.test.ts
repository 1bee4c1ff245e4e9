// Bad input: each ends with its exit code and one line that names the file, the field and the fix.
import { cpSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { ROOT, runCli } from '../support/cli.js';
import { KN_MINI } from '../support/models.js';
import { temporaryDirectory } from '../support/temporary.js';

const PROMPT = 'The capital of Kazakhstan is [MASK].';
const PROBE = ['probe', '--prompt', PROMPT];

/** The run must fail with this code and exactly one line. */
async function expectFailure(args: string[], code: number, message: RegExp): Promise<void> {
  const run = await runCli(args);
  expect([run.code, run.stdout]).toEqual([code, '']);
  expect(run.stderr).toMatch(/^kn-edit: [^\n]+\n$/);
  expect(run.stderr).toMatch(message);
}

/** A copy of the embedded model that may be damaged. */
function modelCopy(): string {
  const directory = join(temporaryDirectory(), 'model');
  cpSync(KN_MINI, directory, { recursive: true });
  return directory;
}

function json(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}

describe('models', () => {
  it('no such directory', () =>
    expectFailure([...PROBE, '--model', 'nowhere'], 2, /nowhere: no such model directory/));

  it('a directory without config.json', () =>
    expectFailure([...PROBE, '--model', temporaryDirectory()], 2, /has no config\.json/));

  it('truncated weights', async () => {
    const model = modelCopy();
    truncateSync(join(model, 'model.safetensors'), 1_000_000);
    await expectFailure(
      [...PROBE, '--model', model],
      2,
      /model\.safetensors: .*truncated: 1000000 bytes of 4005580/,
    );
  });

  it('overlapping tensors', async () => {
    const model = modelCopy();
    const path = join(model, 'model.safetensors');
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<
      string,
      { data_offsets?: number[] }
    >;
    const [first, second] = Object.values(header).filter(({ data_offsets }) => data_offsets);
    if (first && second) second.data_offsets = first.data_offsets ?? [];
    bytes.write(JSON.stringify(header).padEnd(length), 8);
    writeFileSync(path, bytes);
    await expectFailure([...PROBE, '--model', model], 2, /tensor ".*" overlaps the one before it/);
  });

  it('an unsupported model_type', async () => {
    const model = modelCopy();
    const path = join(model, 'config.json');
    writeFileSync(path, JSON.stringify({ ...json(path), model_type: 'llama' }));
    await expectFailure(
      [...PROBE, '--model', model],
      2,
      /config\.json: model_type "llama" is not supported; supported: bert/,
    );
  });

  it('a config without a field', async () => {
    const model = modelCopy();
    const path = join(model, 'config.json');
    writeFileSync(path, JSON.stringify({ ...json(path), hidden_size: '128' }));
    await expectFailure([...PROBE, '--model', model], 2, /config\.json: hidden_size: /);
  });

  it('a damaged tokenizer', async () => {
    const model = modelCopy();
    writeFileSync(join(model, 'tokenizer.json'), '{"model": {"type": "Nonsense"}}');
    await expectFailure([...PROBE, '--model', model], 2, /tokenizer\.json: /);
  });

  it('a tensor that is missing', async () => {
    const model = modelCopy();
    const path = join(model, 'config.json');
    writeFileSync(path, JSON.stringify({ ...json(path), num_hidden_layers: 5 }));
    await expectFailure([...PROBE, '--model', model], 2, /tensor "bert\.encoder\.layer\.4\..*" is missing/);
  });
});

describe('edit files', () => {
  const good = json(join(ROOT, 'edits/fix-capital.json'));
  const write = (text: string) => {
    const path = join(temporaryDirectory(), 'edit.json');
    writeFileSync(path, text);
    return path;
  };
  const apply = (change: object) => ['apply', '--dry-run', write(JSON.stringify({ ...good, ...change }))];
  const fact = good.fact as Record<string, unknown>;
  const named = { locate: undefined, neurons: [[3, 1]], operation: { type: 'suppress' } };

  it('no such file', () =>
    expectFailure(['apply', 'nowhere.json'], 2, /nowhere\.json: cannot be read: no such file/));
  it('invalid JSON', () => expectFailure(['apply', write('{"name": ')], 2, /edit\.json: not valid JSON: /));
  it('an unknown key', () =>
    expectFailure(apply({ tolerence: {} }), 2, /edit\.json: unrecognized key: "tolerence"/));
  it('an unknown operation', () =>
    expectFailure(
      apply({ operation: { type: 'explode' } }),
      2,
      /operation.*: unknown operation; one of suppress, /,
    ));
  it('a factor that is text', () =>
    expectFailure(
      apply({ operation: { type: 'scale', factor: '2' } }),
      2,
      /operation\.factor: must be a finite number/,
    ));
  it('a factor that is not finite', () => {
    const text = JSON.stringify({ ...good, operation: { type: 'scale', factor: 7 } }).replace(
      '"factor":7',
      '"factor":1e999',
    );
    return expectFailure(['apply', write(text)], 2, /operation\.factor: must be a finite number/);
  });
  it('a prompt without a mask', () =>
    expectFailure(
      apply({ fact: { ...fact, prompts: ['No mask.'] } }),
      2,
      /edit\.json: fact\.prompts\.0: .* has no \[MASK\]/,
    ));
  it('a prompt with two masks', () =>
    expectFailure(
      apply({ fact: { ...fact, prompts: ['[MASK] [MASK]'] } }),
      2,
      /fact\.prompts\.0.*: has 2 masks/,
    ));
  it('an object that is not in the vocabulary', () =>
    expectFailure(
      apply({ fact: { ...fact, object: 'Atlantis' } }),
      2,
      /fact\.object: .*"Atlantis": is not in the model's voc/,
    ));
  it('a new answer of several tokens', () =>
    expectFailure(
      apply({ operation: { type: 'rewrite', to: 'Saint Astana' } }),
      2,
      /operation\.to: .*(2 tokens \(Saint Astana\)|not in the model's vocabulary)/,
    ));
  it('the old answer as the new one', () =>
    expectFailure(
      apply({ operation: { type: 'rewrite', to: 'Almaty' } }),
      2,
      /edit\.json: operation\.to: "Almaty" is the old answer/,
    ));
  it('neurons outside the model', () =>
    expectFailure(
      apply({ ...named, neurons: [[4, 0]] }),
      2,
      /edit\.json: neurons\.0: \[4, 0\] is outside the model \(4 layers of 512/,
    ));
  it('locate beside neurons', () =>
    expectFailure(apply({ ...named, locate: { preset: 'default' } }), 2, /neurons: stands beside "locate"/));
  it('another model', () =>
    expectFailure(
      apply({ model: 'bert-base' }),
      2,
      /edit\.json: model: the edit is for "bert-base", the model is "kn-mini"/,
    ));
  it('fewer prompts than the settings ask for', () => {
    const two = { ...fact, prompts: (fact.prompts as string[]).slice(0, 2) };
    return expectFailure(
      [...apply({ fact: two }), '--preset', 'dai2022'],
      2,
      /fact\.prompts: 2 are given, .* ask for 3/,
    );
  });
  it('settings that make no sense', async () => {
    await expectFailure([...apply({}), '--threshold', '1.5'], 2, /threshold: a ratio lies in 0 to 1/);
    await expectFailure([...apply({}), '--threshold-mode', 'top-k'], 2, /threshold: /);
    await expectFailure([...apply({}), '--share', 'x'], 2, /share: /);
  });
  it('applying with --base', () =>
    expectFailure(
      ['apply', '--base', write(JSON.stringify({ ...good, ...named }))],
      2,
      /--base ignores the ledger/,
    ));
});

describe('targets and options', () => {
  it('a target of several tokens, with its pieces', () =>
    expectFailure([...PROBE, '--target', 'Astana Almaty'], 2, /--target: .* is 2 tokens \(Astana Almaty\)/));
  it('a target that is not in the vocabulary', () =>
    expectFailure([...PROBE, '--target', 'Atlantis'], 2, /"Atlantis": is not in the model's vocabulary/));
  it('a token id out of range', () =>
    expectFailure([...PROBE, '--target-id', '1433'], 2, /only the ids 0 to 1432/));
  it('a prompt that is too long', () =>
    expectFailure(
      ['probe', '--prompt', `${'the '.repeat(40)}[MASK]`],
      2,
      /43 tokens, the model takes at most 32/,
    ));
  it('unknown command', () => expectFailure(['explode'], 2, /Unknown (argument|command): explode/));
  it('unknown option', () => expectFailure([...PROBE, '--frobnicate'], 2, /Unknown argument: frobnicate/));
  it('a bad --top', () => expectFailure([...PROBE, '--top', '0'], 2, /--top: must be a whole number from 1/));
  it('no choice of what to revert', () => expectFailure(['revert'], 2, /name one of ID, --last, --all/));
  it('an engine that is not installed', () =>
    expectFailure(
      [...PROBE, '--engine', 'tensorflow'],
      2,
      /--engine tensorflow: not to be had .*; try --engine wasm/,
    ));
});

describe('ledgers', () => {
  const edit = join(ROOT, 'edits/fix-capital.json');
  const locate = (db: string) => ['locate', edit, '--max-generic', '1', '--db', db];
  const file = () => join(temporaryDirectory(), 'ledger.db');

  /** Refused, and left as it was. */
  async function expectUntouched(path: string, message: RegExp, args: string[] = []): Promise<void> {
    const before = readFileSync(path);
    await expectFailure([...locate(path), ...args], 4, message);
    expect(readFileSync(path).equals(before)).toBe(true);
  }

  it('not SQLite', async () => {
    const path = file();
    writeFileSync(path, 'this is a letter to my grandmother, not a database; it is longer than a header');
    await expectUntouched(path, /is not a SQLite file; choose another --db/);
  });

  it("somebody else's SQLite file", async () => {
    const path = file();
    const db = new Database(path);
    db.exec('CREATE TABLE recipes (name TEXT)');
    db.close();
    await expectUntouched(path, /is a SQLite file, but not a kn-edit ledger/);
  });

  it('newer than this version', async () => {
    const path = file();
    expect((await runCli(locate(path))).code).toBe(0);
    const db = new Database(path);
    db.pragma('user_version = 99');
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    await expectUntouched(path, /the ledger has version 99, this kn-edit knows up to \d+; update kn-edit/);
  });

  it("another model's", async () => {
    const path = file();
    expect((await runCli(locate(path))).code).toBe(0);
    const model = modelCopy();
    const weights = join(model, 'model.safetensors');
    const bytes = readFileSync(weights);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    writeFileSync(weights, bytes);
    await expectFailure(
      [...PROBE, '--db', path, '--model', model],
      4,
      /belongs to the model kn-mini .*, not to model/,
    );
    expect((await runCli([...PROBE, '--db', path, '--model', model, '--base'])).code).toBe(0);
  });

  it('a place that cannot be written', async () => {
    const obstacle = join(temporaryDirectory(), 'obstacle');
    writeFileSync(obstacle, '');
    await expectFailure(
      locate(join(obstacle, 'ledger.db')),
      2,
      /the ledger cannot be opened: .*; choose another --db/,
    );
    // Refuses root too, whom permissions do not bind.
    await expectFailure(
      locate('/proc/self/ledger.db'),
      2,
      /\/proc\/self\/ledger\.db: the ledger cannot be opened/,
    );
    const locked = join(temporaryDirectory(), 'locked');
    mkdirSync(locked, { mode: 0o555 });
    if (process.getuid?.() !== 0) {
      await expectFailure(locate(join(locked, 'ledger.db')), 2, /the ledger cannot be (opened|written)/);
    }
  });

  it('nothing to show or revert', async () => {
    const path = file();
    await expectFailure(['show', '1', '--db', path], 2, /there is no ledger yet/);
    await expectFailure(['revert', '--last', '--db', path], 4, /there is no ledger yet/);
    expect((await runCli(locate(path))).code).toBe(0);
    await expectFailure(['show', '1', '--db', path], 4, /edit 1: is not in the ledger/);
    await expectFailure(['revert', '--all', '--db', path], 4, /no edit is applied/);
    await expectFailure(['revert', '0', '--db', path], 2, /ID: must be the number of an edit/);
  });
});
