// The main thread's side of the pool: hands tasks to workers and turns what comes back into values and errors.
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { Tinypool } from 'tinypool';
import { z } from 'zod';
import { errorFromData, InterruptedError } from '../errors.js';
import type { Overlay } from '../lm/overlay.js';
import { chooseEngines } from './choose.js';
import type { EngineChoice, EngineReport } from './engine.js';
import { workerBytes, workersThatFit } from './memory.js';
import type { TaskInput, TaskName, TaskOutput } from './tasks.js';
import { isNative } from './tensorflow/packages.js';
import type { Job, JobResult, WorkerData } from './worker.js';

export interface RunOptions {
  /** State of the model in which the task is done. */
  overlay: Overlay;
  /** Stops the task by ending its worker; the next task starts a fresh one. */
  signal?: AbortSignal | undefined;
}

/** Workers that each hold the same model. Every task says in which state of the model it wants to be done. */
export class ModelPool {
  private starting: Promise<Tinypool> | undefined;
  private limit: number | undefined;
  /** The engine that the workers use; known after the first task. */
  engine: EngineReport | undefined;

  /**
   * @param directory checkpoint directory
   * @param wanted at most this many threads; each has its own copy of the model, so the memory is another limit. A native
   *   engine brings its own threads, and works in one process
   */
  constructor(
    private readonly directory: string,
    private readonly choice: EngineChoice,
    private readonly wanted = availableParallelism(),
  ) {}

  /** Threads that may work at the same time. @throws InputError when there is no checkpoint to be read */
  get workers(): number {
    const engine = this.choice === 'auto' ? undefined : this.choice;
    this.limit ??= Math.min(this.wanted, workersThatFit(workerBytes(this.directory, engine)));
    return this.limit;
  }

  /**
   * Does one task on the next free worker.
   * @throws InterruptedError when the signal fires; otherwise whatever the task throws
   */
  async run<K extends TaskName>(task: K, input: TaskInput<K>, options: RunOptions): Promise<TaskOutput<K>> {
    if (options.signal?.aborted) throw new InterruptedError();
    const job: Job<K> = { task, input, overlay: options.overlay };
    if (options.signal) setMaxListeners(0, options.signal); // a fact's prompts wait in the queue together
    let result: JobResult<K>;
    try {
      const pool = await this.start(options.signal);
      result = (await pool.run(job, { signal: options.signal ?? null })) as JobResult<K>;
    } catch (error) {
      if (options.signal?.aborted) throw new InterruptedError();
      // The signal of another task ended the start that both were waiting for.
      if (error instanceof InterruptedError) return this.run(task, input, options);
      throw error;
    }
    if (!result.ok) throw errorFromData(result.error);
    this.engine = result.engine;
    return result.value;
  }

  async close(): Promise<void> {
    const pool = await this.starting?.catch(() => undefined);
    await pool?.destroy();
  }

  /** Nothing is started before there is something to do. A start that failed is tried again. */
  private start(signal: AbortSignal | undefined): Promise<Tinypool> {
    this.starting ??= this.open(signal).catch((error: unknown) => {
      this.starting = undefined;
      throw error;
    });
    return this.starting;
  }

  private async open(signal: AbortSignal | undefined): Promise<Tinypool> {
    const { directory, choice } = this;
    const candidates = await chooseEngines(choice, signal);
    const native = candidates.some(isNative);
    return new Tinypool({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: 1,
      maxThreads: native ? 1 : this.workers,
      idleTimeout: 60_000,
      argv: [JSON.stringify({ directory, choice, candidates } satisfies WorkerData)],
      ...(native && processes()),
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
