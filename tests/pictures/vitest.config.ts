// npm run pictures and npm run bench:frames: what is made from the running program, and is no test.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['tests/pictures/pictures.ts', 'tests/pictures/frames.ts'],
    testTimeout: 1_200_000,
  },
});
