// The main thread's side of the pool: hands tasks to workers and turns what comes back into values and errors.
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import type { Tinypool } from 'tinypool';
import { z } from 'zod';
import { errorFromData, InterruptedError } from '../../errors.js';
import { type FileBytes, modelFiles, weightsIfReadable } from '../../lm/files.js';
import type { Overlay } from '../../lm/overlay.js';
import { WeightStore } from '../../lm/weight-store.js';
import type { EngineChoice } from '../../spec/choices.js';
import { setCoreType } from '../backends/blas/load.js';
import { isNative } from '../backends/native.js';
import type { EngineReport } from '../backends/report.js';
import { chooseEngines } from '../choice/choose.js';
import { requireMemory, workersThatFit } from '../choice/memory.js';
import type { TaskInput, TaskName, TaskOutput } from './tasks.js';
import type { Job, JobResult, WorkerData } from './worker.js';

/** Tinypool's word for a worker that it ends, which is what stopping a task comes to. */
const WORKER_ENDED = 'Terminating worker thread';

export interface RunOptions {
  /** State of the model in which the task is done. */
  overlay: Overlay;
  /** Stops the task by ending its worker; the next task starts a fresh one. */
  signal?: AbortSignal | undefined;
}

/** Workers that hold the same model, and share its weights where they are threads. Every task says in which state of the model it wants to be done. */
export class ModelPool {
  private starting: Promise<Tinypool> | undefined;
  private limit: number | undefined;
  private sizes: FileBytes | undefined;
  /** Where workers that are threads share the weights. */
  private store: WeightStore | undefined;
  /** Fires when it is closed, so that a start that is still measuring ends. */
  private readonly closing = new AbortController();
  /** The engine that the workers use; known after the first task. */
  engine: EngineReport | undefined;

  /**
   * @param directory of the checkpoint, or its GGUF file
   * @param wanted at most this many threads, which share the weights; the memory is another limit. A native engine brings
   *   its own threads, and works in one process
   */
  constructor(
    private readonly directory: string,
    private readonly choice: EngineChoice,
    private readonly wanted = availableParallelism(),
  ) {}

  /** Workers that may work at the same time; one for a native engine, once it is known to be that. */
  get workers(): number {
    this.limit ??= Math.min(this.wanted, this.affordable());
    return this.limit;
  }

  private affordable(): number {
    const engine = this.choice === 'auto' ? 'wasm' : this.choice;
    return this.weights ? Math.max(1, workersThatFit(engine, this.weights)) : 1;
  }

  /** What the model's weights take; undefined where they cannot be read. */
  private get weights(): FileBytes | undefined {
    this.sizes ??= weightsIfReadable(this.directory);
    return this.sizes;
  }

  /**
   * Does one task on the next free worker.
   * @throws InterruptedError when the signal fires; otherwise whatever the task throws
   */
  async run<K extends TaskName>(task: K, input: TaskInput<K>, options: RunOptions): Promise<TaskOutput<K>> {
    if (options.signal?.aborted) throw new InterruptedError();
    const job: Job<K> = { task, input, overlay: options.overlay };
    if (options.signal) setMaxListeners(0, options.signal); // a fact's prompts wait in the queue together
    const result = await this.submit(job, options.signal);
    if (!result.ok) throw errorFromData(result.error);
    this.engine = result.engine;
    return result.value;
  }

  private async submit<K extends TaskName>(
    job: Job<K>,
    signal: AbortSignal | undefined,
  ): Promise<JobResult<K>> {
    let pool: Tinypool | undefined;
    try {
      pool = await this.start(signal);
      return (await pool.run(job, { signal: signal ?? null })) as JobResult<K>;
    } catch (error) {
      if (pool) this.store?.abandon(pool.threads.map((thread) => thread.threadId));
      if (signal?.aborted) throw new InterruptedError();
      // Another task was stopped, and with it the worker that was to do this one, or the start that both waited for.
      const ended =
        error instanceof InterruptedError || (error instanceof Error && error.message === WORKER_ENDED);
      if (ended && !this.closing.signal.aborted) return this.submit(job, signal);
      throw ended ? new InterruptedError() : error;
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    const pool = await this.starting?.catch(() => undefined);
    await pool?.destroy();
  }

  /** Nothing is started before there is something to do. A start that failed is tried again. */
  private start(signal: AbortSignal | undefined): Promise<Tinypool> {
    const { signal: closing } = this.closing;
    this.starting ??= this.open(signal ? AbortSignal.any([signal, closing]) : closing).catch(
      (error: unknown) => {
        this.starting = undefined;
        throw error;
      },
    );
    return this.starting;
  }

  private async open(signal: AbortSignal | undefined): Promise<Tinypool> {
    const { directory, choice, weights } = this;
    const { candidates, blas } = await chooseEngines(
      choice,
      { path: directory, weights },
      this.workers,
      signal,
    );
    modelFiles(directory); // what a model lacks is said before its weights are looked at
    const [first] = candidates;
    if (first && weights) requireMemory(directory, first, weights);
    if (blas) setCoreType(blas);
    const native = candidates.some(isNative);
    if (native) this.limit = 1;
    else this.store = WeightStore.for(directory);
    const { Tinypool } = await import('tinypool');
    return new Tinypool({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: 1,
      maxThreads: this.workers,
      idleTimeout: 60_000,
      argv: [JSON.stringify({ directory, choice, candidates, blas } satisfies WorkerData)],
      ...(native ? processes() : { workerData: this.store?.buffer }),
    });
  }
}

/** Workers that are processes: what a native engine does there cannot reach this one. */
function processes() {
  return {
    runtime: 'child_process',
    serialization: 'advanced', // typed arrays stay what they are
    env: z.record(z.string(), z.string()).parse({ ...process.env }), // they would get none otherwise
  } as const;
}
