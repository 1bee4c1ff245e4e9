// kn-edit's own side of `npm run bench:peers`: one turn per line of standard input, as a pool of workers does it for users.
import { createInterface } from 'node:readline';
import { isNative } from '../../engine/backends/native.js';
import { attributeMany } from '../../engine/pool/attributions.js';
import { ModelPool } from '../../engine/pool/pool.js';
import { errorData } from '../../errors.js';
import { NO_OVERLAY } from '../../lm/overlay.js';
import type { AttributionSettings } from '../../locate/score-map.js';
import { stopwatch } from '../watch.js';
import { type OwnJob, ownJobSchema, type Ready, type Turn } from './turns.js';

const SETTINGS: AttributionSettings = { rule: 'adaptive', steps: 20, tolerance: 1e-3, site: 'post' };

async function takeTurns({ model, engine, threads, question }: OwnJob): Promise<void> {
  const pool = new ModelPool(model, engine, threads);
  try {
    const task = { overlay: NO_OVERLAY };
    const info = await pool.run('describe', {}, task);
    const attribute = async () => {
      const [map] = attributeMany(
        (name, input) => pool.run(name, input, task),
        pool.workers,
        info,
        [question],
        SETTINGS,
      );
      if (!map) throw new Error('no score map was computed');
      return map;
    };
    const { prob, completeness } = await attribute(); // warm
    say({
      versions: `${engine}: ${pool.engine?.detail ?? ''}`,
      threads: pool.workers,
      prob,
      residual: Math.max(...completeness.map(({ residual }) => residual)),
      nodes: completeness.reduce((sum, { nodes }) => sum + nodes, 0) / completeness.length,
    });
    for await (const _ of createInterface({ input: process.stdin })) {
      const watch = stopwatch();
      await attribute();
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
