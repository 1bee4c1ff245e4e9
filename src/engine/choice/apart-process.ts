// The process of `tryApart`: tries and measures the engine that its argument names, and sends what it found.
import { z } from 'zod';
import { ENGINES } from '../../spec/choices.js';
import { measureEngine } from './measure.js';

// It stays until it is ended, so that nobody notices its end before its message.
process.on('message', () => undefined);

process.send?.(await measureEngine(z.enum(ENGINES).parse(process.argv[2])));
