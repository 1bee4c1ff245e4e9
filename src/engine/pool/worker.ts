// The worker's side of the pool: loads the engine and the model once, then does one task after the other.
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { Tinypool } from 'tinypool';
import { z } from 'zod';
import { type ErrorData, errorData } from '../../errors.js';
import { LanguageModel } from '../../lm/language-model.js';
import type { Overlay } from '../../lm/overlay.js';
import { WeightStore } from '../../lm/weight-store.js';
import { silenceLibraries } from '../../quiet.js';
import { ENGINE_CHOICES, ENGINES } from '../../spec/choices.js';
import { blasSetting } from '../backends/blas/blas.js';
import type { EngineReport } from '../backends/report.js';
import { prepareEngine } from '../choice/prepare.js';
import { type TaskInput, type TaskName, type TaskOutput, tasks } from './tasks.js';

export interface Job<K extends TaskName = TaskName> {
  task: K;
  input: TaskInput<K>;
  /** The state of the model in which the task is to be done. */
  overlay: Overlay;
}

export type JobResult<K extends TaskName = TaskName> =
  | { ok: true; value: TaskOutput<K>; engine: EngineReport }
  | { ok: false; error: ErrorData };

/** What a worker is started with: its only argument, as JSON, because threads and processes both have arguments. */
const workerData = z.object({
  directory: z.string(),
  choice: z.enum(ENGINE_CHOICES),
  candidates: z.array(z.enum(ENGINES)),
  blas: blasSetting.optional(),
});
export type WorkerData = z.infer<typeof workerData>;

silenceLibraries();
if (!Tinypool.isWorkerThread) {
  // Ctrl-C reaches every process of a terminal. What it means for the work is the main process's to say.
  process.on('SIGINT', () => undefined);
  // A native library greets on stderr, which is the user's screen. What goes wrong here goes back as data.
  closeSync(2);
  openSync(devNull, 'w'); // takes the lowest number that is free
}

let loading: Promise<{ model: LanguageModel; engine: EngineReport }> | undefined;

async function load(): Promise<{ model: LanguageModel; engine: EngineReport }> {
  const { directory, choice, candidates, blas } = workerData.parse(JSON.parse(process.argv[2] ?? ''));
  const engine = await prepareEngine(choice, candidates, blas);
  const shared: unknown = process.__tinypool_state__.workerData; // a process has none
  const store = shared instanceof SharedArrayBuffer ? new WeightStore(shared) : undefined;
  return { model: LanguageModel.load(directory, store), engine };
}

/** Does one job. Errors come back as data: classes do not survive the way between threads. */
export default async function work<K extends TaskName>(job: Job<K>): Promise<JobResult<K>> {
  try {
    loading ??= load();
    const { model, engine } = await loading;
    model.use(job.overlay);
    const run = tasks[job.task] as (model: LanguageModel, input: TaskInput<K>) => TaskOutput<K>;
    return { ok: true, value: run(model, job.input), engine };
  } catch (error) {
    return { ok: false, error: errorData(error) };
  }
}
