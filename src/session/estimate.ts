// What locating a fact will take: memory from the sizes of the model, time from them and the speed of this machine.
import { availableParallelism } from 'node:os';
import { isNative } from '../engine/backends/native.js';
import { weightsOf, workerBytes, workersThatFit } from '../engine/choice/memory.js';
import { throughput } from '../engine/choice/throughput.js';
import type { Inspection } from '../lm/inspect.js';
import type { EngineChoice, EngineName } from '../spec/choices.js';

/** An estimate; right within a factor of two or so. */
export interface Estimate {
  /** What it is made for. */
  engine: EngineName;
  /** Whether this machine can hold the model, with one worker. */
  fits: boolean;
  /** Of the weights, which all workers share. */
  weightBytes: number;
  /** Of one worker besides. */
  workerBytes: number;
  /** What this machine has to give at the moment. */
  availableBytes: number;
  /** Workers that this would be enough for. */
  workersThatFit: number;
  /** Workers that there would be: no more than the machine has cores, and one at least. */
  workers: number;
  /** Of the process with all its workers. */
  memoryBytes: number;
  /** Of a fact with `prompts` prompts of `tokens` tokens, without the background facts of a fact base. */
  locateSeconds: number;
  prompts: number;
  tokens: number;
}

const PROMPTS = 8;
const TOKENS = 12;
/**
 * What `adaptive` takes: gradients per layer, with P at zero, and times that it goes through the blocks for a prompt,
 * forwards and backwards. Pretrained decoders need dozens of gradients in their lowest layers, a few at a time.
 */
const ADAPTIVE = { masked: { nodes: 4, rounds: 2 }, causal: { nodes: 6, rounds: 12 } };
/** Bytes a second at which a core reads weights from memory: a few rows at a time wait for nothing else. */
const BANDWIDTH = 10e9;
/** Node itself, the engine and the tokenizer. */
const PROGRAM_BYTES = 150e6;
/** Time beyond that of the products, which are not all of the shape that was measured. */
const TIME_FACTOR = 1.5;

/** @throws InputError when the engine is not to be had */
export async function estimateLocate(model: Inspection, choice: EngineChoice): Promise<Estimate> {
  const { engine, flops } = await throughput(choice);
  const floats = Float32Array.BYTES_PER_ELEMENT * model.extent.parameters;
  const weights = { floats, stored: model.bytes };
  const fitting = workersThatFit(engine, weights);
  const most = isNative(engine) ? 1 : availableParallelism();
  const workers = Math.max(1, Math.min(most, fitting));
  return {
    engine,
    fits: fitting > 0,
    weightBytes: weightsOf(engine, weights),
    workerBytes: workerBytes(engine),
    availableBytes: process.availableMemory(),
    workersThatFit: fitting,
    workers,
    memoryBytes: PROGRAM_BYTES + weightsOf(engine, weights) + workers * workerBytes(engine),
    locateSeconds:
      ((TIME_FACTOR * operations(model)) / flops + bytesRead(model, weightsOf(engine, weights)) / BANDWIDTH) /
      workers,
    prompts: PROMPTS,
    tokens: TOKENS,
  };
}

/**
 * Floating point operations of a fact: two a weight and row. Each prompt is traced once, all rows of it. A node replays
 * the blocks above its layer and the head, forwards and backwards; in a causal model one row of each.
 */
function operations({ layers, causal, extent: { block, head } }: Inspection): number {
  const above = (layers * (layers - 1)) / 2;
  const rows = causal ? 1 : TOKENS;
  const { nodes } = adaptive(causal);
  const traced = layers * TOKENS * block + head;
  return PROMPTS * 2 * (traced + nodes * 2 * (above * rows * block + layers * head));
}

/** Bytes that a fact takes from memory: in each round the weights, forwards and backwards. */
function bytesRead({ causal }: Inspection, weights: number): number {
  return PROMPTS * 2 * weights * adaptive(causal).rounds;
}

function adaptive(causal: boolean) {
  return causal ? ADAPTIVE.causal : ADAPTIVE.masked;
}
