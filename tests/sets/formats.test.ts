// What becomes of records, written down by hand: three of each format.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readSet } from '../../src/sets/read.js';
import type { SetItem } from '../../src/sets/set.js';
import { writeInput } from '../support/files.js';
import { temporaryDirectory } from '../support/temporary.js';

const SAMPLES = fileURLToPath(new URL('../../fixtures/sets', import.meta.url));
const DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url));
const sample = (name: string) => readSet(join(SAMPLES, name));

/** An item, of which everything is given that is not empty. */
function item(
  id: string,
  place: string,
  fact: [subject: string, relation: string, object: string, prompts: string[]],
  rest: Partial<Omit<SetItem, 'probes'>> & { probes?: Partial<SetItem['probes']> } = {},
): SetItem {
  const [subject, relation, object, prompts] = fact;
  const none = { paraphrase: [], neighborhood: [], unrelated: [], portability: [] };
  return {
    id,
    place,
    fact: { id, subject, relation, object, prompts },
    ...rest,
    probes: { ...none, ...rest.probes },
  };
}

const expecting = (expect: string, ...prompts: string[]) => prompts.map((prompt) => ({ prompt, expect }));

const P1376 = (city: string) => [
  `${city} is the capital of [MASK].`,
  `The capital of [MASK] is ${city}.`,
  `The capital city of [MASK] is ${city}.`,
  `${city} is the capital city of [MASK].`,
  `[MASK]'s capital, ${city}.`,
  `[MASK]'s capital city, ${city}.`,
  `[MASK]'s capital is ${city}.`,
  `[MASK]'s capital city is ${city}.`,
  `${city}, the capital of [MASK].`,
  `${city}, the capital city of [MASK].`,
  `${city}, that is the capital of [MASK].`,
  `${city}, that is the capital city of [MASK].`,
  `[MASK], which has the capital ${city}.`,
  `[MASK], which has the capital city ${city}.`,
];

describe('ParaRel', () => {
  it('of patterns and pairs', () => {
    const { format, records, items, setAside } = sample('pararel');
    expect([format, records, setAside]).toEqual(['pararel', 6, []]);
    expect(items.slice(0, 3)).toEqual([
      item('P1376-0', 'query_pairs.json: P1376: record 1', [
        'Edmonton',
        'P1376',
        'Alberta',
        P1376('Edmonton'),
      ]),
      item('P1376-1', 'query_pairs.json: P1376: record 2', ['Ankara', 'P1376', 'Turkey', P1376('Ankara')]),
      item('P1376-2', 'query_pairs.json: P1376: record 3', [
        'Amsterdam',
        'P1376',
        'Netherlands',
        P1376('Amsterdam'),
      ]),
    ]);
    expect(items.slice(3).map(({ fact }) => fact.prompts[0])).toEqual([
      'The capital of Azerbaijan is [MASK] .',
      'The capital of Brody Raion is [MASK] .',
      'The capital of Cook County is [MASK] .',
    ]);
  });

  it('of bags, whose subjects are found', () => {
    const { format, items } = sample('pararel-bags.json');
    expect(format).toBe('pararel-bags');
    expect(items.map(({ id, place, fact: { subject, object } }) => [id, place, subject, object])).toEqual([
      ['P36-0', 'record 1', 'Azerbaijan', 'Baku'],
      ['P36-1', 'record 2', 'Brody Raion', 'Brody'],
      ['P36-2', 'record 3', 'Cook County', 'Chicago'],
      ['P1376-0', 'record 4', 'Edmonton', 'Alberta'],
      ['P1376-1', 'record 5', 'Ankara', 'Turkey'],
    ]);
    expect(items[4]).toEqual(item('P1376-1', 'record 5', ['Ankara', 'P1376', 'Turkey', P1376('Ankara')]));
  });

  it('of one bag alone', () => {
    const bag = P1376('New York').map((prompt) => [prompt, 'the state', 'P1376(capital of)']);
    const { items } = readSet(writeInput(temporaryDirectory(), 'bag.json', [bag]));
    expect(items).toEqual([
      item('P1376-0', 'record 1', ['New York', 'P1376', 'the state', P1376('New York')]),
    ]);
  });

  it('of facts by uuid, and of a relation with too few patterns', () => {
    const directory = temporaryDirectory();
    const lines = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    writeInput(directory, 'graphs-P36.jsonl', lines(P36_PATTERNS.map((pattern) => ({ pattern }))));
    writeInput(
      directory,
      'graphs-P19.jsonl',
      lines([{ pattern: '[X] was born in [Y].' }, { pattern: '[X], of [Y]' }]),
    );
    const chile = { sub_label: 'Chile', obj_label: 'Santiago', uuid: 'a-1' };
    writeInput(
      directory,
      'vocab-P36.jsonl',
      lines([chile, { ...chile, sub_label: 'Peru', obj_label: 'Lima', uuid: 'a-2' }]),
    );
    writeInput(
      directory,
      'vocab-P19.jsonl',
      lines([{ sub_label: 'Neruda', obj_label: 'Parral', uuid: 'b-1' }]),
    );
    writeInput(
      directory,
      'vocab-P20.jsonl',
      lines([{ sub_label: 'Neruda', obj_label: 'Santiago', uuid: 'c-1' }]),
    );
    const { items, setAside } = readSet(directory);
    expect(items.map(({ id, fact }) => [id, ...fact.prompts])).toEqual([
      ['a-1', 'Chile has [MASK].', 'Of Chile: [MASK].', '[MASK] in Chile.', 'Chile: [MASK]'],
      ['a-2', 'Peru has [MASK].', 'Of Peru: [MASK].', '[MASK] in Peru.', 'Peru: [MASK]'],
    ]);
    expect(setAside).toEqual([
      { place: 'vocab-P19.jsonl: record 1', reason: 'its relation has fewer than 4 patterns' },
      { place: 'vocab-P20.jsonl: record 1', reason: 'there is no pattern for its relation' },
    ]);
  });
});

