// Models, as text: the list, one of them with what it takes, and what a pull brought.
import type { PullResult } from '../hub/pull.js';
import type { Inspection } from '../lm/inspect.js';
import type { Estimate } from '../session/estimate.js';
import type { ListedModel, ModelReport } from '../session/models.js';
import { inWords, megabytes, plural, roughly } from './numbers.js';
import { type Page, paragraphs, wrapLines } from './page.js';
import { printable, type Style } from './style.js';
import { type Table, table } from './table.js';

export function modelsReport(models: readonly ListedModel[], { width, style }: Page): string {
  const { columns, rows } = modelsTable(models, style);
  const others = models
    .filter(({ problem }) => problem)
    .map(({ name, problem = '' }) => [name, problem].map(printable));
  return paragraphs(
    table(columns, rows, width),
    others.length > 0
      ? `${table([{ title: 'in the cache, not loadable' }, { title: 'because', shrinks: true }], others, width)}`
      : '',
  );
}

/** The models that can be loaded. */
export function modelsTable(models: readonly ListedModel[], style: Style): Table {
  const rows = models.flatMap(({ name, checkpoint, source }) => {
    if (!checkpoint) return [];
    const { family, layers, neurons, bytes } = checkpoint;
    const size = { text: megabytes(bytes), value: bytes };
    return [[style.bold(printable(name)), family, `${layers} x ${neurons}`, size, source]];
  });
  return {
    columns: [
      { title: 'model' },
      { title: 'family' },
      { title: 'neurons', align: 'right' },
      { title: 'weights', align: 'right' },
      { title: 'from' },
    ],
    rows,
  };
}

export function modelReport(model: ModelReport, { style, width }: Page): string {
  const { estimate, ...rest } = model;
  const onDisk = `, ${rest.dtype}, ${megabytes(rest.bytes)} on disk`;
  const text = [
    `${style.bold(printable(rest.name))}: ${rest.family} (${rest.causal ? 'causal' : 'masked'}), ${rest.layers} layers of ${rest.neurons} neurons, width ${rest.hidden}`,
    ` ${inWords(rest.parameters)} parameters${rest.weights === 'present' ? onDisk : ''}; ` +
      `${rest.vocabulary} token ids, prompts of up to ${rest.maxLength} tokens`,
    ...(rest.weights === 'absent' ? [` weights: none here; sizes from config.json, in ${rest.dtype}`] : []),
    ...sharedLine(rest),
    ...estimateLines(estimate),
    style.dim(` ${style.file(rest.directory)}`),
    ...rest.notes.map((note) => ` note: ${printable(note)}`),
  ].join('\n');
  return wrapLines(text, width);
}

/** " value vectors are shared by layers 0–1, 2–3". */
function sharedLine({ owners = [] }: Inspection): string[] {
  const groups = [...new Set(owners)]
    .map((owner) => [owner, owners.lastIndexOf(owner)] as const)
    .filter(([first, last]) => first < last);
  const shared = groups.map(([first, last]) => `${first}–${last}`).join(', ');
  return shared === '' ? [] : [` value vectors are shared by layers ${shared}`];
}

/** What locating takes, or why it cannot be done here. */
function estimateLines({ engine, locateSeconds, ...rest }: Estimate): string[] {
  const { prompts, tokens, workers } = rest;
  const each = `${megabytes(rest.weightBytes)} for the weights and ${megabytes(rest.workerBytes)} a worker`;
  const here = `this machine has ${megabytes(rest.availableBytes)} available`;
  if (!rest.fits) return [` locating needs about ${each}; ${here}: it cannot be located here`];
  return [
    ` locating takes about ${megabytes(rest.memoryBytes)} of memory and ${roughly(locateSeconds)} a fact ` +
      `(${prompts} prompts of ${tokens} tokens, ${plural(workers, 'worker')})`,
    ` that is about ${each} of ${engine}, and the program itself; ${here}: with a fifth of it left to others, enough for ${plural(rest.workersThatFit, 'worker')}`,
  ];
}

export function pullReport(name: string, { commit, directory, files }: PullResult, style: Style): string {
  const fresh = files.filter(({ downloaded }) => downloaded);
  const bytes = fresh.reduce((sum, file) => sum + file.bytes, 0);
  const what =
    fresh.length > 0 ? `${plural(fresh.length, 'file')} downloaded, ${megabytes(bytes)}` : 'was complete';
  return `${name}: ${what}; commit ${commit.slice(0, 12)}\n ${style.file(directory)}\n use it with --model ${name}`;
}
