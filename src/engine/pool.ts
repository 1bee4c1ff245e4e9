// The main thread's side of the pool: hands tasks to workers and turns what comes back into values and errors.
import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { Tinypool } from 'tinypool';
import { errorFromData, InterruptedError } from '../errors.js';
import type { Overlay } from '../lm/overlay.js';
import type { EngineChoice, EngineReport } from './engine.js';
import { workerBytes, workersThatFit } from './memory.js';
import type { TaskInput, TaskName, TaskOutput } from './tasks.js';
import type { Job, JobResult } from './worker.js';

/** Tinypool's word for a worker that it ends, which is what stopping a task comes to. */
const WORKER_ENDED = 'Terminating worker thread';

export interface RunOptions {
  /** State of the model in which the task is done. */
  overlay: Overlay;
  /** Stops the task by ending its worker; the next task starts a fresh one. */
  signal?: AbortSignal | undefined;
}

/** Workers that each hold the same model. Every task says in which state of the model it wants to be done. */
export class ModelPool {
  private pool: Tinypool | undefined;
  private closed = false;
  private limit: number | undefined;
  /** The engine that the workers use; known after the first task. */
  engine: EngineReport | undefined;

  /**
   * @param directory checkpoint directory
   * @param wanted at most this many threads; each has its own copy of the model, so the memory is another limit
   */
  constructor(
    private readonly directory: string,
    private readonly choice: EngineChoice,
    private readonly wanted = availableParallelism(),
  ) {}

  /** Threads that may work at the same time. */
  get workers(): number {
    this.limit ??= Math.min(this.wanted, this.affordable());
    return this.limit;
  }

  private affordable(): number {
    try {
      const engine = this.choice === 'auto' ? undefined : this.choice;
      return workersThatFit(workerBytes(this.directory, engine));
    } catch {
      return 1; // what is wrong with the checkpoint is the worker's to say
    }
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
    try {
      return (await this.start().run(job, { signal: signal ?? null })) as JobResult<K>;
    } catch (error) {
      if (signal?.aborted) throw new InterruptedError();
      // The worker was being ended for another task that was stopped; a fresh one does this one.
      const ended = error instanceof Error && error.message === WORKER_ENDED;
      if (ended && !this.closed) return this.submit(job, signal);
      throw ended ? new InterruptedError() : error;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.pool?.destroy();
  }

  /** No thread is started before there is something to do. */
  private start(): Tinypool {
    this.pool ??= new Tinypool({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: 1,
      maxThreads: this.workers,
      idleTimeout: 60_000,
      workerData: { directory: this.directory, engine: this.choice },
    });
    return this.pool;
  }
}