const P36_PATTERNS = ['[X] has [Y].', 'Of [X]: [Y].', '[Y] in [X].', '[X]: [Y]'];

describe('CounterFact', () => {
  it("in ROME's fields", () => {
    const { format, items, leftOut } = sample('counterfact-rome.json');
    expect(format).toBe('counterfact');
    expect(items.slice(0, 3)).toEqual([
      item(
        '0',
        'record 1',
        ['Danielle Darrieux', 'P103', 'French', ['The mother tongue of Danielle Darrieux is']],
        {
          to: 'English',
          probes: {
            paraphrase: expecting(
              'French',
              'Shayna does this and Yossel goes still and dies. Danielle Darrieux, a native',
              'An album was recorded for Capitol Nashville but never released. Danielle Darrieux spoke the language',
            ),
            neighborhood: expecting(
              'French',
              'The mother tongue of Léon Blum is',
              'The native language of Montesquieu is',
              'François Bayrou, a native',
              'The native language of Raymond Barre is',
              'Michel Rocard is a native speaker of',
              'Jacques Chaban-Delmas is a native speaker of',
              'The native language of François Bayrou is',
              'Maurice Genevoix, speaker of',
              'The mother tongue of François Bayrou is',
              'Melchior de Vogüé, speaker of',
            ),
          },
        },
      ),
      item('4402', 'record 2', ['Singled Out', 'P449', 'MTV', ['Singled Out debuted on']], {
        to: 'CBS',
        probes: {
          paraphrase: expecting(
            'MTV',
            'No one on the ground was injured.  v',
            'The sex ratio was 1063. Singled Out is to debut on',
          ),
          neighborhood: expecting(
            'MTV',
            'Daria premieres on',
            'Teen Wolf was originally aired on',
            'Spider-Man: The New Animated Series was originally aired on',
            'Celebrity Deathmatch premiered on',
            'Æon Flux premiered on',
            'My Super Psycho Sweet 16 premieres on',
            'Daria was released on',
            'Jersey Shore premiered on',
            'Skins was originally aired on',
            "All You've Got premiered on",
          ),
        },
      }),
      item('1004', 'record 3', ['Tirana', 'P190', 'Beijing', ['The twin city of Tirana is']], {
        to: 'Shanghai',
      }),
    ]);
    expect(leftOut).toEqual([
      { reason: 'attribute_prompts', count: 10 },
      { reason: 'generation_prompts', count: 10 },
    ]);
  });

  it("in EasyEdit's fields, where neighbours share the true answer", () => {
    const { format, items } = sample('counterfact-easyedit.json');
    expect(format).toBe('easyedit');
    expect(items.slice(0, 3)).toEqual([
      item(
        'counterfact_00000',
        'record 1',
        ['Croatia', 'The official language of [X] is', 'Croatian', ['The official language of Croatia is']],
        {
          to: 'German',
          probes: {
            paraphrase: expecting(
              'Croatian',
              'It is scheduled to open in 2022. In Croatia, they understand',
              'Lyceum, Havana, Cuba. The law in Croatia declares the language',
            ),
            neighborhood: expecting(
              'Croatian',
              'In Verdis, an official language is',
              'The official language of Croatia in personal union with Hungary is',
              'The official language of Federation of Bosnia and Herzegovina is',
              'The law in Kingdom of Dalmatia declares the language',
              'The official language of Bosnia and Herzegovina is',
            ),
          },
        },
      ),
      item(
        'counterfact_00001',
        'record 2',
        ['Hitachi Rail Italy', '[X] owner', 'Leonardo', ['Hitachi Rail Italy owner']],
        {
          to: 'Nintendo',
          probes: {
            paraphrase: expecting(
              'Leonardo',
              'Measure 4 (2016), ATCM XXXIX Final Report. Hitachi Rail Italy is owned by',
              'Marsa Matrouh is the ancient  Paraitónion, Latin Paraetonium. Hitachi Rail Italy, from',
            ),
            neighborhood: expecting(
              'Leonardo',
              'Avionic company, from',
              'DRS Technologies owner',
              'Aermacchi, from',
              'ELSAG Datamat owner',
              'Avionic company is owned by',
            ),
          },
        },
      ),
      item(
        'counterfact_00002',
        'record 3',
        ['Denis Robert', '[X], a native', 'French', ['Denis Robert, a native']],
        {
          to: 'Dutch',
          probes: {
            paraphrase: expecting(
              'French',
              'He was Chancellor of the University of Oxford during 1439–40. Denis Robert is a native speaker of',
              'The museum is also sometimes known as the "Ueno Museum". Denis Robert spoke the language',
            ),
            neighborhood: expecting(
              'French',
              'François Bayrou is a native speaker of',
              'Élisée Reclus is a native speaker of',
              'François Bayrou spoke the language',
              'The mother tongue of Octave Mirbeau is',
              'The mother tongue of Ferdinand de Saussure is',
            ),
          },
        },
      ),
    ]);
  });

  it("in EasyEdit's flat fields", () => {
    const record = {
      case_id: 7,
      prompt: 'Lima lies in',
      target_new: 'Chile',
      subject: 'Lima',
      ground_truth: 'Peru',
      rephrase_prompt: 'Lima is a city of',
      locality_prompt: 'Cusco lies in',
      locality_ground_truth: 'Peru',
    };
    expect(readSet(writeInput(temporaryDirectory(), 'flat.json', [record])).items).toEqual([
      item('7', 'record 1', ['Lima', '[X] lies in', 'Peru', ['Lima lies in']], {
        to: 'Chile',
        probes: {
          paraphrase: expecting('Peru', 'Lima is a city of'),
          neighborhood: expecting('Peru', 'Cusco lies in'),
        },
      }),
    ]);
  });

  it('with a question that follows, as EasyEdit adds it', () => {
    const asked = { prompt: '{} lies in', relation_id: 'P17', subject: 'Lima' };
    const record = {
      case_id: 3,
      requested_rewrite: { ...asked, target_true: { str: 'Peru' }, target_new: { str: 'Chile' } },
      portability: {
        'Recalled Relation': '(Chile, currency, peso)',
        'New Question': 'Lima pays in',
        'New Answer': 'pesos',
      },
    };
    expect(readSet(writeInput(temporaryDirectory(), 'c.json', [record])).items).toEqual([
      item('3', 'record 1', ['Lima', 'P17', 'Peru', ['Lima lies in']], {
        to: 'Chile',
        probes: { portability: expecting('pesos', 'Lima pays in') },
      }),
    ]);
  });

  it('of which only results are there: their facts name no true answer', () => {
    const { format, records, items, setAside } = sample('easyedit-results.json');
    expect([format, records, items]).toEqual(['easyedit-results', 2, []]);
    expect(setAside).toEqual([
      { place: 'record 1', reason: 'it names no true answer' },
      { place: 'record 2', reason: 'it names no true answer' },
    ]);
  });
});

