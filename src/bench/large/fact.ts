// A fact located in a model as users do it, in a process of its own, so that its peak memory is its own: node fact.js
// JSON -> JSON on stdout.
import { errorData } from '../../errors.js';
import { Session } from '../../session/session.js';
import { summaryOf } from '../summary.js';
import { peakBytes, stopwatch } from '../watch.js';
import { type Job, jobSchema, type Result } from './job.js';

async function locate({ model, prompts, target, engine, workers }: Job): Promise<Result> {
  const session = new Session({ model, engine, workers, base: true });
  try {
    const loading = stopwatch();
    await session.model();
    const { seconds: loadSeconds } = loading();
    const fact = { subject: 'a country', relation: 'capital', object: { id: target }, prompts };
    const locating = stopwatch();
    const localization = await session.locate(fact);
    const times = locating();
    return {
      engine: session.engine?.engine ?? '',
      versions: session.engine?.detail ?? '',
      workers: session.capacity?.count ?? 0,
      loadSeconds,
      ...times,
      ...summaryOf(...localization.prompts),
      peakBytes: peakBytes(),
    };
  } finally {
    await session.close();
  }
}

try {
  process.stdout.write(
    `${JSON.stringify(await locate(jobSchema.parse(JSON.parse(process.argv[2] ?? ''))))}\n`,
  );
} catch (error) {
  process.stderr.write(`${errorData(error).message}\n`);
  process.exitCode = 1;
}
