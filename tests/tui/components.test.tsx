// The parts of the terminal UI, each alone: what they show, and what keys make of them.
import fc from 'fast-check';
import { useState } from 'react';
import stringWidth from 'string-width';
import { describe, expect, test, vi } from 'vitest';
import { VERDICTS } from '../../src/probe/verdict.js';
import { STEPS } from '../../src/tui/bench.js';
import { Footer, noticeLines } from '../../src/tui/components/frame.js';
import { Help } from '../../src/tui/components/help.js';
import { firstShown, List } from '../../src/tui/components/list.js';
import { Palette } from '../../src/tui/components/palette.js';
import { Question, questionHeight } from '../../src/tui/components/question.js';
import { TextField, type TextFieldProps, visible } from '../../src/tui/components/text-field.js';
import { useKeys } from '../../src/tui/hooks/keyboard.js';
import { useCursor } from '../../src/tui/hooks/use-cursor.js';
import { Text } from '../../src/tui/ink.js';
import { KEYS, keyGroups, keySigns, type Scope } from '../../src/tui/keys.js';
import { renderAtDesk } from '../support/desk.js';

const LEFT = '\u001b[D';
const DOWN = '\u001b[B';
const UP = '\u001b[A';

describe('text field', () => {
  function field(value = '', more: Partial<TextFieldProps> = {}) {
    const tell = vi.fn();
    const onSubmit = vi.fn();
    const onCancel = vi.fn();
    const onChange = vi.fn();
    const props = { label: 'object', value, width: 30, onSubmit, onCancel, onChange };
    return { ...renderAtDesk(<TextField {...props} {...more} />, { tell }), ...props, tell };
  }

  test('takes what is typed, in the middle too, character by character', async () => {
    const { type, onSubmit, onChange, lastFrame } = field('北京');
    await type('e\u0301', LEFT, LEFT, '市', '\r');
    expect(onSubmit).toHaveBeenCalledWith('北市京e\u0301');
    expect(onChange).toHaveBeenLastCalledWith('北市京e\u0301', false);
    expect(lastFrame()).toBe('object 北市▏京e\u0301');
  });

  test('takes a character away, whole', async () => {
    const { type, onSubmit } = field('a👩‍🔬');
    await type('\u007f', '\r');
    expect(onSubmit).toHaveBeenCalledWith('a');
  });

  test('takes changes back, the last one first', async () => {
    const { type, onChange, onSubmit } = field('one two');
    await type('\u0017', 'x', '\u001f', '\u001bu', '\u001f', '\r');
    expect(onChange.mock.calls.map(([text]) => text)).toEqual(['one ', 'one x', 'one ', 'one two']);
    expect(onSubmit).toHaveBeenCalledWith('one two');
  });

  test('puts proposals in the place of what was typed, and that back again', async () => {
    const { type, onChange, onSubmit, lastFrame } = field('', { proposals: ['Paris', 'Prague'] });
    await type('P', DOWN, DOWN, DOWN);
    expect(lastFrame()).toContain('Prague');
    await type(UP, UP);
    expect(lastFrame()).toContain('object P');
    await type(DOWN, '!', '\r');
    expect(onChange.mock.calls).toEqual([
      ['P', false],
      ['Paris', true],
      ['Prague', true],
      ['Paris', true],
      ['P', false],
      ['Paris', true],
      ['Paris!', false],
    ]);
    expect(onSubmit).toHaveBeenCalledWith('Paris!');
  });

  test('is left by tab and shift+tab, with what it holds', async () => {
    const onLeave = vi.fn();
    const { type } = field('one', { onLeave });
    await type(' two', '\t', '\u001b[Z');
    expect(onLeave.mock.calls).toEqual([
      ['one two', 1],
      ['one two', -1],
    ]);
  });

  test('hands over several lines when they are pasted, where it takes them', async () => {
    const { type, onSubmit } = field('', { takesLines: true });
    await type('\u001b[200~one\r\ntwo\u0007\r\u001b[201~');
    expect(onSubmit).toHaveBeenCalledWith('one\ntwo');
  });

  test('makes one line of several elsewhere, and says so', async () => {
    const { type, onSubmit, tell } = field();
    await type('\u001b[200~one\r\n\ttwo\nthree\r\u001b[201~', '\r');
    expect(onSubmit.mock.calls).toEqual([['one  two three']]);
    expect(tell).toHaveBeenCalledWith(expect.stringContaining('line breaks'));
  });

  test('takes coloured text without its colours', async () => {
    const { type, onSubmit } = field();
    await type('\u001b[200~error: \u001b[31mred\u001b[0m\u001b]0;title\u0007\u001b[201~', '\r');
    expect(onSubmit).toHaveBeenCalledWith('error: red');
  });

  test('keeps the joiners that a word is written with', async () => {
    const { type, onSubmit } = field();
    await type('می\u200cخواهم', '\u001b[200~ 👩\u200d🔬\u001b[201~', '\r');
    expect(onSubmit).toHaveBeenCalledWith('می\u200cخواهم 👩\u200d🔬');
  });

  test.each([
    ['ctrl+u and text after it', ['\u0015Paris'], 'Paris'],
    ['ctrl+w', ['\u0017'], 'one two '],
    ['alt+backspace, twice', ['\u001b\u007f\u001b\u007f'], 'one '],
    ['ctrl+a, ctrl+k', ['\u0001\u000b', 'x'], 'x'],
    ['delete at the start', ['\u001b[H\u001b[3~'], 'ne two three'],
    ['delete at the end', ['\u001b[3~'], 'one two three'],
    ['ctrl+left, text', ['\u001b[1;5DX'], 'one two Xthree'],
    ['alt+left twice, ctrl+right, text', ['\u001b[1;3D\u001bb\u001b[1;5CX'], 'one twoX three'],
    ['esc and text at once', ['x\u001bq'], undefined],
    ['alt+d at the start', ['\u0001\u001bd'], ' two three'],
    ['shift+tab and unknown keys', ['\u001b[Z\u001b[31m\u001b[15~'], 'one two three'],
  ])('edits: %s', async (_, keys, text) => {
    const { type, onSubmit, onCancel } = field('one two three');
    await type(...keys);
    if (text === undefined) {
      expect(onCancel).toHaveBeenCalledOnce();
      return;
    }
    await type('\r');
    expect(onSubmit).toHaveBeenCalledWith(text);
  });

  test('joins an accent to the character before it', async () => {
    const { type, lastFrame, onSubmit } = field('cafe');
    await type('\u0301', LEFT);
    expect(lastFrame()).toBe('object caf▏e\u0301');
    await type('\u001b[3~', '\r');
    expect(onSubmit).toHaveBeenCalledWith('caf');
  });

  test('shows what is left and right of the cursor', async () => {
    const { type, lastFrame } = field('The capital of Kazakhstan is [MASK].');
    await type(LEFT.repeat(18));
    await vi.waitFor(() => expect(lastFrame()).toBe('object tal of Kaz▏akhstan is'));
  });

  test('takes keys apart that come in one piece', async () => {
    const { type, onSubmit } = field();
    await type('Pariss\u007f\r');
    expect(onSubmit).toHaveBeenCalledWith('Paris');
  });

  test('leaves things as they are on esc', async () => {
    const { type, onSubmit, onCancel } = field('Paris');
    await type('x', '\u001b');
    expect(onCancel).toHaveBeenCalledOnce();
    expect(onSubmit).not.toHaveBeenCalled();
  });

  test('shows the part around the cursor, never more than there is room for', () => {
    const character = fc.constantFrom('a', 'é', '北', '👩‍🔬', ' ');
    const property = fc.property(
      fc.array(character, { maxLength: 60 }),
      fc.nat(60),
      fc.integer({ min: 4, max: 40 }),
      (text, place, room) => {
        const at = Math.min(place, text.length);
        const { before, under, after } = visible(text, at, room);
        expect(stringWidth(before + under + after)).toBeLessThanOrEqual(room);
        expect(under).toBe(text[at] ?? ' ');
        expect(text.slice(0, at).join('').endsWith(before)).toBe(true);
        expect(
          text
            .slice(at + 1)
            .join('')
            .startsWith(after),
        ).toBe(true);
      },
    );
    fc.assert(property, { numRuns: 300, seed: 1 });
  });
});

