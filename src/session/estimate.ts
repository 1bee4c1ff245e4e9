// What locating a fact will take: memory from the sizes of the model, time from them and the speed of this machine.
import { availableParallelism } from 'node:os';
import { isNative } from '../engine/backends/native.js';
import { availableMemory } from '../engine/choice/available.js';
import { weightsOf, workerBytes, workersThatFit } from '../engine/choice/memory.js';
import { throughput } from '../engine/choice/throughput.js';
import type { Inspection } from '../lm/inspect.js';
import { BATCH_BYTES } from '../locate/budget.js';
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

/** What `adaptive` needs of a prompt. */
export interface Effort {
  /** Gradients of a layer, in the mean; each as dear as those from a layer half way up. */
  nodes: number;
  /** Times that it goes through the blocks, forwards and back. */
  rounds: number;
}

/** Where integrands are smooth: in most masked models. */
const SMOOTH: Effort = { nodes: 3, rounds: 1 };
/** Pretrained decoders have kinks in their lowest layers: the path is cut there again and again. Measured on SmolLM2. */
const DECODERS: Effort = { nodes: 13, rounds: 7 };
/** Of models with random weights, which measurements are made with. */
export const RANDOM_WEIGHTS = { masked: SMOOTH, causal: { nodes: 5, rounds: 5 } } satisfies Record<
  string,
  Effort
>;

/** Weights a second that a core takes from memory, as they are stored, and makes float32. */
const EXPANSION = 4e9;
/** A product of a few rows takes as long as one of so many more at the rate of large ones. */
const ROWS_MORE = 10;
/** Node itself, the program and the tokenizer. */
const PROGRAM_BYTES = 130e6;
/** Time of the products, and of all that is none, relative to products at the rate that was measured: on smaller ones. */
const TIME_FACTOR = 0.75;

export interface EstimateOptions {
  /** At most; as many as the machine has cores unless given. */
  workers?: number | undefined;
  /** What pretrained models need, unless given. */
  effort?: Effort | undefined;
}

/** @throws InputError when the engine is not to be had */
export async function estimateLocate(
  model: Inspection,
  choice: EngineChoice,
  { workers: wanted = availableParallelism(), effort = usualEffort(model) }: EstimateOptions = {},
): Promise<Estimate> {
  const { engine, flops } = await throughput(choice);
  const floats = Float32Array.BYTES_PER_ELEMENT * model.extent.parameters;
  const weights = { floats, stored: model.bytes };
  const each = workerBytes(engine, Math.min(BATCH_BYTES, pointBytes(model, effort)));
  const fitting = workersThatFit(engine, weights, each);
  const workers = Math.max(1, Math.min(isNative(engine) ? 1 : wanted, fitting));
  const passed = 1 / EXPANSION + (2 * ROWS_MORE) / flops; // seconds a weight
  const seconds = (TIME_FACTOR * operations(model, effort)) / flops + weightsPassed(model, effort) * passed;
  return {
    engine,
    fits: fitting > 0,
    weightBytes: weightsOf(engine, weights),
    workerBytes: each,
    availableBytes: availableMemory(),
    workersThatFit: fitting,
    workers,
    memoryBytes: PROGRAM_BYTES + weightsOf(engine, weights) + workers * each,
    locateSeconds: seconds / Math.min(workers, availableParallelism()),
    prompts: PROMPTS,
    tokens: TOKENS,
  };
}

function usualEffort({ causal }: Inspection): Effort {
  return causal ? DECODERS : SMOOTH;
}

/**
 * Floating point operations of a fact: two a weight and row. Each prompt is traced once, all rows of it. A node replays
 * the blocks above its layer and the head, forwards and backwards; in a causal model one row of each.
 */
function operations({ layers, causal, extent: { block, head } }: Inspection, { nodes }: Effort): number {
  const traced = layers * TOKENS * block + head;
  return PROMPTS * 2 * (traced + nodes * 2 * (blocksAbove(layers) * rowsOf(causal) * block + layers * head));
}

/** What all nodes of a prompt keep between their ways forwards and back, in bytes: nearly all that matrices give. */
function pointBytes({ layers, causal, extent }: Inspection, { nodes }: Effort): number {
  return Float32Array.BYTES_PER_ELEMENT * nodes * blocksAbove(layers) * rowsOf(causal) * extent.outputs;
}

/** Weights that a fact passes: all when it is traced; then forwards and back in each round, and half of them in each batch. */
function weightsPassed(model: Inspection, effort: Effort): number {
  const batches = pointBytes(model, effort) / BATCH_BYTES;
  return PROMPTS * model.extent.parameters * (1 + 2 * (effort.rounds + batches / 2));
}

/** Of all layers together: a prompt has as many points in each. */
function blocksAbove(layers: number): number {
  return (layers * (layers - 1)) / 2;
}

/** Those of a prompt that a change of one reaches. */
function rowsOf(causal: boolean): number {
  return causal ? 1 : TOKENS;
}
