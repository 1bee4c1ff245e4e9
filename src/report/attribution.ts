// A score map, as text: the layers with their completeness, and the strongest neurons.

import type { ScoreMap } from '../session/ask.js';
import { unknownWarning } from '../session/fact-warnings.js';
import { residualWarning } from '../session/residual-warning.js';
import { heatMap, labelWidth } from './heat-map.js';
import { percent, scientific, signed } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable } from './style.js';
import { type Table, table } from './table.js';
import { warningText } from './warnings.js';
import { ruleText } from './words.js';

const STRONGEST = 10;
/** The most lines and columns of the picture. */
const ROWS = 24;
const COLUMNS = 100;

function columnsFor(width: number, layers: number): number {
  return Math.min(COLUMNS, width - labelWidth(layers, Math.ceil(layers / ROWS)) - 3);
}

export function attributionReport(map: ScoreMap, { width, style }: Page): string {
  const neurons = map.scores.length / map.layers;
  const strongest = strongestTable(map);
  const layers = map.completeness.map(({ sum, delta, residual, nodes }, layer) => [
    String(layer),
    signed(sum),
    signed(delta),
    residual > map.settings.tolerance ? style.warn(scientific(residual)) : scientific(residual),
    String(nodes),
  ]);
  return paragraphs(
    `${style.bold(printable(map.prompt))}\n target ${style.bold(printable(map.target.token))}: ${percent(map.prob)} · ` +
      `${ruleText(map.settings)}, ${map.seconds.toFixed(2)} s`,
    heatMap(
      map.scores,
      { layers: map.layers, neurons, rows: ROWS, columns: columnsFor(width, map.layers) },
      style,
    )
      .map((line) => ` ${line}`.trimEnd())
      .join('\n'),
    table(
      ['layer', 'sum of scores', 'P(a) - P(0)', 'residual', 'nodes'].map((title) => ({
        title,
        align: 'right',
      })),
      layers,
      width,
    ),
    table(strongest.columns, strongest.rows, width),
    warningText(residualWarning(map.settings, [map.completeness]), style),
    warningText(unknownWarning(map.unknownWords), style),
  );
}

/** The neurons with the largest scores. */
export function strongestTable({ scores, layers }: ScoreMap): Table {
  const neurons = scores.length / layers;
  const order = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  return {
    columns: ['layer', 'neuron', 'score'].map((title) => ({ title, align: 'right' })),
    rows: order.slice(0, STRONGEST).map((i) => {
      const score = scores[i] ?? 0;
      return [String(Math.floor(i / neurons)), String(i % neurons), { text: signed(score), value: score }];
    }),
  };
}

/** Every neuron with its score, layer by layer. */
export function scoresTable({ scores, layers }: Pick<ScoreMap, 'scores' | 'layers'>): Table {
  const neurons = scores.length / layers;
  return {
    columns: ['layer', 'neuron', 'score'].map((title) => ({ title, align: 'right' })),
    rows: Array.from(scores, (score, i) => [
      String(Math.floor(i / neurons)),
      String(i % neurons),
      { text: signed(score), value: score },
    ]),
  };
}
