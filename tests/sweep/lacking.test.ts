// A model of which no facts are known: what a sweep of it does not measure is said once, whatever it does.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { SetItem } from '../../src/sets/set.js';
import { goldenDirectory } from '../support/golden.js';
import { withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';
import { smallItems } from './runs.js';

it('says what lacks, once', async () => {
  const [item] = smallItems(1, ['capital']) as [SetItem];
  const items = ['Kazakhstan is governed from', 'Kazakhstan has its capital in'].map((prompt, i) => {
    return { ...item, id: `${i}`, fact: { ...item.fact, object: { id: 5 }, prompts: [prompt] } };
  });
  await withSession(goldenDirectory('gpt2'), async (session) => {
    const notes: string[] = [];
    const out = join(temporaryDirectory(), 'run');
    const { counts } = await session.sweep(
      items,
      { out, do: 'locate' },
      { onNote: (note) => notes.push(note) },
    );
    expect(counts).toMatchObject({ done: 2, failed: 0 });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toContain('no facts around a fact are probed');
  });
});
