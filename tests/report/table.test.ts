// Tables and lines on narrow terminals: what tells the rows apart stays, and nothing is wider than the page.
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { cutTexts } from '../../src/report/cut.js';
import { wrapLines } from '../../src/report/page.js';
import { table } from '../../src/report/table.js';
import { roleText } from '../../src/report/words.js';

const CAPITALS = ['France', 'Kazakhstan', 'Bosnia and Herzegovina', 'Japan'].map(
  (name) => `The capital of ${name} is [MASK].`,
);

describe('texts that are cut', () => {
  it('keep the subject, of which they speak alike', () => {
    const three = CAPITALS.filter((text) => !text.includes('Bosnia'));
    expect(cutTexts(three, 20)).toEqual([
      '… capital of France…',
      '…ital of Kazakhstan…',
      '…e capital of Japan…',
    ]);
    expect(cutTexts(CAPITALS, 28)[2]).toBe('… of Bosnia and Herzegovina…');
    const mixed = [...CAPITALS, 'The currency of Japan is the [MASK].'];
    expect(cutTexts(mixed, 26).slice(3)).toEqual([
      'The capital of Japan is […',
      '…currency of Japan is the…',
    ]);
  });

  it('are left alone where there is room, and cut at their ends where they have nothing in common', () => {
    expect(cutTexts(CAPITALS, 80)).toEqual(CAPITALS);
    expect(cutTexts(['one thing or another', 'something else at all'], 10)).toEqual([
      'one thing…',
      'something…',
    ]);
    expect(cutTexts(['the same text', 'the same text'], 8)).toEqual(['the sam…', 'the sam…']);
    expect(cutTexts(['a', 'ab', 'abc'], 2)).toEqual(['a', 'ab', 'a…']);
  });

  it('are measured as they are shown', () => {
    const [first = '', second = ''] = cutTexts(['日本の首都は[MASK]です。', '英国の首都は[MASK]です。'], 10);
    expect([stringWidth(first), stringWidth(second)].every((width) => width <= 10)).toBe(true);
    expect([first.includes('日本'), second.includes('英国')]).toEqual([true, true]);
  });
});

describe('a table of 60 columns', () => {
  const columns = [{ title: 'prompt', shrinks: true }, { title: 'before' }, { title: 'after' }];
  it('names every subject', () => {
    const rows = CAPITALS.map((prompt) => [prompt, 'Almaty 98.3%', 'Astana 97.1%']);
    const lines = table(columns, rows, 46).split('\n');
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(46);
    for (const name of ['France', 'Kazakhstan', 'Japan']) expect(lines.join('\n')).toContain(name);
  });

  it('may have any number of rows, and cells with line feeds stay on their lines', () => {
    const rows = Array.from({ length: 130_000 }, (_, i) => [`row ${i}\n`]);
    expect(table([{ title: 'row' }], rows, 30).split('\n')).toHaveLength(130_001);
  });
});

it('lines that are too wide go on below, further in', () => {
  const line = ' efficacy 100%, paraphrase 87.5%, neighbourhood 100%, harmonic mean 95.5%';
  expect(wrapLines(line, 40).split('\n')).toEqual([
    ' efficacy 100%, paraphrase 87.5%,',
    '  neighbourhood 100%, harmonic mean',
    '  95.5%',
  ]);
  const coloured = `\u001b[32m${'good '.repeat(20)}\u001b[39m`;
  for (const part of wrapLines(coloured, 30).split('\n')) expect(stringWidth(part)).toBeLessThanOrEqual(30);
  expect(wrapLines(line, Number.POSITIVE_INFINITY)).toBe(line);
});

it('neighbourhood has one spelling on screen', () => {
  expect(roleText('neighborhood')).toBe('neighbourhood');
});
