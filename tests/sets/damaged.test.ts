// Damaged records: each is read, set aside, or refused in one line that names the file and the record.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InputError } from '../../src/errors.js';
import { printable } from '../../src/report/style.js';
import { convertSet } from '../../src/sets/convert.js';
import { readSet } from '../../src/sets/read.js';
import { runCli } from '../support/cli.js';
import { writeInput } from '../support/files.js';
import { jsonMutations } from '../support/mutate.js';
import { temporaryDirectory } from '../support/temporary.js';

const SAMPLES = fileURLToPath(new URL('../../fixtures/sets', import.meta.url));
const SEED = 20_261_126;

/** Formats of which no sample may be copied, in their authors' fields. */
const OWN: Record<string, unknown> = {
  'known.json': ['Peru', 'Chile'].map((subject, known_id) => ({
    known_id,
    subject,
    attribute: 'America',
    template: '{} lies in',
    prediction: ' America.',
    prompt: `${subject} lies in`,
    relation_id: 'P30',
  })),
  'mquake.json': [1, 2].map((case_id) => ({
    case_id,
    requested_rewrite: [
      {
        prompt: '{} lies in',
        relation_id: 'P30',
        subject: 'Peru',
        question: 'Where does Peru lie?',
        target_true: { str: 'America', id: 'Q1' },
        target_new: { str: 'Asia', id: 'Q2' },
      },
    ],
    questions: ['Where does the land of Lima lie?'],
    new_answer: 'Asia',
    single_hops: [{ question: 'What is Lima?', cloze: 'Lima is', answer: 'a city' }],
    new_single_hops: [{ question: 'Where does Peru lie?', cloze: 'Peru lies in', answer: 'Asia' }],
  })),
  'P36.jsonl': [1, 2]
    .map((i) => ({
      uuid: `u${i}`,
      sub_label: 'Peru',
      obj_label: 'Lima',
      predicate_id: 'P36',
      evidences: [{ sub_surface: 'Peru', obj_surface: 'Lima', masked_sentence: 'Peru has [MASK].' }],
    }))
    .map((one) => JSON.stringify(one))
    .join('\n'),
  'facts.json': {
    capital: {
      templates: ['[X]: [Y].', '[X] has [Y].'],
      facts: [{ subject: 'Peru', object: 'Lima', heldOut: [1] }],
    },
    river: { templates: ['[X]: [Y].'], facts: [{ subject: 'Ulm', object: 'Danube' }] },
  },
  'own.json': [
    { id: 'a', subject: 'Peru', relation: 'capital', object: 'Lima', prompts: ['Peru: [MASK].'] },
    {
      id: 'b',
      fact: { subject: 'Peru', relation: 'capital', object: 'Lima', prompts: ['Peru: [MASK].'] },
      to: 'Cusco',
      probes: { paraphrase: [{ prompt: 'Peru has [MASK].', expect: 'Lima' }] },
    },
  ],
  'relations.jsonl':
    '{"relation":"P36","template":"[X] has [Y].","label":"capital"}\n{"relation":"P19","template":"[X] of [Y]"}\n',
  'bing-P36.json': [1, 2].map(() => ({ th_bags: ['Lima is in Peru.'], h_bags: ['Peru.'] })),
};

/** Every sample as a text. */
function samples(): [name: string, text: string][] {
  const files = readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.jsonl?$/.test(name),
  );
  const own = Object.entries(OWN).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return [
    ...files.map((name): [string, string] => [name, readFileSync(join(SAMPLES, name), 'utf8')]),
    ...own,
  ];
}

/** Reads a text as a file. @returns the complaint, undefined where it is read */
function complaint(directory: string, name: string, content: string | Buffer): string | undefined {
  const path = writeInput(directory, basename(name), content);
  try {
    readSet(path);
    return undefined;
  } catch (error) {
    expect(error, `${error instanceof Error ? error.stack : error}`).toBeInstanceOf(InputError);
    const line = error instanceof Error ? printable(error.message) : '';
    expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect(line.startsWith(`${path}: `)).toBe(true);
    return line.slice(path.length + 2);
  }
}

it('500 damaged files are read or refused in one line', () => {
  const directory = temporaryDirectory();
  const whole = samples();
  expect(whole.length).toBeGreaterThan(15);
  for (const [name, text] of whole) expect(complaint(directory, name, text), name).toBeUndefined();
  let refused = 0;
  fc.assert(
    fc.property(fc.constantFrom(...whole), jsonMutations, ([name, text], mutate) => {
      const json = name.endsWith('.jsonl') ? `[${text.trim().split('\n').join(',')}]` : text;
      if (complaint(directory, name, mutate(json)) !== undefined) refused++;
    }),
    { seed: SEED, numRuns: 500 },
  );
  expect(refused).toBeGreaterThan(300);
});

