// Every family and layout through the public face: located, edited with answers of several tokens, exported, reverted.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EditFile, Session } from 'kn-edit';
import { describe, expect, it } from 'vitest';
import { questionsOf, tokensIn } from '../../src/lm/prompt.js';
import { scoreMapsOf } from '../../src/locate/noise.js';
import { meanMap } from '../../src/locate/refined.js';
import { parseNoise } from '../../src/spec/noise.js';
import { half, type Rewriting, readTensors, rewritten } from '../support/checkpoints.js';
import { goldenDirectory, readGolden, relativeError } from '../support/golden.js';
import { loadGolden } from '../support/models.js';
import { editOf, quick, withSession } from '../support/session.js';
import { temporaryDirectory } from '../support/temporary.js';

/** Arabic to Portuguese, of several tokens each in most of the vocabularies. */
function rewriteOf(change: object = {}): EditFile {
  return editOf({
    locate: { rule: 'gauss-legendre', steps: 4, share: 0.5 },
    operation: { type: 'rewrite', to: 'Portuguese', method: 'relative' },
    probes: {
      paraphrase: [{ prompt: 'They speak a language called "[MASK]".', expect: 'Portuguese' }], // no space in front
      neighborhood: [{ prompt: 'The capital of France is [MASK].', expect: 'Paris' }],
    },
    ...change,
  });
}

describe.each(['bert', 'roberta', 'gpt2'])('a rewrite to several tokens, %s', (family) => {
  const { newIds, objectIds } = readGolden(family).facts[1] ?? { newIds: [], objectIds: [] };

  it('is located, applied, shown and reverted, with every token in the ledger', async () => {
    await withSession(goldenDirectory(family), async (session) => {
      const applied = await session.apply(rewriteOf(), quick);
      expect(applied.status).toBe('applied');
      const [own, , glued] = applied.before;
      // In byte-level vocabularies the answer is another one where no space stands before it.
      if (family === 'bert') expect(glued?.newIds).toEqual(newIds);
      else expect(glued?.newIds).not.toEqual(newIds);
      expect(own?.newIds).toEqual(newIds);
      expect(own?.expectIds ?? [own?.expectId]).toEqual(objectIds);
      expect(applied.after[0]?.newProb).not.toBe(own?.newProb);
      const edit = session.show(1);
      expect([edit.before, edit.after]).toEqual([applied.before, applied.after]);
      const { edits } = await session.revert('last');
      expect(edits[0]).toMatchObject({ maxDifference: 0, probes: applied.before });
      const located = await session.locate(rewriteOf().fact, rewriteOf().locate ?? {});
      expect(located.cached).toBe(2);
      expect(located.fact.objectId).toBe(objectIds[0]);
      expect(located.prompts.map(({ prob }) => prob)).toEqual(
        applied.before.slice(0, 2).map(({ prob }) => expect.closeTo(prob, 6)),
      );
      expect(await session.checkLedger()).toEqual({ complaints: [], replayed: true });
    });
  });

  it('is solved on the joint probability', async () => {
    await withSession(goldenDirectory(family), async (session) => {
      const operation = { type: 'rewrite', to: 'Portuguese', method: 'solve' };
      const { before, after } = await session.apply(rewriteOf({ operation }), quick);
      for (const i of [0, 1]) {
        expect(after[i]?.newProb).toBeGreaterThan(10 * (before[i]?.newProb ?? 1));
      }
    });
  });
});

it('noise is averaged for each token of an answer, and then the tokens', async () => {
  const model = await loadGolden('roberta');
  const noise = parseNoise('noisegrad:samples=2');
  const settings = { rule: 'gauss-legendre', steps: 4, tolerance: 1e-3, site: 'post', noise } as const;
  const text = 'People in Egypt speak [MASK].';
  const prompt = model.tokenizer.encodePrompt(text);
  const questions = questionsOf(prompt, tokensIn(prompt, model.tokenizer.encodeTarget('Portuguese')));
  expect(questions.length).toBeGreaterThan(1);
  const maps = questions.flatMap((one) => scoreMapsOf(model, [one], settings).map(({ scores }) => scores));
  const found = await withSession(goldenDirectory('roberta'), (session) =>
    session.attribute(text, 'Portuguese', settings),
  );
  expect(relativeError(found.scores, [...meanMap(maps)])).toBeLessThan(1e-5);
});

it('embeddings that are narrower than the stream are no direction, which is said before anything is located', async () => {
  await withSession(goldenDirectory('electra'), async (session) => {
    const stages: string[] = [];
    const control = { onProgress: ({ stage }: { stage: string }) => stages.push(stage) };
    const fault = 'embeddings are 24 wide, its value vectors 32; use "readout"';
    await expect(session.apply(rewriteOf(), quick, control)).rejects.toThrow(fault);
    expect(stages).toContain('load');
    expect(stages).not.toContain('locate');
    const operation = { ...rewriteOf().operation, direction: 'readout' };
    expect((await session.apply(rewriteOf({ operation }), quick)).status).toBe('applied');
  });
});

const LAYOUTS: [name: string, family: string, rewriting: Rewriting][] = [
  ['[out, in]', 'distilbert', {}],
  ['[in, out]', 'gpt2', {}],
  [
    'shards without a prefix',
    'gpt2',
    {
      shards: 3,
      tensors: (all) => all.map((one) => ({ ...one, name: one.name.replace('transformer.', '') })),
    },
  ],
  [
    'names in a wrapper',
    'bert',
    { tensors: (all) => all.map((one) => ({ ...one, name: `module.${one.name}` })) },
  ],
  ['bfloat16', 'roberta', { tensors: (all) => all.map((one) => half(one, 'BF16')) }],
];

it.each(LAYOUTS)('an export of %s loads with the answers of the session', async (_, family, rewriting) => {
  const base = rewritten(family, rewriting);
  const target = join(temporaryDirectory(), 'exported');
  const neurons = [
    [0, 3],
    [1, 7],
    [2, 0],
    [2, 63],
  ];
  const edit = rewriteOf({ locate: undefined, neurons, operation: { type: 'scale', factor: 4 } });
  const ask = (session: Session) => session.probe('People in Egypt speak [MASK].', 'Arabic', 5);
  const edited = await withSession(base, async (session) => {
    await session.apply(edit, quick);
    const { files, vectors } = await session.export(target);
    expect(vectors).toBe(4);
    expect(files.filter((name) => name.startsWith('model'))).toHaveLength(
      rewriting.shards ? rewriting.shards + 1 : 1,
    );
    return ask(session);
  });
  const exported = await withSession(target, ask);
  expect(exported.top.map(({ id }) => id)).toEqual(edited.top.map(({ id }) => id));
  exported.top.forEach(({ prob }, i) => {
    expect(prob).toBeCloseTo(edited.top[i]?.prob ?? 0, 6); // four times a bfloat16 is one too
  });
  if (rewriting.shards) return;
  const before = readTensors(base);
  const changed = readTensors(target).filter(
    ({ bytes }, i) => !bytes.equals(before[i]?.bytes ?? Buffer.alloc(0)),
  );
  expect(changed).toHaveLength(3);
  expect(readFileSync(join(target, 'config.json'))).toEqual(readFileSync(join(base, 'config.json')));
});
