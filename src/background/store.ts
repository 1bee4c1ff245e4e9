// The files of a model's background: facts, text, and the covariance of layers. Each is written whole or not at all.
import { createHash } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { endianness } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { isPresent, makeDirectories, readRegular, replaceFile } from '../files.js';
import { once } from '../once.js';
import { type BaseFact, factBaseOf, factBaseSchema, factsIn } from '../spec/fact-base.js';
import { readJson } from '../spec/json.js';

/** Enough of a fingerprint to tell models apart by. */
const DIGITS = 16;
const DIGEST_BYTES = 32;

const count = z.number().int().nonnegative();

const textSchema = z.object({
  /** Of the model. */
  fingerprint: z.string(),
  /** Where the texts are from: names of files. */
  sources: z.array(z.string()),
  /** Token ids, in an order of which every beginning is spread over the sources. */
  texts: z.array(z.array(count).min(1)).min(1),
  /** Texts, the first ones, on which perplexity is measured. */
  probed: count,
  /** What it is of the base. */
  surprise: z.object({ nats: z.number(), tokens: count }),
});

/** Text as it is kept. */
export type KeptText = z.infer<typeof textSchema>;

const knowledgeSchema = z.object({
  fingerprint: z.string(),
  /** The files that were asked, by name. */
  sources: z.array(z.string()),
  /** How many facts of each relation were asked. */
  asked: z.record(z.string(), count),
  /** Those that the model knows, base by base: the same relation may have other wordings in each. */
  bases: z.array(factBaseSchema),
});

/** Facts as they are kept. */
export interface KeptFacts {
  sources: string[];
  asked: Record<string, number>;
  bases: BaseFact[][];
}

/** A layer's covariance that is there. */
export interface KeptLayer {
  layer: number;
  bytes: number;
}

export class BackgroundStore {
  readonly directory: string;
  /** A text that is not kept yet. */
  private held: KeptText | undefined;
  /** What parts of the text are of the base, by their number of texts. */
  private readonly parts = new Map<number, () => Promise<KeptText['surprise']>>();

  /**
   * @param ledger path of the model's ledger, beside which the background lies
   * @param fingerprint of the model
   */
  constructor(
    ledger: string,
    private readonly fingerprint: string,
  ) {
    this.directory = join(dirname(ledger), 'background', fingerprint.slice(0, DIGITS));
  }

  /** @returns undefined where none were built @throws InputError when the file is damaged, or another model's */
  facts(): KeptFacts | undefined {
    const path = this.path('facts.json');
    const found = this.read(path, knowledgeSchema);
    return found && { ...found, bases: found.bases.map((base) => factsIn(path, base)) };
  }

  /** @throws InputError when it cannot be written */
  keepFacts({ sources, asked, bases }: KeptFacts): void {
    const { fingerprint } = this;
    const kept = bases.filter(({ length }) => length > 0).map(factBaseOf);
    this.write('facts.json', JSON.stringify({ fingerprint, sources, asked, bases: kept }));
  }

  /** @returns undefined where none was chosen @throws InputError when the file is damaged, or another model's */
  text(): KeptText | undefined {
    return this.read(this.path('text.json'), textSchema) ?? this.held;
  }

  /** Has a text at hand without a file, until something is kept that was computed from it. */
  holdText(text: KeptText): void {
    this.held = text;
  }

  /** What the first texts, so many, are of the base: measured once. */
  surpriseOf(texts: number, measure: () => Promise<KeptText['surprise']>): Promise<KeptText['surprise']> {
    const own = this.parts.get(texts) ?? once(measure);
    this.parts.set(texts, own);
    return own();
  }

  /** Keeps a text; what was computed from another one goes. @throws InputError when it cannot be written */
  keepText(text: KeptText): void {
    this.write('text.json', JSON.stringify(text));
    this.held = undefined;
    this.parts.clear();
    for (const { layer } of this.layers()) {
      if (!this.covariance(layer, text)) rmSync(this.path(fileOf(layer)), { force: true });
    }
  }

  /** The upper triangle of a layer's C over a text; undefined where it is not there, damaged, or of another text. */
  covariance(layer: number, text: KeptText): Float32Array | undefined {
    try {
      const path = this.path(fileOf(layer));
      const bytes = readRegular(path, statSync(path).size);
      const data = bytes.subarray(DIGEST_BYTES);
      if (!bytes.subarray(0, DIGEST_BYTES).equals(digestOf(layer, text, data))) return undefined;
      const upper = new Float32Array(data.byteLength / Float32Array.BYTES_PER_ELEMENT);
      Buffer.from(upper.buffer).set(data);
      return swapped(upper);
    } catch {
      return undefined; // then it is computed again
    }
  }

  /** @throws InputError when it cannot be written */
  keepCovariance(layer: number, text: KeptText, upper: Float32Array): void {
    // Unless another text was kept meanwhile.
    if (text === this.held && !isPresent(this.path('text.json'))) this.keepText(text);
    const values = swapped(upper);
    const data = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    this.write(fileOf(layer), Buffer.concat([digestOf(layer, text, data), data]));
  }

  /** Layers of which there is a file, in order. */
  layers(): KeptLayer[] {
    if (!isPresent(this.directory)) return [];
    return readdirSync(this.directory)
      .flatMap((name) => {
        const layer = /^covariance-(\d+)\.bin$/.exec(name)?.[1];
        return layer === undefined ? [] : [{ layer: Number(layer), bytes: statSync(this.path(name)).size }];
      })
      .sort((a, b) => a.layer - b.layer);
  }

  private path(name: string): string {
    return join(this.directory, name);
  }

  private read<T extends { fingerprint: string }>(path: string, schema: z.ZodType<T>): T | undefined {
    if (!isPresent(path)) return undefined;
    try {
      const found: T = readJson(path, schema);
      if (found.fingerprint === this.fingerprint) return found;
    } catch (error) {
      if (error instanceof InputError) throw new InputError(`${error.message}; ${AGAIN}`);
      throw error;
    }
    throw new InputError(`${path}: is of another model; ${AGAIN}`);
  }

  private write(name: string, content: string | Uint8Array): void {
    makeDirectories(this.directory);
    replaceFile(this.path(name), content);
  }
}

const AGAIN = 'kn-edit background build makes it anew';

function fileOf(layer: number): string {
  return `covariance-${layer}.bin`;
}

/** What tells a whole file of this model, text and layer from any other: SHA-256 over these and the values. */
function digestOf(layer: number, { fingerprint, texts }: KeptText, data: Uint8Array): Buffer {
  const text = createHash('sha256').update(JSON.stringify(texts)).digest('hex');
  return createHash('sha256').update(`${fingerprint} ${text} ${layer}\n`).update(data).digest();
}

/** The values as little-endian float32, or back. */
function swapped(values: Float32Array): Float32Array {
  if (endianness() === 'LE') return values;
  const copy = values.slice();
  Buffer.from(copy.buffer).swap32();
  return copy;
}
