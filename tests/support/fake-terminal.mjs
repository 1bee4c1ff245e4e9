// Preloaded with --import: makes stdout and stderr look like a terminal of 100 columns with colours.
import { WriteStream } from 'node:tty';
import { isMainThread } from 'node:worker_threads';

const { hasColors, getColorDepth } = WriteStream.prototype;
if (isMainThread) {
  for (const stream of [process.stdout, process.stderr]) {
    Object.assign(stream, { isTTY: true, columns: 100, rows: 30, hasColors, getColorDepth });
  }
}
