// How fast this machine multiplies matrices, for estimates of time. Measured once per engine, in a thread of its own.
import { Tinypool } from 'tinypool';
import { type ErrorData, errorFromData } from '../errors.js';
import type { EngineChoice } from './engine.js';

export type Measured = { ok: true; flops: number } | { ok: false; error: ErrorData };

const known = new Map<EngineChoice, Promise<number>>();

/**
 * Floating point operations a second of one worker.
 * @throws InputError when the engine is not to be had
 */
export function throughput(engine: EngineChoice): Promise<number> {
  const found = known.get(engine) ?? measure(engine);
  known.set(engine, found);
  return found;
}

async function measure(engine: EngineChoice): Promise<number> {
  const filename = new URL('./throughput-worker.js', import.meta.url).href;
  const pool = new Tinypool({ filename, minThreads: 1, maxThreads: 1 });
  try {
    const measured = (await pool.run(engine)) as Measured;
    if (!measured.ok) throw errorFromData(measured.error);
    return measured.flops;
  } finally {
    await pool.destroy();
  }
}
