// What locating a fact will take: memory from the sizes of the model, time from them and the speed of this machine.
import { availableParallelism } from 'node:os';
import { workerBytes } from '../engine/memory.js';
import { throughput } from '../engine/throughput.js';
import type { Inspection } from '../lm/inspect.js';
import type { EngineChoice } from '../spec/choices.js';

/** An estimate; right within a factor of two or so. */
export interface Estimate {
  /** Of the process with all its workers. */
  memoryBytes: number;
  /** Of a fact with `prompts` prompts of `tokens` tokens, without the background facts of a fact base. */
  locateSeconds: number;
  prompts: number;
  tokens: number;
  workers: number;
}

const PROMPTS = 8;
const TOKENS = 12;
/** Gradients that `adaptive` computes per layer, and P at zero. */
const NODES = 4;
/** Node itself, the engine and the tokenizer. */
const PROGRAM_BYTES = 150e6;
/** Time beyond that of the products: measured on BERT's shapes. */
const TIME_FACTOR = 1.5;

/**
 * @param directory of the checkpoint
 * @throws InputError when the engine is not to be had
 */
export async function estimateLocate(
  directory: string,
  { layers, hidden, neurons, vocabulary }: Inspection,
  engine: EngineChoice,
): Promise<Estimate> {
  const workers = Math.min(2, availableParallelism());
  const block = 4 * hidden * hidden + 2 * hidden * neurons; // weights of one block's products
  const head = hidden * (hidden + vocabulary);
  const memoryBytes =
    PROGRAM_BYTES + workers * workerBytes(directory, engine === 'auto' ? undefined : engine);
  // A node replays the blocks above its layer and the head, forwards and backwards: 4 operations a weight and row.
  const above = (layers * (layers - 1)) / 2;
  const operations = PROMPTS * NODES * 4 * (above * TOKENS * block + layers * head);
  const locateSeconds = (TIME_FACTOR * operations) / (workers * (await throughput(engine)));
  return { memoryBytes, locateSeconds, prompts: PROMPTS, tokens: TOKENS, workers };
}
