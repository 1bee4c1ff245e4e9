// npm run pictures: the pictures of the README, which are no tests.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['tests/pictures/pictures.ts'],
    testTimeout: 300_000,
  },
});
