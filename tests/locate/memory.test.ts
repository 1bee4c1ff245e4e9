// What a point is reckoned to keep, by which batches are cut, against what it keeps.
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { trace } from '../../src/lm/transformer.js';
import { bytesOfPoint, integrate } from '../../src/locate/integrand.js';
import { quadrature } from '../../src/locate/quadrature.js';
import { describeOnEngines } from '../support/engines.js';
import { KINDS, readGolden } from '../support/golden.js';
import { loadGolden } from '../support/models.js';

const NODES = 32;

await describeOnEngines(KINDS, ['wasm', 'tensorflow'], (family, engine) => {
  it('from the first layer', async () => {
    const model = await loadGolden(family, engine);
    const [fact] = readGolden(family).facts;
    const prompt = model.tokenizer.encodePrompt(fact?.prompts[0]?.prompt ?? '');
    const once = trace(model.network, [prompt]);
    const before = tf.memory().numBytes;
    let kept = 0; // when the head is reached, all layers have been climbed
    const head = vi.spyOn(model.network, 'head').mockImplementation((x) => {
      kept = tf.memory().numBytes - before;
      head.mockRestore();
      return model.network.head(x);
    });
    const traced = { model, once, targets: [fact?.label ?? 0], site: 'post' as const };
    integrate(traced, [{ prompt: 0, layer: 0, ...quadrature('gauss-legendre', NODES) }]);
    const reckoned = NODES * bytesOfPoint(model, once, 0);
    tf.dispose(once);
    expect(kept).toBeGreaterThan(reckoned / 3);
    expect(kept).toBeLessThan(reckoned);
  });
});
