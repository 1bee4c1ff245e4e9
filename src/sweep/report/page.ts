// report.html: the whole of a finished run on one page.
import { documentOf, type Section } from '../../report/html/document.js';
import { html, type Markup } from '../../report/html/markup.js';
import { type Cell, dataTable, plainTable } from '../../report/html/table.js';
import { percent, plural } from '../../report/numbers.js';
import type { Manifest } from '../manifest.js';
import type { Analysis } from './analysis.js';
import { definitionOf, PREAMBLE } from './definitions.js';
import { enginesText } from './engines.js';
import { extremesOf } from './extremes.js';
import type { RunFigure } from './figures.js';
import { intervalText, missingText, plainText, valueText } from './format.js';
import type { Measure } from './measure.js';
import { meanOver } from './probes.js';
import { RELATION_DEFINITIONS } from './relation-definitions.js';
import { relationSections } from './relation-sections.js';
import { isOperated, type ReportResult } from './results.js';
import type { RunReport } from './run.js';
import { SEQUENCE, sequenceRows } from './sequence.js';
import { definedIn, HEADLINES, overallTables, partOf, relationTable, titleOf } from './tables.js';

/** Shared neurons that are listed; summary and results have all. */
const NEURONS = 500;

export function runPage(run: RunReport): string {
  const { manifest, results, analysis } = run;
  return documentOf({
    title: titleOf(run),
    about: aboutRun(run),
    sections: [
      overview(analysis),
      sequence(run),
      relations(analysis),
      ...relationSections(run.relations, analysis.measures),
      ...figures(run.figures),
      neurons(run),
      comparison(run),
      facts(results),
      extremes(results),
      failed(run),
      definitions(analysis.measures),
      made(manifest),
    ].filter((one) => one !== undefined),
  });
}

function aboutRun({ manifest, results, beside }: RunReport): Markup {
  const { set, model, startedAt } = manifest;
  const relations = new Set(results.map(({ relation }) => relation)).size;
  const lost = missingText(manifest);
  const engines = enginesText(results);
  return html`<p>${plural(results.length, 'fact')} of ${plural(relations, 'relation')}${lost}, of the set <code>${set.path}</code> (${set.format}, ${plural(set.records, 'record')}).
Model <code>${model.name}</code>: ${model.family}, ${plural(model.layers, 'layer')} of ${model.neurons} neurons. Run of <time datetime="${startedAt}">${startedAt.slice(0, 10)}</time>${engines && `, ${engines}`}.${beside && html` Beside it stands the run <code>${beside.source}</code>, of ${plural(beside.facts, 'fact')} that both have, and this run’s numbers of these.`}</p>`;
}

function overview({ operation, measures }: Analysis): Section {
  const headlines = HEADLINES[operation].flatMap((name) => {
    return measures.find((one) => one.name === name && one.relation === null) ?? [];
  });
  const tables = overallTables(measures).map(({ title, rows }) => {
    const beside = rows.some(({ control }) => control !== '');
    const before = rows.some((one) => one.before !== '');
    const another = rows.some((one) => one.beside !== '');
    const controlled = rows.some((one) => one.controlled !== '');
    const shared = rows.some((one) => one.shared !== '');
    const numeric = ['n', 'value', 'deviation', '95% interval', ...(before ? ['before'] : [])];
    const columns = [
      { title: 'measure' },
      ...[...numeric, ...(beside ? ['control'] : [])].map((name) => ({ title: name, number: true })),
      ...(controlled ? [{ title: 'facts with a control', number: true }] : []),
      ...(beside ? [{ title: 'beside it' }] : []),
      ...(shared ? [{ title: 'facts of both', number: true }] : []),
      ...(another ? [{ title: 'other run', number: true }] : []),
    ];
    const body = rows.map((row) => [
      ...[row.name, String(row.n), row.value, row.sd, row.interval],
      ...(before ? [row.before] : []),
      ...(beside ? [row.control] : []),
      ...(controlled ? [row.controlled] : []),
      ...(beside ? [row.comparison] : []),
      ...(shared ? [row.shared] : []),
      ...(another ? [row.beside] : []),
    ]);
    return html`<h3>${title}</h3>${plainTable({ title, columns, rows: body })}`;
  });
  return {
    id: 'overview',
    title: 'All facts',
    about:
      'Every number is defined below under the name that it has here. Intervals are 95% bootstrap intervals over facts, of means over relations over relations; what controls are stands with the definitions: mostly the same operation on as many random neurons of each layer.',
    content: html`<div class="cards">${headlines.map(card)}</div>${tables}`,
  };
}

function card({ name, estimate, before, control }: Measure): Markup {
  const { name: title, unit, text } = definitionOf(name);
  const part = partOf(estimate, control?.own);
  const tone = { 'better than random': 'good', 'no better than random': 'bad', 'not compared': '' };
  return html`<div class="card" title="${text}"><span class="name">${title}</span><span class="value">${valueText(unit, estimate.value)}</span><small>${intervalText(unit, estimate)}, n = ${estimate.n}</small>${
    before !== undefined && html`<small>before: ${plainText(unit, before)}</small>`
  }${
    control &&
    html`<small>${control.name}: ${valueText(unit, control.estimate.value)}, <span class="${tone[control.comparison]}">${control.comparison}</span>${
      part && html`; of ${part.n} with a control: ${valueText(unit, part.value)}`
    }</small>`
  }</div>`;
}

