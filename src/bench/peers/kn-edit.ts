// kn-edit's own side of `npm run bench:peers`: one turn per line of standard input, as a pool of workers does it for users.
import { createInterface } from 'node:readline';
import { isNative } from '../../engine/backends/native.js';
import { ModelPool } from '../../engine/pool/pool.js';
import { errorData } from '../../errors.js';
import { attributePooled, describe } from '../pooled.js';
import { summaryOf } from '../summary.js';
import { stopwatch } from '../watch.js';
import { type OwnJob, ownJobSchema, type Ready, type Turn } from './turns.js';

async function takeTurns({ model, engine, threads, question }: OwnJob): Promise<void> {
  const pool = new ModelPool(model, engine, threads);
  try {
    const info = await describe(pool);
    const map = await attributePooled(pool, info, question); // warm
    say({
      versions: `${engine}: ${pool.engine?.detail ?? ''}`,
      threads: pool.workers,
      prob: map.prob,
      ...summaryOf(map),
    });
    for await (const _ of createInterface({ input: process.stdin })) {
      const watch = stopwatch();
      await attributePooled(pool, info, question);
      const times = watch();
      say(isNative(engine) ? { ...times, cpuSeconds: null } : times);
    }
  } finally {
    await pool.close();
  }
}

function say(answer: Ready | Turn): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

try {
  await takeTurns(ownJobSchema.parse(JSON.parse(process.argv[2] ?? '')));
} catch (error) {
  process.stderr.write(`${errorData(error).message}\n`);
  process.exitCode = 1;
}