/** The second record of a list, of lines, of an object; and what messages call it. */
function second(
  text: string,
  lines: boolean,
): { record: object; place: string; put: (other: object) => string } | undefined {
  if (lines) {
    const all = text.trim().split('\n');
    const put = (other: object) => [all[0], JSON.stringify(other), ...all.slice(2)].join('\n');
    return { record: JSON.parse(all[1] ?? '{}'), place: 'line 2', put };
  }
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) return undefined;
  return {
    record: value[1],
    place: 'record 2',
    put: (other) => JSON.stringify([value[0], other, ...value.slice(2)]),
  };
}

it('every field of a record that is no text, or no list, is named with its record', () => {
  const directory = temporaryDirectory();
  let refused = 0;
  for (const [name, text] of samples()) {
    const found = second(text, name.endsWith('.jsonl'));
    if (!found || Array.isArray(found.record)) continue;
    for (const field of Object.keys(found.record)) {
      for (const wrong of [null, -1, true, {}, [null]]) {
        const said = complaint(directory, name, found.put({ ...found.record, [field]: wrong }));
        if (said === undefined) continue;
        refused++;
        expect(said.startsWith(`${found.place}: `), `${name}: ${said.slice(0, 200)}`).toBe(true);
        expect(said).toContain(field);
      }
    }
  }
  expect(refused).toBeGreaterThan(200);
});

it('what is of no format is refused with the formats that are', () => {
  const directory = temporaryDirectory();
  for (const content of ['[]', '{}', '"text"', '[1, 2]', '[[]]', '{"a": 1}', '[{"name": "x"}]', 'null']) {
    expect(complaint(directory, 'a.json', content)).toMatch(
      /^is of no format that is known: MQuAKE, CounterFact/,
    );
  }
  expect(complaint(directory, 'b.json', '')).toBe('not valid JSON: the file is empty');
  expect(complaint(directory, 'c.json', '{"subject": }')).toMatch(/^not valid JSON: line 1, column 13/);
  expect(complaint(directory, 'd.jsonl', '{"pattern": "[X] [Y]"}\n{"pattern": \n')).toMatch(
    /^line 2: not valid JSON/,
  );
  expect(
    complaint(directory, 'e.jsonl', Buffer.from('{"pattern": "[X] [Y]"}\n{"pattern": "\xff"}\n', 'latin1')),
  ).toMatch(/^line 2: is not UTF-8/);
});

it('a directory of several formats names two of them', () => {
  const directory = temporaryDirectory();
  writeInput(directory, 'a.json', OWN['known.json']);
  writeInput(directory, 'b.json', OWN['mquake.json']);
  expect(() => readSet(directory)).toThrow(
    `${directory}: holds known facts (ROME) (a.json) and MQuAKE (b.json); name one file`,
  );
  expect(() => readSet(temporaryDirectory())).toThrow('holds no .json or .jsonl file');
  expect(() => readSet(join(directory, 'nowhere'))).toThrow('cannot be read: no such file or directory');
});

it('a set with a record per line is read in the memory of one', async () => {
  const cwd = temporaryDirectory();
  const sentence = {
    sub_surface: 'Ulm',
    obj_surface: 'x',
    masked_sentence: `Ulm lies by the [MASK]${'.'.repeat(200)}`,
  };
  const fact = {
    sub_label: 'Ulm',
    obj_label: 'Danube',
    predicate_id: 'P206',
    evidences: Array(1000).fill(sentence),
  };
  const lines = Array.from({ length: 250 }, (_, i) => `${JSON.stringify({ uuid: `u${i}`, ...fact })}\n`);
  const path = writeInput(cwd, 'P206.jsonl', lines.join(''));
  expect(statSync(path).size).toBeGreaterThan(60_000_000);
  const run = await runCli(['set', 'convert', path, '--out', 'out.jsonl'], {
    cwd,
    node: ['--max-old-space-size=40'],
  });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(readSet(join(cwd, 'out.jsonl')).items).toHaveLength(250);
});

it('converted sets are read again as they were, and nothing is written in place of another file', async () => {
  const directory = temporaryDirectory();
  for (const [i, [name, text]] of samples().entries()) {
    const path = writeInput(directory, `${i}-${basename(name)}`, text);
    const out = join(directory, `${i}.out.jsonl`);
    const { items } = readSet(path);
    const { records, setAside, ...rest } = await convertSet(path, out);
    expect([rest.items, rest.out]).toEqual([items.length, out]);
    await expect(convertSet(path, out)).rejects.toThrow(`${out}: exists already; choose another --out`);
    if (items.length === 0) continue;
    const placeless = readSet(out).items.map(({ place: _, ...item }) => item);
    expect(placeless).toEqual(items.map(({ place: _, ...item }) => item));
  }
  expect(readdirSync(directory).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
