// npm run eval:real: facts that a pretrained model knows, each rewritten with every method and taken back, measured as the
// field does it, on the facts that no setting was chosen on.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { shippedFacts } from '../../background/known.js';
import { shippedText } from '../../background/text.js';
import { candidatesOf } from '../../engine/choice/candidates.js';
import { embeddedFor } from '../../engine/choice/embedded.js';
import { prepareFastest } from '../../engine/choice/prepare.js';
import { InputError } from '../../errors.js';
import { LanguageModel } from '../../lm/language-model.js';
import { seeded } from '../../random.js';
import { runScript } from '../../script.js';
import { ENGINES, type EngineName, NEURONS, usualLayer } from '../../spec/choices.js';
import { covariance } from '../../surgery/subject/covariance.js';
import { say, tableOf } from '../print.js';
import { requireSmolLm2 } from '../smollm2.js';
import { whole } from '../usage.js';
import { askedOf } from './asked.js';
import { type Figures, meanFigures, score, Yardstick } from './measure.js';
import { type Bench, editsOf, heldFacts, METHODS, type Method } from './methods.js';
import { readSource, SPLITS, type Split, split } from './records.js';
import { type StackRow, stackRows } from './stack.js';
import { readTexts } from './texts.js';

/** Texts of 32 tokens on which perplexity is measured, and others from which C is made. */
const TEXTS = { perplexity: 8, covariance: 640 };

interface Options {
  model: string;
  records: string[];
  text: string[];
  limit: number;
  /** Facts of the split that are passed over, for processes that share it. */
  skip: number;
  seed: number;
  methods: Method[];
  neurons: number[];
  draws: number;
  layer: number | undefined;
  split: Split;
  engine: EngineName | undefined;
  json: string | undefined;
  /** Numbers of facts that are rewritten together, instead of one at a time. */
  stack: number[];
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      model: { type: 'string' },
      records: { type: 'string', multiple: true, default: shippedFacts() },
      text: { type: 'string', multiple: true, default: shippedText() },
      limit: { type: 'string', default: '100' },
      skip: { type: 'string' },
      seed: { type: 'string', default: '1' },
      methods: { type: 'string', default: METHODS.join() },
      neurons: { type: 'string', default: String(NEURONS.subject) },
      draws: { type: 'string', default: '1' },
      layer: { type: 'string' },
      split: { type: 'string', default: 'held-out' },
      engine: { type: 'string' },
      json: { type: 'string' },
      stack: { type: 'string' },
    },
  });
  const { layer } = values;
  if (layer !== undefined && !/^\d{1,3}$/.test(layer))
    throw new InputError('must be a layer, from 0', '--layer');
  return {
    model: values.model ?? requireSmolLm2(),
    records: values.records,
    text: values.text,
    limit: whole('limit', values.limit),
    skip: values.skip === undefined ? 0 : whole('skip', values.skip),
    seed: whole('seed', values.seed),
    methods: values.methods.split(',').map((one) => oneOf(METHODS, one, '--methods')),
    neurons: values.neurons.split(',').map((one) => whole('neurons', one)),
    draws: whole('draws', values.draws),
    layer: layer === undefined ? undefined : Number(layer),
    split: oneOf(SPLITS, values.split, '--split'),
    engine: values.engine === undefined ? undefined : oneOf(ENGINES, values.engine, '--engine'),
    json: values.json,
    stack: values.stack?.split(',').map((one) => whole('stack', one)) ?? [],
  };
}

function oneOf<T extends string>(names: readonly T[], given: string, option: string): T {
  const found = names.find((name) => name === given);
  if (found === undefined)
    throw new InputError(`there is no "${given}"; choose from ${names.join(', ')}`, option);
  return found;
}

/** The figures of one edit. */
type Row = Figures & { method: string; prompt: string };

const TITLES = [
  'method',
  'ES',
  'PS',
  'NS',
  'S',
  'P(new)',
  'top',
  'para top',
  'neigh flips',
  'other flips',
  'PPL',
  'floats',
  's',
];