describe('keys that come in one piece', () => {
  function Notes() {
    const [typing, setTyping] = useState(false);
    const [said, setSaid] = useState<string[]>([]);
    const say = (text: string) => setSaid((all) => [...all, text]);
    useKeys('table', { filter: () => setTyping(true) }, !typing);
    useKeys('fact', { next: () => say('next') }, !typing);
    const submit = (text: string) => {
      say(text);
      setTyping(false);
    };
    return typing ? (
      <TextField label="search" width={30} onSubmit={submit} onCancel={() => setTyping(false)} />
    ) : (
      <Text>{said.join(', ')}</Text>
    );
  }

  test('reach whom they are meant for, each in its turn', async () => {
    const { type, lastFrame } = renderAtDesk(<Notes />);
    await type('n/new\rn/n\rn');
    await vi.waitFor(() => expect(lastFrame()).toBe('next, new, next, n, next'), 10_000);
  });

  test('are taken in however many they are, in their order', async () => {
    const { type, lastFrame } = renderAtDesk(<Notes />);
    await type(`${'x'.repeat(200)}n${'/ab\r'.repeat(60)}${'x'.repeat(200)}n`);
    const said = ['next', ...Array(60).fill('ab'), 'next'].join(', ');
    await vi.waitFor(() => expect(lastFrame()?.replaceAll('\n', ' ')).toBe(said), 10_000);
  });

  test('are no keys when they are pasted', async () => {
    const { type, lastFrame } = renderAtDesk(<Notes />);
    await type('\u001b[200~n/n\rn\u001b[201~', 'n');
    expect(lastFrame()).toBe('next');
  });
});

