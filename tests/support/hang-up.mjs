// Runs the terminal UI in a terminal of its own, begins a fact there, and then, once that is kept, closes the terminal by
// ending.
import { existsSync } from 'node:fs';
import pty from '@lydell/node-pty';

const [main] = process.argv.slice(2);
const shell = `echo $$ > pid; exec '${process.execPath}' '${main}' 2> stderr`;
const { CI: _, ...env } = process.env; // ink draws nothing where it is set
const child = pty.spawn('sh', ['-c', shell], { cols: 80, rows: 24, env: { ...env, TERM: 'xterm' } });
const keys = ['/', 'write', '\r', '\r', 'Narnia', '\r'];
let screen = '';
child.onData((data) => {
  screen += data;
});
const loaded = setInterval(() => {
  if (!screen.includes('kn-mini')) return;
  clearInterval(loaded);
  setInterval(() => {
    const key = keys.shift();
    if (key !== undefined) child.write(key);
    else if (existsSync('.kn-edit/drafts/narnia.json')) process.exit();
  }, 150);
}, 50);
