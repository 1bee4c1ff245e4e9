// What the command line says to edit and fact files that it cannot use: file, field and fix.
import { describe, test } from 'vitest';
import { expectFailure, runAlone } from '../support/command.js';
import { EDIT, FACT, PROMPT, writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const BAD_INPUT = 2;

describe('an edit file', () => {
  const operation = (value: object) => ({ ...EDIT, operation: value });
  const rewrite = (more: object) => operation({ type: 'rewrite', to: 'Astana', ...more });
  const asking = (...prompts: string[]) => ({ ...EDIT, fact: { ...FACT, prompts } });
  const probed = (prompt: string, expect: unknown) => ({
    ...EDIT,
    probes: { unrelated: [{ prompt, expect }] },
  });
  const { operation: _, ...nothingToDo } = EDIT;

  test.each<[string, unknown, string[]]>([
    ['that is empty', '', ['not valid JSON']],
    ['that is a list', [], ['object']],
    ['with an unknown key inside', { ...EDIT, fact: { ...FACT, extra: 1 } }, ['fact: ', '"extra"']],
    ['without an operation', nothingToDo, ['operation: is missing']],
    ['with an operation of no type', operation({}), ['operation.type: ', 'suppress', 'rewrite']],
    ['without a factor', operation({ type: 'scale' }), ['operation.factor: ']],
    ['without a new answer', operation({ type: 'rewrite' }), ['operation.to: ']],
    ['with an unknown method', rewrite({ method: 'magic' }), ['operation.method: ', 'solve']],
    ['with options of two methods', rewrite({ lambdaNew: 8 }), ['operation.lambdaNew: ', 'remove it']],
    ['with an id out of range', rewrite({ to: { id: 1433 } }), ['operation.to: ', '1433', '0 to 1432']],
    ['without a neuron', { ...EDIT, neurons: [] }, ['neurons: ', 'at least one neuron']],
    ['with half a neuron', { ...EDIT, neurons: [[3]] }, ['neurons.0: ']],
    ['without a prompt', asking(), ['fact.prompts: ', 'at least one prompt']],
    ['with a bad prompt among good ones', asking(PROMPT, 'Nothing'), ['fact.prompts.1: ', 'write [MASK]']],
    ['with a probe without a mask', probed('Nothing', 'Paris'), ['probes.unrelated.0.prompt: ', '[MASK]']],
    ['with an unknown word to expect', probed(PROMPT, 'Xyzzy'), ['probes.unrelated.0.expect: ', '"Xyzzy"']],
    ['with a number to expect', probed(PROMPT, 3), ['probes.unrelated.0.expect: ', '{"id": N}']],
  ])('%s', async (_, content, says) => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'edit.json', content);
    const run = await runAlone(['apply', 'edit.json', '--dry-run'], { cwd });
    expectFailure(run, BAD_INPUT, ['edit.json: ', ...says]);
  });

  test('that is a directory', async () => {
    expectFailure(await runAlone(['apply', '.']), BAD_INPUT, ['it is a directory']);
  });
});

describe('a fact file', () => {
  test.each<[string, unknown, string[]]>([
    ['with an unknown key', { ...FACT, extra: 1 }, ['unrecognized key', '"extra"']],
    ['with a prompt without a mask', { ...FACT, prompts: ['Nothing'] }, ['prompts.0: ', 'write [MASK]']],
    ['with an unknown word', { ...FACT, object: 'Xyzzy' }, ['object: ', '"Xyzzy"', 'vocabulary']],
  ])('%s', async (_, content, says) => {
    const cwd = temporaryDirectory();
    writeInput(cwd, 'fact.json', content);
    const run = await runAlone(['locate', 'fact.json', '--max-generic', '1'], { cwd });
    expectFailure(run, BAD_INPUT, ['fact.json: ', ...says]);
  });
});