describe('list', () => {
  function Numbers() {
    const [cursor] = useCursor(20, 5, true);
    const rows = Array.from({ length: 20 }, (_, i) => `row ${i}`);
    return <List rows={rows} cursor={cursor} active width={20} height={5} />;
  }

  test('follows the keys, those too that come together', async () => {
    const { type, lastFrame } = renderAtDesk(<Numbers />);
    await type('jj', DOWN);
    expect(lastFrame()).toContain('❯ row 3');
    await type('G');
    expect(lastFrame()?.split('\n')).toEqual(['  row 15', '  row 16', '  row 17', '  row 18', '❯ row 19']);
    await type('k', 'g');
    expect(lastFrame()).toContain('❯ row 0');
  });

  test('keeps the cursor in sight', () => {
    const property = fc.property(
      fc.nat(50),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 30 }),
      (at, count, height) => {
        const cursor = Math.min(at, count - 1);
        const first = firstShown(cursor, count, height);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(cursor - first).toBeGreaterThanOrEqual(0);
        expect(cursor - first).toBeLessThan(height);
      },
    );
    fc.assert(property, { seed: 1 });
  });
});

describe('question', () => {
  test('waits for y or n', async () => {
    const onAnswer = vi.fn();
    const { type } = renderAtDesk(<Question lines={['Take it back?']} width={40} onAnswer={onAnswer} />);
    await type('x', 'y');
    expect(onAnswer.mock.calls).toEqual([[true]]);
  });

  test.each([undefined, 'apply'])('is read whole, in as many lines as it says (word: %s)', (word) => {
    const lines = [
      'It is refused for what it harms: 2 regressions. Applied all the same, it can be reverted.',
      'The value vectors of other edits stay as they are.',
    ];
    const question = { lines, word, width: 80 };
    const frame = renderAtDesk(<Question {...question} onAnswer={() => {}} />).lastFrame() ?? '';
    expect(frame.replace(/\s+/g, ' ')).toContain(lines.join(' '));
    const room = word === undefined ? 0 : 1; // for saying that it was another word
    expect(frame.split('\n').length + room).toBe(questionHeight(question));
  });

  test('of no end is seen to be cut', () => {
    const question = { lines: ['edit 1, '.repeat(100)], width: 80 };
    const frame = renderAtDesk(<Question {...question} onAnswer={() => {}} />).lastFrame() ?? '';
    expect(frame).toContain('…');
    expect(questionHeight(question)).toBe(5);
  });

  test('wants its word, when it has one', async () => {
    const onAnswer = vi.fn();
    const { type, lastFrame } = renderAtDesk(
      <Question lines={['3 probes changed']} word="apply" width={40} onAnswer={onAnswer} />,
    );
    await type('yes', '\r');
    expect(onAnswer).not.toHaveBeenCalled();
    expect(lastFrame()).toContain('that is not "apply"');
    await type('\u007f', '\u007f', '\u007f', 'apply', '\r');
    expect(onAnswer.mock.calls).toEqual([[true]]);
  });
});

