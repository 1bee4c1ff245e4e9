// Models, as text: the list, one of them with what it takes, and what a pull brought.
import type { PullResult } from '../hub/pull.js';
import type { ListedModel, ModelReport } from '../session/models.js';
import { megabytes, plural, roughly } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable } from './style.js';
import { table } from './table.js';

export function modelsReport(models: readonly ListedModel[], { width, style }: Page): string {
  const rows = models.flatMap(({ name, checkpoint, source }) => {
    if (!checkpoint) return [];
    const { family, layers, neurons, bytes } = checkpoint;
    return [[style.bold(printable(name)), family, `${layers} x ${neurons}`, megabytes(bytes), source]];
  });
  const others = models
    .filter(({ problem }) => problem)
    .map(({ name, problem = '' }) => [name, problem].map(printable));
  return paragraphs(
    table(
      [
        { title: 'model' },
        { title: 'family' },
        { title: 'neurons', align: 'right' },
        { title: 'weights', align: 'right' },
        { title: 'from' },
      ],
      rows,
      width,
    ),
    others.length > 0
      ? `${table([{ title: 'in the cache, not loadable' }, { title: 'because', shrinks: true }], others, width)}`
      : '',
  );
}

export function modelReport(model: ModelReport, { style }: Page): string {
  const { estimate, ...rest } = model;
  const { prompts, tokens, workers } = estimate;
  return [
    `${style.bold(printable(rest.name))}: ${rest.family}, ${rest.layers} layers of ${rest.neurons} neurons, width ${rest.hidden}`,
    ` ${(rest.parameters / 1e6).toFixed(1)} million parameters, ${rest.dtype}, ${megabytes(rest.bytes)} on disk; ` +
      `${rest.vocabulary} token ids, prompts of up to ${rest.maxLength} tokens`,
    ` locating takes about ${megabytes(estimate.memoryBytes)} of memory and ${roughly(estimate.locateSeconds)} a fact ` +
      `(${prompts} prompts of ${tokens} tokens, ${plural(workers, 'worker')})`,
    style.dim(` ${printable(rest.directory)}`),
    ...rest.notes.map((note) => ` note: ${printable(note)}`),
  ].join('\n');
}

export function pullReport(name: string, { commit, directory, files }: PullResult): string {
  const fresh = files.filter(({ downloaded }) => downloaded);
  const bytes = fresh.reduce((sum, file) => sum + file.bytes, 0);
  const what =
    fresh.length > 0 ? `${plural(fresh.length, 'file')} downloaded, ${megabytes(bytes)}` : 'was complete';
  return `${name}: ${what}; commit ${commit.slice(0, 12)}\n ${printable(directory)}\n use it with --model ${name}`;
}
