// Location matters: over 50 facts, the knowledge neurons against as many random neurons of the same layers.
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { locateAlone, measureOperations } from '../../src/bench/suppression.js';
import { draw, seeded } from '../../src/random.js';
import { type BaseFact, readFactBase } from '../../src/spec/fact-base.js';
import { matchedRandom } from '../../src/surgery/controls.js';
import { KN_MINI, loadMini } from '../support/models.js';

it('suppressing knowledge neurons hits their fact, and little else', async () => {
  const model = await loadMini();
  const facts = readFactBase(join(KN_MINI, 'facts.json'));
  const drawn = seeded(1);
  const choose = (fact: BaseFact) => {
    const located = locateAlone(model, fact);
    return { located, random: matchedRandom(located, model.info.neurons, drawn) };
  };
  const chosen = draw(facts, 50, drawn);
  const effects = await measureOperations(model, { chosen, facts, others: 20, choose, random: drawn });
  const of = (operation: string, neurons: string) => {
    const found = effects.find((one) => one.operation === operation && one.neurons === neurons);
    if (!found) throw new Error(`${operation} of ${neurons} neurons was not measured`);
    return found;
  };
  const located = of('suppress', 'located');
  const random = of('suppress', 'random');
  expect(located.change['own prompts']).toBeLessThan(-0.2);
  expect(located.change['held-out prompts']).toBeLessThan(-0.2);
  expect(located.change['own prompts']).toBeLessThan(5 * random.change['own prompts']);
  expect(Math.abs(random.change['own prompts'])).toBeLessThan(0.02);
  expect(Math.abs(located.change['other relations'])).toBeLessThan(0.02);
  expect(located.change['own prompts']).toBeLessThan(5 * located.change['same relation']);
  expect(located.flips['own prompts']).toBeGreaterThan(10 * located.flips['same relation']);
  expect(of('amplify', 'located').change['own prompts']).toBeGreaterThan(
    of('amplify', 'random').change['own prompts'],
  );
});