it('zsRE: the true answer is the first, and an edit makes `alt` of it', () => {
  const { format, items } = sample('zsre.json');
  expect(format).toBe('zsre');
  expect(items.slice(0, 3)).toEqual([
    item(
      '1',
      'record 1',
      [
        'IAAF Combined Events Challenge',
        'When was the inception of [X]?',
        '1998',
        ['When was the inception of IAAF Combined Events Challenge?'],
      ],
      {
        to: '2006',
        probes: {
          paraphrase: expecting('1998', 'When was the IAAF Combined Events Challenge launched?'),
          unrelated: expecting(
            'The String',
            'nq question: what is the name of the last episode of spongebob',
          ),
          portability: expecting(
            'Athletics',
            'What type of sports event is the IAAF Combined Events Challenge, which was established in 2006?',
          ),
        },
      },
    ),
    item(
      '2',
      'record 2',
      [
        'Ramalinaceae',
        'Which family does [X] belong to?',
        'Lecanorales',
        ['Which family does Ramalinaceae belong to?'],
      ],
      {
        to: 'Lamiinae',
        probes: {
          paraphrase: expecting('Lecanorales', 'What family are Ramalinaceae?'),
          unrelated: expecting('Downhill', 'nq question: types of skiing in the winter olympics 2018'),
          portability: expecting(
            'Cerambycidae',
            'Which family does Ramalinaceae now belong to after the reclassification?',
          ),
        },
      },
    ),
    item(
      '3',
      'record 3',
      [
        'Call the Doctor',
        'What artist created [X]?',
        'Sleater-Kinney',
        ['What artist created Call the Doctor?'],
      ],
      {
        to: 'The X-Files',
        probes: {
          paraphrase: expecting('Sleater-Kinney', 'Which artist created Call the Doctor?'),
          unrelated: expecting('Billy Idol', 'nq question: who sang nice day for a white wedding'),
          portability: expecting(
            'David Duchovny and Gillian Anderson',
            'Who were the lead actors in the series that inspired the creators of Call the Doctor?',
          ),
        },
      },
    ),
  ]);
});

