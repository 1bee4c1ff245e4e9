// What a checkpoint is read from: the files of a directory, or one GGUF file that says the same.
import type { JsonSource, JsonValue } from '../spec/json.js';
import { CONFIG, fileOf, openWeights, TOKENIZER, TOKENIZER_CONFIG, type WeightFiles } from './files.js';
import { GgufFile } from './gguf/file.js';
import { isOneFile } from './one-file.js';

/** Close it when done. */
export interface Source {
  /** What messages call `config`. */
  readonly configName: string;
  /** config.json, or what stands for it. @throws InputError when it is missing, or cannot be made */
  readonly config: JsonSource;
  /** tokenizer.json, or what stands for it. @throws as `config` */
  readonly tokenizer: JsonSource;
  /** tokenizer_config.json, or what stands for it. @throws as `config` */
  readonly tokenizerConfig: JsonSource;
  /** Its open files of weights. @throws InputError when one is missing or damaged */
  readonly weights: WeightFiles;
  close(): void;
}

/** @throws InputError when there is no such model, or it is a file that cannot be read */
export function openSource(model: string): Source {
  return isOneFile(model) ? new GgufSource(GgufFile.open(model)) : new DirectorySource(model);
}

class DirectorySource implements Source {
  readonly configName = CONFIG;
  private opened: WeightFiles | undefined;

  constructor(private readonly directory: string) {}

  get config(): string {
    return fileOf(this.directory, CONFIG);
  }

  get tokenizer(): string {
    return fileOf(this.directory, TOKENIZER);
  }

  get tokenizerConfig(): string {
    return fileOf(this.directory, TOKENIZER_CONFIG);
  }

  get weights(): WeightFiles {
    this.opened ??= openWeights(this.directory);
    return this.opened;
  }

  close(): void {
    for (const shard of this.opened?.shards ?? []) shard.close();
  }
}

class GgufSource implements Source {
  readonly configName = 'its metadata';
  readonly weights: WeightFiles;

  constructor(private readonly file: GgufFile) {
    this.weights = { index: undefined, shards: [file] };
  }

  get config(): JsonSource {
    return { ...this.as(this.file.config()), named: (field) => this.file.keyOf(field) };
  }

  get tokenizer(): JsonSource {
    return this.as(this.file.tokenizer());
  }

  get tokenizerConfig(): JsonSource {
    return this.as(this.file.tokenizerConfig());
  }

  close(): void {
    this.file.close();
  }

  private as(value: unknown): JsonValue {
    return { path: this.file.path, value };
  }
}
