// The worker pool: shared prompts, memory, and that it stops in the middle of its work.
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { availableMemory } from '../../dist/engine/choice/available.js';
import { workersThatFit } from '../../dist/engine/choice/memory.js';
import { ModelPool } from '../../dist/engine/pool/pool.js';
import { attributeShared, type RunTask, shareLayers } from '../../dist/engine/pool/share.js';
import { weightBytes } from '../../dist/lm/files.js';
import { NO_OVERLAY } from '../../dist/lm/overlay.js';
import { questionsOf } from '../../dist/lm/prompt.js';
import { half, rewritten, type Tensor } from '../support/checkpoints.js';
import { goldenDirectory } from '../support/golden.js';
import { KN_MINI } from '../support/models.js';

const task = { overlay: NO_OVERLAY };
const settings = { rule: 'adaptive', steps: 20, tolerance: 1e-3, site: 'post' } as const;

describe('a pool', () => {
  let pool: ModelPool;
  afterEach(() => pool.close());

  async function question() {
    const { prompts, targets } = await pool.run(
      'encode',
      {
        prompts: [{ field: '', value: 'The capital of Kazakhstan is [MASK].' }],
        targets: [{ field: '', value: 'Almaty' }],
      },
      task,
    );
    const [prompt] = prompts;
    const [target] = targets;
    const [asked] = prompt && target ? questionsOf(prompt, target) : [];
    if (!prompt || !asked) throw new Error('not encoded');
    return { prompt, asked };
  }

  it('gives the same map whether one worker does it or several share it', async () => {
    pool = new ModelPool(KN_MINI, 'wasm', 2);
    const { asked } = await question();
    const [alone] = await pool.run('attribute', { questions: [asked], settings }, task);
    if (!alone) throw new Error('no map');
    const run: RunTask = (name, part) => pool.run(name, part, task);
    const shared = await attributeShared(run, 2, 4, asked, settings);
    expect(shared.prob).toBe(alone.prob);
    expect(shared.completeness.map(({ nodes }) => nodes)).toEqual(
      alone.completeness.map(({ nodes }) => nodes),
    );
    const largest = Math.max(...alone.scores.map(Math.abs));
    shared.scores.forEach((score, i) => {
      expect(Math.abs(score - (alone.scores[i] ?? 0))).toBeLessThan(1e-5 * largest);
    });
  });

  it('stops all workers in the middle of their work', async () => {
    pool = new ModelPool(KN_MINI, 'auto', 2);
    const { prompt, asked } = await question();
    const endless = { ...settings, rule: 'gauss-legendre', steps: 20_000 } as const;
    const abort = new AbortController();
    const options = { ...task, signal: abort.signal };
    const running = [1, 2, 3].map(() =>
      pool.run('attribute', { questions: [asked], settings: endless }, options),
    );
    const ended = Promise.allSettled(running);
    await setTimeout(2000); // both are busy, the third one waits
    abort.abort();
    for (const end of await ended) {
      expect(end).toMatchObject({ status: 'rejected', reason: { name: 'InterruptedError' } });
    }
    const computing = async () => {
      const before = process.cpuUsage();
      await setTimeout(500);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    // Threads take a moment to end; the work itself would have taken minutes.
    await vi.waitFor(async () => expect(await computing()).toBeLessThan(100), 20_000);
    const [answer] = await pool.run('probe', { probes: [{ prompt, ask: [] }], top: 1 }, task);
    expect(answer?.top[0]?.token).toBe('Almaty');
  });
});

describe('sharing layers out', () => {
  it('leaves no layer out, and gives every worker about as much to do', () => {
    for (const [layers, count] of [
      [12, 2],
      [12, 4],
      [4, 8],
      [24, 3],
    ] as const) {
      const groups = shareLayers(layers, count);
      expect(groups).toHaveLength(Math.min(layers, count));
      expect(groups.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: layers }, (_, i) => i));
      if (layers <= count) continue;
      const work = groups.map((own) => own.reduce((sum, layer) => sum + layers - layer, 0));
      expect(Math.max(...work) / Math.min(...work)).toBeLessThan(1.2);
    }
  });
});

describe('memory', () => {
  it('of the weights is what they are stored in', () => {
    const bytes = weightBytes(goldenDirectory('gpt2'));
    expect(bytes.stored).toBe(bytes.floats);
    expect(weightBytes(rewritten('gpt2', { shards: 3 }))).toEqual(bytes);
    const tensors = (all: Tensor[]) => all.map((one) => half(one, 'BF16'));
    expect(weightBytes(rewritten('gpt2', { tensors }))).toEqual({ ...bytes, stored: bytes.floats / 2 });
    const mask: Tensor = { name: 'mask', shape: [9], dtype: 'BOOL', bytes: Buffer.alloc(9) };
    expect(weightBytes(rewritten('gpt2', { tensors: (all) => [...all, mask] }))).toEqual(bytes);
  });

  it('limits the number of workers, which share the weights', () => {
    const all = availableMemory();
    const weights = (share: number) => ({ floats: 2 * share * all, stored: share * all });
    expect(workersThatFit('wasm', weights(1.1))).toBe(0);
    expect(workersThatFit('tensorflow', weights(0.6))).toBe(0);
    const more = workersThatFit('wasm', weights(0.1));
    expect(more).toBeGreaterThan(workersThatFit('wasm', weights(0.5)));
    expect(workersThatFit('wasm', weights(0.5))).toBeGreaterThan(workersThatFit('tensorflow', weights(0.35)));
  });
});