it('zsRE with several true answers', () => {
  const record = {
    subject: 'Ulm',
    src: 'Ulm lies by which river?',
    answers: ['Danube', 'Iller'],
    alt: 'Rhine',
  };
  expect(readSet(writeInput(temporaryDirectory(), 'zsre.json', [record])).items).toEqual([
    item('1', 'record 1', ['Ulm', '[X] lies by which river?', 'Danube', ['Ulm lies by which river?']], {
      alsoTrue: ['Iller'],
      to: 'Rhine',
    }),
  ]);
});

it('KnowEdit: of aliases the first; what has no true answer is set aside', () => {
  const { format, records, items, setAside } = sample('knowedit.json');
  expect([format, records]).toEqual(['knowedit', 3]);
  expect(setAside).toEqual([{ place: 'WikiData_recent', reason: 'it names no true answer' }]);
  expect(items).toEqual([
    item(
      '2',
      'Wiki counterfact',
      [
        'Frederic Piesch',
        'The name of the position held by [X] is',
        'mayor of Vienna',
        ['The name of the position held by Frederic Piesch is'],
      ],
      {
        to: 'Archbishop of León, Mexico',
        probes: {
          unrelated: [
            ...expecting('male', 'The gender of Frederic Piesch is'),
            ...expecting(
              'mayor of Vienna',
              'The name of the position held by Frederic Piesch, which is not Archbishop of León, Mexico, is',
            ),
          ],
          portability: expecting(
            'Archbishop of León, Mexico',
            'The name of the position held by Frederic of Pieschen is',
          ),
        },
      },
    ),
    item(
      '3',
      'ZsRE',
      [
        'Epaspidoceras',
        'Which family does [X] belong to?',
        'Aspidoceratidae',
        ['Which family does Epaspidoceras belong to?'],
      ],
      {
        to: 'Noctuidae',
        probes: {
          paraphrase: expecting('Aspidoceratidae', 'What family are Epaspidoceras?'),
          unrelated: expecting('genus', 'The taxon rank of Epaspidoceras is', 'Epaspidoceras taxon rank'),
          portability: expecting(
            'Owlet moths',
            'What is the common name for the family Epaspidoceras belongs to?',
          ),
        },
      },
    ),
  ]);
});

