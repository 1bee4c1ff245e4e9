// One prompt put to a model as users do it, in a process of its own, so that its peak memory is its own: node prompt.js
// JSON -> JSON on stdout.
import { errorData } from '../../errors.js';
import { Session } from '../../session/session.js';
import { summaryOf } from '../summary.js';
import { peakBytes, stopwatch } from '../watch.js';
import { type Job, jobSchema, type Result } from './job.js';

async function ask({ model, prompt, target, engine, workers }: Job): Promise<Result> {
  const session = new Session({ model, engine, workers, base: true });
  try {
    const loading = stopwatch();
    await session.model();
    const { seconds: loadSeconds } = loading();
    const rule = { rule: 'adaptive', tolerance: 1e-3 } as const;
    const asking = stopwatch();
    const map = await session.attribute(prompt, { id: target }, rule);
    const times = asking();
    return {
      engine: session.engine?.engine ?? '',
      versions: session.engine?.detail ?? '',
      workers: session.capacity?.count ?? 0,
      loadSeconds,
      ...times,
      ...summaryOf(map),
      peakBytes: peakBytes(),
    };
  } finally {
    await session.close();
  }
}

try {
  process.stdout.write(`${JSON.stringify(await ask(jobSchema.parse(JSON.parse(process.argv[2] ?? ''))))}\n`);
} catch (error) {
  process.stderr.write(`${errorData(error).message}\n`);
  process.exitCode = 1;
}
