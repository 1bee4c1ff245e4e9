// After a build in a clone: makes the program executable and puts it where `npx kn-edit` looks first. Without this, npx
// installs the clone into its own cache and builds it again.
import { chmodSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const bin = fileURLToPath(new URL('../../node_modules/.bin/kn-edit', import.meta.url));
try {
  chmodSync(program, 0o755);
  rmSync(bin, { force: true });
  symlinkSync('../../dist/cli/main.js', bin);
} catch {
  // No links on this system: npx still works, only slower.
}
