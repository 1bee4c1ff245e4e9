// The state of the installation, as text.
import type { CachedMaps } from '../ledger/score-maps.js';
import type { Diagnosis } from '../session/doctor.js';
import type { Capacity } from '../session/session.js';
import type { Project } from '../spec/project-file.js';
import { gigaflops, megabytes, plural } from './numbers.js';
import { type Page, paragraphs } from './page.js';
import { printable, type Style } from './style.js';
import { type Table, table } from './table.js';

export function doctorReport(diagnosis: Diagnosis, project: Project | null, { width, style }: Page): string {
  const { blas, advice, chosen, reason, workers, versions, model, ledger } = diagnosis;
  const { columns, rows } = enginesTable(diagnosis, style);
  return paragraphs(
    table(columns, rows, width),
    blas.length > 0 ? blasTable(blas, { width, style }) : undefined,
    style.dim(
      ' GFLOP/s of a thread (native engines: of all) in matrix products; of a BLAS without the engine around it. Measured once, and kept',
    ),
    advice.map((line) => ` ${style.warn(printable(line))}`).join('\n'),
    ` chosen: ${style.bold(chosen ?? 'none')} (${reason})\n` +
      ` workers: ${workers ? workersText(workers) : 'none'}`,
    ` ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(' · ')}`,
    model.error
      ? ` model: ${style.bad(printable(model.error))}`
      : ` model: ${printable(model.name ?? '')}, ${model.family}, ${model.layers} layers of ${model.neurons} neurons, ` +
          `fingerprint ${model.fingerprint?.slice(0, 12)}`,
    ` ledger: ${ledger.path === null ? 'the own one of the model' : style.file(ledger.path)}: ${ledgerText(ledger, style)}`,
    project ? projectText(project, style) : '',
  );
}

export function enginesTable({ engines, chosen }: Diagnosis, style: Style): Table {
  return {
    columns: [
      { title: 'engine' },
      { title: 'found' },
      { title: 'GFLOP/s', align: 'right' },
      { title: 'detail', shrinks: true },
    ],
    rows: engines.map(({ engine, found, gflops, detail }) => [
      engine === chosen ? style.bold(engine) : engine,
      found ? style.good('found') : style.dim('no'),
      gflops === undefined ? '' : { text: gigaflops(gflops), value: gflops },
      printable(detail),
    ]),
  };
}

/** Libraries, each with the kernels that came into question; the one that is used stands out. */
function blasTable(blas: Diagnosis['blas'], { width, style }: Page): string {
  const rows = blas.map(({ library, version = '', kernels = '', chosen, found, gflops, detail, path }) => [
    chosen ? style.bold(`${library} (used)`) : library,
    printable(version),
    printable(kernels),
    gflops === undefined ? '' : gigaflops(gflops),
    printable(found ? path : `${detail} (${path})`),
  ]);
  return table(
    [
      { title: 'BLAS' },
      { title: 'version' },
      { title: 'kernels' },
      { title: 'GFLOP/s', align: 'right' },
      { title: 'where', shrinks: true },
    ],
    rows,
    width,
  );
}

/** " project: FILE: model kn-mini, engine wasm, locate.preset dai2022". */
function projectText({ path, locate = {}, ...rest }: Project, style: Style): string {
  const settings = Object.entries(locate).map(([name, value]) => [`locate.${name}`, value] as const);
  const said = [...Object.entries(rest), ...settings].map(([name, value]) => {
    return `${name} ${printable(typeof value === 'string' ? value : JSON.stringify(value))}`;
  });
  return ` project: ${style.file(path)}: ${said.length > 0 ? said.join(', ') : 'says nothing'}`;
}

function workersText({ count, bytes, weights }: Capacity): string {
  return `${count}, each of about ${megabytes(bytes)} at most, beside ${megabytes(weights)} for the weights that they share`;
}

function ledgerText(ledger: Diagnosis['ledger'], style: Style): string {
  const { path, exists, edits, applied, cache, complaints, replayed } = ledger;
  if (path === null) return 'not known without the model; name one with --db';
  if (!exists) return 'none yet';
  if (complaints.length > 0) return complaints.map((text) => style.bad(printable(text))).join('; ');
  const how = replayed
    ? 'and replayed on the base'
    : 'but not replayed on the base: the model was not loaded';
  const sound = `${style.good('sound')}, ${applied} of ${plural(edits, 'edit')} applied, ${how}`;
  return cache ? `${sound}\n cache: ${cacheText(cache)}` : sound;
}

function cacheText({ maps, bytes, limit }: CachedMaps): string {
  const far = `${megabytes(bytes)} of ${megabytes(limit)} (KN_EDIT_CACHE_LIMIT)`;
  return `${plural(maps, 'score map')} in the ledger, ${far}; kn-edit cache prune removes them`;
}