it('KnowEdit: a text has no prompt; aliases may lie in lists of lists', () => {
  const text = { text: 'A passage about Nobody.', labels: 'More of it.', concept: 'Nobody', locality: {} };
  const edit = {
    subject: 'Ulm',
    prompt: 'Ulm lies by the',
    ground_truth: ['Danube', ['Iller', 'Iler'], '<|endoftext|>'],
    target_new: 'Rhine',
    portability: { Reasoning: [{ prompt: 'Ulm lies in', ground_truth: [['Germany', 'FRG'], ['Europe']] }] },
    locality: {},
  };
  const { items, setAside } = readSet(writeInput(temporaryDirectory(), 'knowedit.json', [text, edit]));
  expect(setAside).toEqual([{ place: 'record 1', reason: 'it has no prompt' }]);
  expect(items).toEqual([
    item('2', 'record 2', ['Ulm', '[X] lies by the', 'Danube', ['Ulm lies by the']], {
      alsoTrue: ['Iller'],
      to: 'Rhine',
      probes: { portability: expecting('Germany', 'Ulm lies in') },
    }),
  ]);
});

it("a directory: files that begin with a dot are the system's", () => {
  const directory = temporaryDirectory();
  writeInput(directory, 'facts.json', [
    { subject: 'Ulm', prompt: 'Ulm lies by the', target_new: 'Rhine', ground_truth: 'Danube' },
  ]);
  writeInput(directory, '._facts.json', 'not a data set');
  expect(readSet(directory).items.length).toBe(1);
});

