// What became of a job: its result, or why there is none.
import { InputError, KnEditError } from '../errors.js';
import type { SweepJob } from './job.js';
import type { SweepFailure, SweepResult } from './result.js';
import type { LeftEdit } from './sequence/left-edit.js';

/** `left`: by an edit of a sequential sweep. `failure`: of kind `input`, it is not tried again. */
export type Outcome =
  | { job: SweepJob; result: SweepResult; left?: LeftEdit | undefined }
  | { job: SweepJob; failure: Pick<SweepFailure, 'kind' | 'message'> };

/** Of a job that threw: its fact cannot be used, or else it is a crash, which need not be the fact's fault. @throws the error when it is an interruption */
export function failed(job: SweepJob, error: unknown): Outcome {
  if (error instanceof KnEditError && error.code === 'interrupted') throw error;
  const kind = error instanceof InputError ? 'input' : 'crash';
  const message = error instanceof Error ? error.message : String(error);
  return { job, failure: { kind, message } };
}