/** A line of the palette. */
const line = (signs: string, does: string) => {
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^. ${escaped(signs)} +${escaped(does)}$`, 'm');
};

test('the palette says so where nothing has the words', async () => {
  const { type, lastFrame } = renderAtDesk(
    <Palette scope="fact" onClose={() => {}} width={80} height={18} />,
  );
  await type('teleport');
  expect(lastFrame()).toContain('nothing that can be done here has these words');
});

const SCOPES = (Object.keys(KEYS) as Scope[]).filter((scope) => scope !== 'everywhere');

describe('help', () => {
  test.each(SCOPES)('and palette of %s have the same keys', (scope) => {
    const help = renderAtDesk(<Help scope={scope} width={200} height={100} />).lastFrame() ?? '';
    const palette =
      renderAtDesk(<Palette scope={scope} onClose={() => {}} width={200} height={100} />).lastFrame() ?? '';
    const all = keyGroups(scope).flatMap(({ bindings }) => Object.values(bindings));
    for (const binding of all) {
      expect(help).toContain(`${keySigns(binding)} `);
      expect(help).toContain(binding.does);
      if (binding === KEYS.everywhere.step)
        expect(palette.match(/^. \d +go to \w+$/gm)).toHaveLength(STEPS.length);
      else expect(palette).toMatch(line(keySigns(binding), binding.does));
    }
    const entries = palette.split('\n').filter((text) => text.trim() !== '').length - 2; // without title and field
    expect(entries).toBe(all.length + STEPS.length - 1);
  });

  test.each(['fact', 'locate', 'operate', 'check', 'ledger'] as const)(
    'of %s names every key of the table, and fits the smallest screen',
    (scope) => {
      const { lastFrame } = renderAtDesk(<Help scope={scope} width={80} height={18} />);
      const frame = lastFrame() ?? '';
      for (const binding of [...Object.values(KEYS[scope]), ...Object.values(KEYS.everywhere)]) {
        expect(frame).toContain(binding.does);
        expect(frame).toContain(keySigns(binding));
      }
      for (const { keys } of Object.values(KEYS.list)) expect(frame).toContain(keys.at(-1));
    },
  );

  test.each(['operate', 'check'] as const)(
    'of %s says further down what every verdict means',
    async (scope) => {
      const { type, lastFrame } = renderAtDesk(<Help scope={scope} width={80} height={18} />);
      const seen = [lastFrame() ?? ''];
      for (let page = 0; page < 4; page++) {
        await type('\u0004'); // ctrl+d, by a page
        seen.push(lastFrame() ?? '');
      }
      const words = seen.join('\n').replace(/\s+/g, ' ');
      for (const [verdict, meaning] of Object.entries(VERDICTS)) {
        expect(words).toContain(`${verdict} ${meaning.split(' ').slice(0, 5).join(' ')}`);
      }
      expect(seen.at(-1)).toContain('see the regressions');
    },
  );
});

describe('the last lines', () => {
  test('tell how far the work is, and how to stop it', () => {
    const progress = { stage: 'locate', done: 2, total: 8 } as const;
    const work = { label: 'locating', progress, since: performance.now() - 2000 };
    const model = { layers: 4 } as never;
    const { lastFrame } = renderAtDesk(<Footer width={80} scope="locate" notice={undefined} />, {
      work,
      model,
    });
    expect(lastFrame()).toMatch(/███░+ locating: prompt 2\/8 × 4 layers, [67] s left · esc stops/);
  });

  test('give a long complaint the lines that it needs', () => {
    const text = 'x'.repeat(30).concat(' ', 'y'.repeat(60), ' ', 'z'.repeat(40));
    const notice = { text, tone: 'bad' } as const;
    expect(noticeLines(notice, 80)).toEqual([text.slice(0, 30), text.slice(31, 91), text.slice(92)]);
    const { lastFrame } = renderAtDesk(<Footer width={80} scope="fact" notice={notice} />);
    expect(lastFrame()?.replace(/\s+/g, ' ')).toContain(text);
  });

  test('show notes behind what is said, or alone', () => {
    const notes = ['the file is of an older form', 'check the disk'];
    expect(noticeLines({ text: 'applied as edit 1', tone: 'good', notes }, 60)).toEqual([
      'applied as edit 1 · note: the file is of an older form ·',
      'note: check the disk',
    ]);
    expect(noticeLines({ text: '', tone: 'dim', notes: ['x'] }, 60)).toEqual(['note: x']);
  });
});