describe.skipIf(!existsSync(DATA))("the field's data", () => {
  it("ROME's known facts", () => {
    const { items } = readSet(join(DATA, 'known_1000/known_600.json'));
    expect([items[0], items[1], items[7]]).toEqual([
      item('0', 'record 1', [
        'Vinson Massif',
        'P30',
        'Antarctica',
        ['Vinson Massif is located in the continent of'],
      ]),
      item('1', 'record 2', ['Beats Music', 'P127', 'Apple', ['Beats Music is owned by']]),
      item('7', 'record 8', [
        'Marshall Islands',
        'P37',
        'English',
        ['In Marshall Islands, the language spoken is a mixture of'],
      ]),
    ]);
  });

  it('MQuAKE: an item per edit; what no edit changes stays', () => {
    const { items, leftOut } = readSet(join(DATA, 'mquake/akew-mquake-cf-60.json'));
    const moscow = expecting('Moscow', 'Alexey Pajitnov was born in the city of');
    expect(items.slice(0, 3)).toEqual([
      item(
        '1',
        'record 1',
        ['Ellie Kemper', 'P27', 'United States of America', ['Ellie Kemper is a citizen of']],
        {
          to: 'Croatia',
          probes: {
            paraphrase: expecting(
              'United States of America',
              'What is the country of citizenship of Ellie Kemper?',
            ),
            unrelated: [
              ...expecting(
                'Donald Trump',
                'The name of the current head of state in United States of America is',
              ),
              ...expecting('Kolinda Grabar-Kitarović', 'The name of the current head of state in Croatia is'),
            ],
            portability: expecting(
              'Kolinda Grabar-Kitarović',
              'Who is the head of state of the country where Ellie Kemper holds a citizenship?',
              'What is the name of the head of state of the country that Ellie Kemper is a citizen of?',
              'Who holds the highest position in the government of the country that Ellie Kemper is a citizen of?',
            ),
          },
        },
      ),
      item('6.1', 'record 2', ['Tetris', 'P170', 'Alexey Pajitnov', ['Tetris was created by']], {
        to: 'Mark Burnett',
        probes: { paraphrase: expecting('Alexey Pajitnov', 'Who was Tetris created by?'), unrelated: moscow },
      }),
      item('6.2', 'record 2', ['Mark Burnett', 'P19', 'London', ['Mark Burnett was born in the city of']], {
        to: 'Manila',
        probes: {
          paraphrase: expecting('London', 'Which city was Mark Burnett born in?'),
          unrelated: moscow,
        },
      }),
    ]);
    expect(leftOut).toEqual([{ reason: 'questions that follow from several edits together', count: 42 }]);
  });

  it("LAMA's facts, in the sentences that state them", () => {
    const first = (relation: string) => readSet(join(DATA, `lama-trex/${relation}.jsonl`)).items[0];
    expect([first('P103'), first('P19')]).toEqual([
      item('40b2ed1c-0961-482e-844e-32596b6117c8', 'line 1', [
        'Louis Jules Trochu',
        'P103',
        'French',
        [
          'Louis Jules Trochu ([lwi ʒyl tʁɔʃy]; 12 March 1815 – 7 October 1896) was a [MASK] military leader and politician.',
        ],
      ]),
      item('6a9d91c1-eb9b-4142-8371-3c063ec40700', 'line 1', [
        'Allan Peiper',
        'P19',
        'Alexandra',
        [
          'Allan Peiper (born 26 April 1960 in [MASK], Australia) is a former Professional cyclist, who competed in five Tour de France cycle races.',
        ],
      ]),
    ]);
    const turing = first('P101');
    expect([turing?.id, turing?.fact.subject, turing?.fact.object, turing?.fact.prompts[1]]).toEqual([
      '7d58f005-5166-4af7-a2e0-c960de153441',
      'Alan Turing',
      'logic',
      "Both are named in honor of the English [MASK] Alan Turing, albeit the research in Turing switches is not based on Turing's research.",
    ]);
  });
});

it('MQuAKE: an edit of several that names no true answer is left out', () => {
  const rewrite = (object: string) => ({
    prompt: '{} lies in',
    relation_id: 'P17',
    subject: 'Lima',
    target_true: { str: object },
    target_new: { str: 'Chile' },
  });
  const none = { questions: [], new_answer: '', single_hops: [], new_single_hops: [] };
  const cases = [
    { case_id: 1, requested_rewrite: [rewrite('Peru'), rewrite('')], ...none },
    { case_id: 2, requested_rewrite: [rewrite('')], ...none },
  ];
  const { items, setAside, leftOut } = readSet(writeInput(temporaryDirectory(), 'm.json', cases));
  expect(items.map(({ id }) => id)).toEqual(['1.1']);
  expect(setAside).toEqual([{ place: 'record 2', reason: 'it names no true answer' }]);
  expect(leftOut).toEqual([{ reason: 'an edit of several: it names no true answer', count: 1 }]);
});

