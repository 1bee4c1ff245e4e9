// The fact on the screen: what does not fit into a line stands below in whole.
import { expect, test } from 'vitest';
import { draftEdit } from '../../src/spec/edit-file.js';
import { FactView } from '../../src/tui/screens/fact-view.js';
import { renderAtDesk } from '../support/desk.js';

const LONG = '中華人民共和國 und 👩‍🔬 e\u0301 '.repeat(6).trim();
const fact = { subject: LONG, relation: 'capital', object: 'Paris', prompts: [`${LONG} [MASK].`] };
const edit = { ...draftEdit(fact), operation: { type: 'rewrite' as const, to: 'Rome' } };

test('a long subject and a long prompt can be read whole, at the smallest size', () => {
  const below = (row: number) => {
    const view = <FactView opened={{ edit }} answers={new Map()} row={row} width={49} height={18} />;
    const frame = renderAtDesk(view).lastFrame() ?? '';
    const lines = frame.split('\n').map((line) => line.trim());
    return lines.slice(lines.findIndex((line) => line.startsWith('──')) + 1).join(' ');
  };
  expect(below(0)).toContain(LONG);
  expect(below(1)).not.toContain('capital');
  expect(below(4)).toContain(`${LONG} [MASK].`);
});

test('a rewrite without a method is said to be one, and no more', () => {
  const view = <FactView opened={{ edit }} answers={new Map()} row={undefined} width={80} height={18} />;
  expect(renderAtDesk(view).lastFrame()).toMatch(/ rewrite to Rome\n/);
});
