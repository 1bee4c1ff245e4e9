// A GGUF file (llama.cpp's format: a whole model in one file) as a source of weights under the names of Hugging Face, and in
// the order of rows that these have there.
import { closeSync } from 'node:fs';
import { InputError } from '../../errors.js';
import { openRegular } from '../../files.js';
import { largest } from '../../numbers.js';
import { isPlain } from '../plain-types.js';
import type { StoredType } from '../stored-types.js';
import { type PortableTensor, reordered, type TensorEntry, WeightFile } from '../weight-file.js';
import {
  type Architecture,
  architectureOf,
  configOf,
  hasOwnWords,
  headsOf,
  keyOf,
  ROPE_FACTORS,
} from './config.js';
import { type Container, readContainer, type StoredTensor } from './container.js';
import type { Metadata } from './metadata.js';
import { NAMES, type Names, ownNameOf, type Place, placeOf } from './names.js';
import { generationConfigOf, specialIdsOf, tokenizerConfigOf, tokenizerOf } from './tokenizer.js';

/** Where a tensor lies in the file, and what was done to it on its way there. */
export interface GgufEntry extends TensorEntry {
  type: StoredType;
  /** As Hugging Face orders its rows: the row of the file that each one is. */
  rows: Place['rows'];
  /** What was added to every value. */
  added: number;
  /** Whether Hugging Face has it. */
  known: boolean;
}

/** Heads are some hundred wide; two of their dimensions have one factor. */
const MOST_FACTOR_BYTES = 1 << 16;

/** An open GGUF file. Close it when done. */
export class GgufFile extends WeightFile<GgufEntry> {
  private constructor(
    path: string,
    fd: number,
    size: number,
    private readonly architecture: Architecture,
    readonly container: Container,
    tensors: ReadonlyMap<string, GgufEntry>,
  ) {
    super(path, fd, size, tensors);
  }

  /** Opens a file and checks its head. @throws InputError that names the file and what is wrong with it */
  static open(path: string): GgufFile {
    const { fd, size } = openRegular(path);
    try {
      const container = readContainer(path, fd, size);
      const architecture = architectureOf(container.metadata);
      return new GgufFile(path, fd, size, architecture, container, entriesOf(container, architecture));
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Whether zeros follow the last tensor, up to a multiple of the alignment. */
  get endsAligned(): boolean {
    return this.size > largest(this.container.tensors.map(({ start, bytes }) => start + bytes));
  }

  get metadata(): Metadata {
    return this.container.metadata;
  }

  /** What config.json would say. @throws InputError when the metadata do not say enough, or what is not supported */
  config(): Record<string, unknown> {
    const stored = new Map(this.container.tensors.map((tensor) => [tensor.name, tensor]));
    const [rows] = stored.get('token_embd.weight')?.shape ?? [];
    if (rows === undefined) throw new InputError(`${this.path}: tensor "token_embd.weight" is missing`);
    const config = configOf(this.metadata, this.architecture, {
      has: (name) => stored.has(name),
      vocabulary: rows,
      ropeFactors: this.ropeFactors(),
    });
    return { ...config, ...specialIdsOf(this.metadata, rows) };
  }

  /** The same for other tools. @throws InputError also when there are no words that they would understand */
  portableConfig(): Record<string, unknown> {
    const config = this.config();
    if (!hasOwnWords(config)) return config;
    throw new InputError(
      `${this.path}: tensor "${ROPE_FACTORS}": config.json has no words for these factors of rotary frequencies; ` +
        'export to a GGUF file instead',
    );
  }

  /** What rotary frequencies are divided by. @throws InputError when they cannot be that */
  private ropeFactors(): number[] | undefined {
    const entry = this.tensors.get(ROPE_FACTORS);
    if (!entry) return undefined;
    const factors = entry.bytes <= MOST_FACTOR_BYTES ? [...this.read(entry)] : [];
    if (factors.length > 0 && factors.every((factor) => factor > 0)) return factors;
    throw new InputError(`${this.path}: tensor "${entry.name}" does not hold factors of rotary frequencies`);
  }

  /** What tokenizer.json would say. @throws InputError when the tokenizer is of a kind that is not read */
  tokenizer(): Record<string, unknown> {
    return tokenizerOf(this.metadata);
  }

  /** What tokenizer_config.json would say. @throws InputError when the tokens are missing */
  tokenizerConfig(): Record<string, unknown> {
    return tokenizerConfigOf(this.metadata);
  }

  /** What its metadata call a field of config.json. */
  keyOf(field: string): string {
    return keyOf(field, this.architecture);
  }

  override ownName(name: string): string {
    return ownNameOf(name, NAMES[this.architecture]);
  }

  /** What generation_config.json would say. @throws InputError when the tokens are missing */
  generationConfig(): Record<string, unknown> {
    return generationConfigOf(this.metadata);
  }

  override portable(entry: GgufEntry): PortableTensor | undefined {
    if (!entry.known) return undefined;
    if (isPlain(entry.dtype) && entry.added === 0) {
      const pieces = () => (entry.rows ? [reordered(this.bytes(entry), entry.rows())] : this.pieces(entry));
      return { dtype: entry.dtype, bytes: entry.bytes, pieces };
    }
    const bytes = 4 * entry.shape.reduce((product, n) => product * n, 1);
    return { dtype: 'F32', bytes, pieces: () => [new Uint8Array(this.read(entry).buffer)] };
  }

  protected override typeOf({ type }: GgufEntry): StoredType {
    return type;
  }

  protected override orderOf({ rows }: GgufEntry): ArrayLike<number> | undefined {
    return rows?.();
  }

  protected override addedTo({ added }: GgufEntry): number {
    return added;
  }
}

/** The tensors by the names of Hugging Face; those that it does not have keep their own. */
function entriesOf(
  { metadata, tensors }: Container,
  architecture: Architecture,
): ReadonlyMap<string, GgufEntry> {
  const names: Names = NAMES[architecture];
  const heads = headsOf(metadata, architecture);
  const entries = new Map<string, GgufEntry>();
  for (const tensor of [...tensors].sort((a, b) => a.start - b.start || a.bytes - b.bytes)) {
    const entry = entryOf(tensor, placeOf(tensor.name, tensor.shape[0] ?? 0, names, heads));
    if (entries.has(entry.name)) {
      throw new InputError(`${metadata.path}: tensor "${tensor.name}" is "${entry.name}", as another one is`);
    }
    entries.set(entry.name, entry);
  }
  return entries;
}

function entryOf(stored: StoredTensor, place: Place | undefined): GgufEntry {
  const { name, shape, type, start, bytes } = stored;
  const where = place ?? { name, rows: undefined, added: 0 };
  return { dtype: type.name, shape, start, bytes, type, ...where, known: place !== undefined };
}