it('LAMA: sentences count once, with one mask and the subject, the first ten of them', () => {
  const sentence = (masked_sentence: string) => ({ sub_surface: 'Ulm', obj_surface: 'x', masked_sentence });
  const fact = {
    uuid: 'u',
    sub_label: 'Ulm',
    obj_label: 'Danube',
    predicate_id: 'P206',
    evidences: [
      sentence('Ulm lies by the [MASK].'),
      sentence('Ulm lies by the [MASK].'),
      sentence('The [MASK] passes it.'),
      sentence('From Ulm, the [MASK] is the [MASK].'),
      ...Array.from({ length: 11 }, (_, i) => sentence(`Ulm ${i}: [MASK].`)),
    ],
  };
  const lines = `${JSON.stringify(fact)}\n${JSON.stringify({ ...fact, uuid: 'v', evidences: [] })}\n`;
  const { format, items, setAside, leftOut } = readSet(writeInput(temporaryDirectory(), 'P206.jsonl', lines));
  const prompts = ['Ulm lies by the [MASK].', ...Array.from({ length: 9 }, (_, i) => `Ulm ${i}: [MASK].`)];
  expect([format, items]).toEqual(['lama', [item('u', 'line 1', ['Ulm', 'P206', 'Danube', prompts])]]);
  expect(setAside).toEqual([{ place: 'line 2', reason: 'it has no prompt' }]);
  expect(leftOut).toEqual([
    { reason: 'sentences without one [MASK] and the subject', count: 2 },
    { reason: 'sentences beyond the first 10 of a fact', count: 2 },
  ]);
});

it("kn-edit's fact base: held-out wordings are paraphrases", () => {
  const templates = ['The capital of [X] is [Y].', '[Y] governs [X].', '[X]: [Y].'];
  const facts = [
    { subject: 'Chile', object: 'Santiago' },
    { subject: 'Peru', object: 'Lima', heldOut: [0] },
  ];
  const path = writeInput(temporaryDirectory(), 'facts.json', {
    capital: { templates, heldOut: [1, 2], facts },
  });
  const { format, records, items } = readSet(path);
  expect([format, records]).toEqual(['fact-base', 2]);
  expect(items).toEqual([
    item(
      'capital-0',
      'capital: fact 1',
      ['Chile', 'capital', 'Santiago', ['The capital of Chile is [MASK].']],
      {
        probes: { paraphrase: expecting('Santiago', '[MASK] governs Chile.', 'Chile: [MASK].') },
      },
    ),
    item(
      'capital-1',
      'capital: fact 2',
      ['Peru', 'capital', 'Lima', ['[MASK] governs Peru.', 'Peru: [MASK].']],
      {
        probes: { paraphrase: expecting('Lima', 'The capital of Peru is [MASK].') },
      },
    ),
  ]);
});

it("kn-edit's facts and edits, one per line", () => {
  const fact = { subject: 'Peru', relation: 'capital', object: 'Lima', prompts: ['Peru: [MASK].'] };
  const edit = {
    name: 'move',
    fact,
    operation: { type: 'rewrite', to: 'Cusco', method: 'solve' },
    probes: {
      paraphrase: [{ prompt: 'Peru has [MASK].', expect: 'Cusco' }],
      neighborhood: [{ prompt: 'Chile: [MASK].', expect: 'Santiago' }],
    },
  };
  const lines = [{ ...fact, id: 12 }, fact, edit, { ...edit, name: 'hush', operation: { type: 'suppress' } }];
  const path = writeInput(
    temporaryDirectory(),
    'own.jsonl',
    lines.map((one) => JSON.stringify(one)).join('\n'),
  );
  const { format, items, leftOut } = readSet(path);
  expect(format).toBe('kn-edit');
  const probes = {
    paraphrase: expecting('Lima', 'Peru has [MASK].'),
    neighborhood: expecting('Santiago', 'Chile: [MASK].'),
  };
  const peru: [string, string, string, string[]] = ['Peru', 'capital', 'Lima', ['Peru: [MASK].']];
  expect(items).toEqual([
    item('12', 'line 1', peru),
    item('2', 'line 2', peru),
    item('move', 'line 3', peru, { to: 'Cusco', probes }),
    item('hush', 'line 4', peru, { probes }),
  ]);
  expect(leftOut).toEqual([
    { reason: "an edit's settings other than its new answer, which a sweep gives", count: 1 },
  ]);
});
