// A process that opens the ledger it is told of, at the moment it is told, and says how that went.
import { setTimeout } from 'node:timers/promises';
import { Ledger } from '../../dist/ledger/ledger.js';

const KEY = { state: String(process.pid), prompt: '[MASK]', target: '1', rule: 'trapezoid-3', site: 'post' };

process.on('message', async ({ path, at }) => {
  while (Date.now() < at);
  try {
    const ledger = Ledger.open(path);
    ledger.scoreMaps.keep([[KEY, { prob: 0.5, scores: new Float32Array(4), completeness: [] }]]);
    process.send('opened');
    await setTimeout(20);
    ledger.close();
  } catch (error) {
    process.send(error.message);
  }
});
process.send('ready');
