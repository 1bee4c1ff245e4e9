// The process of `tryApart`: tries and measures the engine that its arguments name, and sends what it found.
import { z } from 'zod';
import { ENGINES } from '../../spec/choices.js';
import { blasSetting } from '../backends/blas/blas.js';
import { measureEngine } from './measure.js';

// It stays until it is ended, so that nobody notices its end before its message.
process.on('message', () => undefined);

const [, , engine, blas] = process.argv;
process.send?.(
  await measureEngine(z.enum(ENGINES).parse(engine), blas ? blasSetting.parse(JSON.parse(blas)) : undefined),
);
