// What a screen says that has nothing to work on yet.
import { expect, test } from 'vitest';
import type { ModelInfo } from '../../src/index.js';
import { draftEdit } from '../../src/spec/edit-file.js';
import { changeBench, EMPTY } from '../../src/tui/bench.js';
import type { Desk } from '../../src/tui/desk.js';
import { CheckScreen } from '../../src/tui/screens/check.js';
import { OperateScreen } from '../../src/tui/screens/operate.js';
import { renderAtDesk } from '../support/desk.js';

const fact = { subject: 'France', relation: 'capital', object: 'Paris', prompts: ['[MASK] of France.'] };
const bench = changeBench(EMPTY, { type: 'open', edit: draftEdit(fact) });
const model = { layers: 4, neurons: 8 } as ModelInfo;
const work = { label: 'locating', progress: undefined, since: 0 };

test.each([OperateScreen, CheckScreen])('what is missing, and whether that is on its way', (Screen) => {
  const said = (desk: Partial<Desk>) =>
    renderAtDesk(<Screen width={80} height={18} active />, desk)
      .lastFrame()
      ?.trim();
  expect(said({})).toBe('No fact is chosen yet: 1 goes to the facts.');
  expect(said({ bench })).toBe('The model is being loaded.');
  expect(said({ bench, model })).toBe('The fact is not located yet: 2 locates it.');
  expect(said({ bench, model, work })).toBe('The fact is being located: 2 shows how far it is.');
});