function sequence({ checks }: RunReport): Section | undefined {
  if (checks.length === 0) return undefined;
  const columns = SEQUENCE.map(({ title, about }) => ({ title, about, number: true }));
  const title = 'Edits on top of each other';
  const about =
    'Each edit was made in the model that those before it left, and stayed. Point at a column’s name for what it is. Controls are of single edits; there is none of all of them together.';
  return {
    id: 'sequence',
    title,
    about,
    content: plainTable({ title, columns, rows: sequenceRows(checks) }),
  };
}

function relations({ measures }: Analysis): Section | undefined {
  // Those that ask the model again have sections of their own.
  const { names, rows } = relationTable(measures.filter(({ name }) => !(name in RELATION_DEFINITIONS)));
  if (rows.length < 2) return undefined;
  const controlled = new Set(
    names.filter((_, i) => rows.some((row) => row.measures[i]?.control?.name === 'random neurons')),
  );
  const columns = [
    { title: 'relation' },
    { title: 'facts', number: true },
    ...names.flatMap((name) => {
      const { name: title, text: about } = definitionOf(name);
      return [
        { title, about, number: true },
        ...(controlled.has(name) ? [{ title: `${title}: random`, about, number: true }] : []),
      ];
    }),
  ];
  const body = rows.map(({ relation, n, measures: found }): Cell[] => [
    relation,
    { value: n, text: String(n) },
    ...names.flatMap((name, i) => {
      const { unit } = definitionOf(name);
      const cell = (value: number | undefined) => ({ value: value ?? null, text: valueText(unit, value) });
      const beside = found[i]?.control?.estimate.value;
      return [cell(found[i]?.estimate.value), ...(controlled.has(name) ? [cell(beside)] : [])];
    }),
  ]);
  const title = 'Relations';
  const about = 'Means over the facts of each relation; point at a column’s name for what it is.';
  return { id: 'relations', title, about, content: dataTable({ title, columns, rows: body }) };
}

function figures(drawn: readonly RunFigure[]): Section[] {
  if (drawn.length === 0) return [];
  const content = drawn.map(({ name, svg, caption }) => {
    return html`<figure id="figure-${name}">${svg}<figcaption>${caption}</figcaption></figure>`;
  });
  return [{ id: 'figures', title: 'Figures', content }];
}

function neurons({ shared, results }: RunReport): Section | undefined {
  if (shared.length === 0) return undefined;
  const columns = [
    { title: 'layer', number: true },
    { title: 'neuron', number: true },
    { title: 'facts', number: true },
    { title: 'share of all facts', number: true },
    { title: 'relations', number: true },
    { title: 'share of their facts' },
  ];
  const rows = shared
    .slice(0, NEURONS)
    .map(({ neuron: [layer, neuron], facts: count, relations: found }): Cell[] => [
      ...[layer, neuron, count].map((value) => ({ value, text: String(value) })),
      { value: count / results.length, text: percent(count / results.length) },
      { value: found.length, text: String(found.length) },
      found.map(({ relation, share }) => `${relation} ${percent(share)}`).join(', '),
    ]);
  const title = 'Shared neurons';
  const more = shared.length > NEURONS ? ` The first ${NEURONS} of ${shared.length} are listed.` : '';
  const about = `Neurons that are refined for two facts or more, and the relations of those facts.${more}`;
  return { id: 'neurons', title, about, content: dataTable({ title, columns, rows }) };
}

function comparison({ compared }: RunReport): Section | undefined {
  if (!compared) return undefined;
  const columns = [
    ...['id', 'relation', 'subject', 'object'].map((title) => ({ title })),
    ...['neurons', 'theirs', 'in common', 'Jaccard'].map((title) => ({ title, number: true })),
  ];
  const rows = compared.facts.map(({ fact, own, other, common, jaccard }): Cell[] => [
    ...[fact.id, fact.relation, fact.subject, fact.object],
    ...[own, other, common].map((value) => ({ value, text: String(value) })),
    { value: jaccard, text: percent(jaccard) },
  ]);
  const { source, facts: both, ownAlone, otherAlone } = compared;
  return {
    id: 'compared',
    title: 'Beside other neurons',
    about: html`${plural(both.length, 'fact')} of this run are in <code>${source}</code> too; ${ownAlone} are in this run alone, ${otherAlone} there alone.`,
    content: dataTable({ title: 'Facts of both', columns, rows }),
  };
}

