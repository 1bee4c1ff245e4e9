// A model's background, as text: what it knows, which text it is measured on, and what was computed from that.
import type { BackgroundInfo } from '../background/info.js';
import { enumerated, megabytes, percent, plural } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable } from './style.js';
import { type Table, table } from './table.js';

export function backgroundReport(info: BackgroundInfo, { width, style }: Page): string {
  const { columns, rows } = factsTable(info);
  return paragraphs(
    columns.length > 0 ? table(columns, rows, width) : '',
    [factsLine(info), textLine(info), covarianceLine(info), style.dim(` ${style.file(info.directory)}`)].join(
      '\n',
    ),
  );
}

/** What is known of each relation; without columns where nothing was asked yet. */
export function factsTable({ facts }: BackgroundInfo): Table {
  if (!facts) return { columns: [], rows: [] };
  const rows = facts.relations.map(({ relation, asked, known }) => [
    printable(relation),
    String(known),
    String(asked),
    percent(known / asked),
  ]);
  return {
    columns: [
      { title: 'relation', shrinks: true },
      { title: 'known', align: 'right' },
      { title: 'of', align: 'right' },
      { title: '', align: 'right' },
    ],
    rows,
  };
}

function factsLine({ facts }: BackgroundInfo): string {
  if (!facts) return ' facts: none yet; kn-edit background build asks the model which it knows';
  return ` facts: the model knows ${facts.known} of ${facts.asked}, of ${printable(facts.sources.join(', '))}`;
}

function textLine({ text }: BackgroundInfo): string {
  if (!text) return ' text: none yet';
  const { texts, tokens, perplexity, probedTokens, sources } = text;
  return (
    ` text: ${plural(texts, 'sentence')} of ${tokens} tokens, of ${printable(sources.join(', '))}; ` +
    `perplexity ${perplexity.toFixed(2)} on ${probedTokens} of the tokens`
  );
}

function covarianceLine({ covariance }: BackgroundInfo): string {
  if (covariance.length === 0) return ' activations: of no layer yet; they are measured when they are needed';
  const bytes = covariance.reduce((sum, one) => sum + one.bytes, 0);
  const layers = covariance.map(({ layer }) => layer);
  return ` activations: of ${layers.length === 1 ? 'layer' : 'layers'} ${enumerated(layers)}, ${megabytes(bytes)}`;
}