await runScript('eval:real', async () => {
  const options = readOptions();
  const [engine = 'wasm'] = options.engine
    ? [options.engine]
    : (await embeddedFor(candidatesOf('auto'))).engines;
  await prepareFastest(engine);
  const model = LanguageModel.load(options.model);
  const { causal, layers, name, neurons } = model.info;
  if (!causal)
    throw new InputError('fills masks; this evaluation is for models that continue a text', '--model');
  const layer = options.layer ?? usualLayer(layers);
  if (layer >= layers) throw new InputError(`the model has the layers 0 to ${layers - 1}`, '--layer');

  const random = seeded(options.seed);
  const sources = options.records.map(readSource);
  const records = sources.flatMap((one) => one.records);
  const base = sources.flatMap((one) => one.facts);
  const { asked, known } = askedOf(model, { records, facts: base }, options.seed);
  const parts = split(asked, random);
  const facts = parts[options.split].slice(options.skip, options.skip + options.limit);
  if (facts.length === 0)
    throw new InputError(`the model knows too few of the ${records.length + base.length} facts`, '--records');

  const texts = readTexts(model, options.text, random);
  if (texts.length <= TEXTS.perplexity) throw new InputError('has too little text; give more', '--text');
  const probed = texts.splice(0, TEXTS.perplexity);
  // What is stacked is not what is unrelated.
  const most = Math.max(0, ...options.stack);
  const apart = parts[options.split].slice(most > 0 ? options.skip + most : 0);
  const yardstick = new Yardstick(model, apart, probed, random);
  const bench: Bench = {
    model,
    layer,
    metric: { size: neurons, upper: covariance(model, layer, texts.slice(0, TEXTS.covariance)).upper },
    neurons: options.neurons,
    draws: options.draws,
    held: heldFacts({ model, layer }, asked),
    promptsBeside: (fact) => yardstick.promptsBeside(fact),
    random,
  };

  const about = {
    model: name,
    engine,
    records: records.length + base.length,
    known,
    cases: asked.length,
    split: options.split,
    skip: options.skip,
    held: bench.held.length,
    layer,
    seed: options.seed,
  };
  const headline =
    `${name}, engine ${engine}: of ${records.length + base.length} facts it knows ${known}; ${facts.length} of the split ` +
    `"${options.split}" (seed ${options.seed}) are rewritten, `;
  const keep = (found: object) => {
    if (options.json) writeFileSync(options.json, `${JSON.stringify({ ...about, ...found }, null, 1)}\n`);
  };
  if (options.stack.length > 0) {
    const rows: StackRow[] = [];
    stackRows(bench, facts, options.stack, yardstick, (row) => {
      rows.push(row);
      keep({ stack: rows });
    });
    const lines = rows.map(({ edits, method, figures }) => {
      return [String(edits), ...lineOf({ method, ...figures, score: score(figures) })];
    });
    say(
      `${headline}so many together; edits at the subject in layer ${layer}`,
      tableOf(['edits', ...TITLES], 2, lines),
      'floats and seconds: of all edits together',
    );
    model.dispose();
    return;
  }
  const edits: Row[] = [];
  for (const [done, fact] of facts.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${done}/${facts.length}`);
    const found = editsOf(bench, fact, options.methods);
    const { base, edited } = yardstick.measure(fact, found);
    const { prompt } = fact.prompt;
    edits.push({ method: 'unedited', prompt, ...base });
    edits.push(...edited.map((figures, i) => ({ method: found[i]?.name ?? '', prompt, ...figures })));
    // After every fact: a run that is interrupted leaves what it has measured.
    keep({ facts: done + 1, methods: meansOf(edits), edits });
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  say(
    `${headline}one at a time; edits at the subject in layer ${layer}`,
    tableOf(TITLES, 1, meansOf(edits).map(lineOf)),
    'seconds: of finding an edit; subject and random share the search for what is said at the subject',
  );
  model.dispose();
});

/** One row per method. */
function meansOf(edits: readonly Row[]) {
  return [...new Set(edits.map(({ method }) => method))].map((method) => {
    const figures = meanFigures(edits.filter((one) => one.method === method));
    return { method, ...figures, score: score(figures) };
  });
}

function lineOf(row: Figures & { method: string; score: number | null }): string[] {
  const share = (value: number | null) => (value === null ? '' : value.toFixed(3));
  return [
    row.method,
    share(row.efficacy),
    share(row.paraphrase),
    share(row.neighborhood),
    share(row.score),
    share(row.probability),
    share(row.top),
    share(row.paraphraseTop),
    share(row.neighborFlips),
    share(row.unrelatedFlips),
    row.perplexity === null ? '' : `${row.perplexity < 0 ? '' : '+'}${(100 * row.perplexity).toFixed(2)}%`,
    String(Math.round(row.floats)),
    row.seconds.toFixed(1),
  ];
}