function facts(results: readonly ReportResult[]): Section {
  const edited = results.some(isOperated);
  const columns = [
    ...['id', 'relation', 'subject', 'object'].map((title) => ({ title })),
    { title: 'P(object)', about: 'Mean over the prompts, before the operation.', number: true },
    { title: 'answered', about: 'Prompts that the model answers with the object.', number: true },
    { title: 'neurons', about: 'Refined neurons.', number: true },
    { title: 'overlap', about: "Mean Jaccard overlap of the prompts' coarse neurons.", number: true },
    ...(edited
      ? [
          { title: 'new answer' },
          { title: 'effect', about: definitionOf('effect').text, number: true },
          { title: 'random', about: 'The same of random neurons: mean over the draws.', number: true },
          { title: 'flips', about: definitionOf('flips').text, number: true },
          { title: 'verdict' },
          { title: 'beside random' },
        ]
      : []),
    { title: 'warnings' },
  ];
  const number = (value: number | null, text: (value: number) => string) => {
    return { value, text: value === null ? '–' : text(value) };
  };
  const rows = results.map((fact): Cell[] => {
    const { prompts, effect } = fact;
    const prob = meanOver(prompts, (one) => one.prob) ?? null;
    const answered = prompts.filter(({ rank }) => rank === 1).length;
    const draws = effect?.control?.draws ?? [];
    const probability = (value: number) => valueText('probability', value);
    return [
      ...[fact.id, fact.relation, fact.subject, fact.object],
      number(prob, percent),
      { value: answered / Math.max(1, prompts.length), text: `${answered} of ${prompts.length}` },
      number(fact.neurons.length, String),
      number(fact.consistency, percent),
      ...(edited
        ? [
            effect?.to ?? '',
            number(effect?.effect ?? null, probability),
            number(meanOver(draws, (one) => one.effect) ?? null, probability),
            number(effect?.flips ?? null, percent),
            effect?.verdict ?? '',
            effect?.comparison ?? '',
          ]
        : []),
      fact.warnings.join('; '),
    ];
  });
  const title = 'Facts';
  return { id: 'facts', title, content: dataTable({ title, columns, rows }) };
}

function extremes(results: readonly ReportResult[]): Section | undefined {
  const { by, worst, best } = extremesOf(results);
  if (worst.length === 0) return undefined;
  const list = (title: string, listed: readonly ReportResult[]) =>
    html`<h3>${title}</h3>${listed.map(factDetails)}`;
  return {
    id: 'extremes',
    title: 'Worst and best facts',
    about: `By ${by}. Open one for its prompts.`,
    content: html`${list('Worst', worst)}${list('Best', best)}`,
  };
}

function factDetails(fact: ReportResult): Markup {
  const { subject, relation, object, effect, prompts, neurons: own } = fact;
  const value = effect
    ? `effect ${valueText('probability', effect.effect)}`
    : `overlap ${percent(fact.consistency)}`;
  const answer = effect?.to ? html` → ${effect.to}` : '';
  const lines = effect
    ? effect.probes
        .filter(({ role }) => role === 'target' || role === 'paraphrase')
        .map(({ prompt, role, before, after }) => {
          const probability = (side: typeof before) => percent(side.newProb ?? side.prob);
          return html`<li>${prompt} <small>${role}: ${before.answer} → ${after.answer}; P(${effect.to ?? object}) ${probability(before)} → ${probability(after)}</small></li>`;
        })
    : prompts.map(({ prompt, prob, answer: top, coarse }) => {
        return html`<li>${prompt} <small>answer ${top}; P(${object}) ${percent(prob)}; ${plural(coarse.length, 'coarse neuron')}</small></li>`;
      });
  return html`<details><summary>${subject} / ${relation} / ${object}${answer}: ${value}, ${plural(own.length, 'neuron')}</summary><ul class="prompts">${lines}</ul></details>`;
}

function failed({ failures, manifest }: RunReport): Section | undefined {
  const { leftOut, partsLeftOut } = manifest;
  const gone = [
    ...leftOut.map(({ reason, count }) => html`<li>${count} left out: ${reason}</li>`),
    ...partsLeftOut.map(({ reason, count }) => html`<li>${count} parts of other facts: ${reason}</li>`),
  ];
  if (failures.length === 0 && gone.length === 0) return undefined;
  const columns = ['id', 'relation', 'subject', 'kind', 'message'].map((title) => ({ title }));
  const rows = failures.map(({ id, relation, subject, kind, message }) => [
    id,
    relation,
    subject,
    kind,
    message,
  ]);
  const title = 'Failures';
  return {
    id: 'failures',
    title,
    about: 'Facts that could not be done, and those that this model cannot be asked.',
    content: html`${gone.length > 0 && html`<ul>${gone}</ul>`}${
      failures.length > 0 && dataTable({ title, columns, rows })
    }`,
  };
}

function definitions(measures: readonly Measure[]): Section {
  const content = html`<p>${PREAMBLE}</p><dl>${definedIn(measures).map(({ name, text }) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>`;
  return { id: 'definitions', title: 'What the numbers are', content };
}

function made(manifest: Manifest): Section {
  const { command, versions } = manifest;
  return {
    id: 'made',
    title: 'How this was made',
    content: html`${command.length > 0 && html`<p><code>kn-edit ${command.join(' ')}</code></p>`}
<p>${Object.entries(versions).map(([name, version]) => html`${name} ${version}; `)}</p>
<details><summary>Everything that the run was started with</summary><pre><code>${JSON.stringify(manifest, null, 2)}</code></pre></details>`,
  };
}
