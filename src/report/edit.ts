// What an edit did, as text: probes before and after, averages by role, and what should not have changed.
import { FACTS_IN_WORDS } from '../background/sentences.js';
import type { Interval } from '../probe/interval.js';
import { isOwn, type ProbeResult, type Regression, type RoleMetrics } from '../probe/results.js';
import type { ApplyResult } from '../session/apply.js';
import type { DosePoint } from '../session/controls.js';
import type { EditResult } from '../session/outcome.js';
import type { StandingEdit } from '../session/standings.js';
import { change, enumerated, percent, percentOr, plural, points, scientific, signed } from './numbers.js';
import { firstOf, type Page, paragraphs } from './page.js';
import { printable, type Style } from './style.js';
import { type Column, table } from './table.js';
import {
  adviceText,
  gainsText,
  reachText,
  standingsText,
  standingText,
  verdictText,
  verdictTone,
} from './verdict.js';
import { warningText } from './warnings.js';
import { roleText } from './words.js';

/** Regressions that are listed. */
const LISTED = 10;

export function applyReport(result: ApplyResult, page: Page): string {
  const { style } = page;
  const { status, neurons, localization } = result;
  const layers = [...new Set(neurons.map(({ layer }) => layer))].sort((a, b) => a - b);
  const shared =
    result.layers.length > layers.length ? ` (shared by layers ${enumerated(result.layers)})` : '';
  const located = localization
    ? `${plural(localization.neurons.length, 'knowledge neuron')} located over ${plural(localization.prompts.length, 'prompt')}`
    : {
        named: 'neurons from the file',
        selected: 'neurons selected at the subject',
        all: `every neuron of ${layers.length > 1 ? 'the layers' : 'the layer'}`,
        located: '',
      }[result.chosen];
  const change = result.rewrite
    ? `${printable(result.rewrite.from)} → ${printable(result.rewrite.to)}`
    : result.operation;
  return paragraphs(
    `${style.bold(printable(result.name))}: ${change} · ${statusLine(result, style)}\n ${located}; ` +
      `${plural(neurons.length, 'value vector')} in layer ${layers.join(', ')}${shared} · ${result.seconds.toFixed(1)} s`,
    probeTable(result.before, result.after, page),
    metricsTable(result.metrics.roles, page),
    verdictReport(result, page),
    doseTable(result.doses, page),
    sweepTable(result.sweep, page),
    regressionReport(result.regressions, page),
    result.warnings.map((text) => warningText(text, style)),
    status === 'applied' ? style.dim(`undo with: kn-edit revert ${result.editId}`) : '',
  );
}

/** What became of an edit, coloured. */
export function statusLine({ status, editId }: Pick<ApplyResult, 'status' | 'editId'>, style: Style): string {
  return {
    applied: style.good(`applied as edit ${editId}`),
    'dry-run': style.accent('dry run, nothing was changed'),
    refused: style.bad('refused, nothing was changed'),
  }[status];
}

/** Own probes that are listed; the JSON output has them all. */
const LISTED_PROBES = 40;

/** The fact's own probes, role by role, one line each: top answer and probability, before and after. */
export function probeTable(
  before: readonly ProbeResult[],
  after: readonly ProbeResult[],
  page: Page,
): string {
  const { width, style } = page;
  const pairs = before.flatMap((was, i) => {
    const now = after[i];
    return now && isOwn(was) ? [{ was, now }] : [];
  });
  if (pairs.length === 0) return '';
  const rewritten = pairs[0]?.was.newProb !== undefined;
  const top = (one: ProbeResult) => `${printable(one.top[0]?.token ?? '')} ${percent(one.top[0]?.prob ?? 0)}`;
  const columns: Column[] = [
    { title: 'prompt', shrinks: true },
    { title: 'before' },
    { title: 'after' },
    { title: rewritten ? 'P(new)' : 'P(object)', align: 'right' },
  ];
  const { shown, more } = firstOf(pairs, LISTED_PROBES, page);
  const rows = shown.map(({ was, now }) => {
    const changed = was.top[0]?.id !== now.top[0]?.id;
    const [from, to] = rewritten ? [was.newProb ?? 0, now.newProb ?? 0] : [was.prob, now.prob];
    return [
      printable(was.prompt),
      top(was),
      changed ? style.accent(top(now)) : top(now),
      `${percent(from)} → ${percent(to)}`,
    ];
  });
  const [head = '', ...lines] = table(columns, rows, width).split('\n');
  const grouped = lines.flatMap((line, i) => {
    const role = pairs[i]?.was.role;
    return role === pairs[i - 1]?.was.role ? [line] : [style.dim(` ${role}`), line];
  });
  return [head, ...grouped, ...more].join('\n');
}

export function metricsTable(metrics: readonly RoleMetrics[], { width, style }: Page): string {
  const rewritten = metrics.some(({ newProbAfter }) => newProbAfter !== undefined);
  const columns: Column[] = [
    { title: 'role' },
    { title: 'probes', align: 'right' },
    { title: 'P(expected)', align: 'right' },
    { title: 'top kept', align: 'right' },
    ...(rewritten
      ? [
          { title: 'P(new)', align: 'right' as const },
          { title: 'new on top', align: 'right' as const },
        ]
      : []),
  ];
  const rows = metrics.map((one) => {
    const kept = one.role === 'neighborhood' || one.role === 'unrelated';
    const unchanged = percent(one.unchanged);
    return [
      roleText(one.role),
      String(one.count),
      `${percent(one.probBefore)} → ${percent(one.probAfter)}`,
      kept && one.unchanged < 1 ? style.warn(unchanged) : unchanged,
      ...(rewritten
        ? [
            `${percent(one.newProbBefore ?? 0)} → ${percent(one.newProbAfter ?? 0)}`,
            percent(one.newTop1After ?? 0),
          ]
        : []),
    ];
  });
  return table(columns, rows, width);
}

/** The verdict and the shares that it stands on, the effect beside its control, and the metrics of the field. */
export function verdictReport(result: EditResult, { style }: Page): string {
  const { control, metrics, drift, perplexity, reach, further, standings } = result;
  const { effect, rewrite, sideEffects } = metrics;
  const others = metrics.roles
    .filter(({ role }) => role === 'neighborhood' || role === 'unrelated')
    .reduce((sum, { count }) => sum + count, 0);
  const moved = rewrite ? 'P(new)' : 'P(object)';
  const reached = (['target', 'paraphrase'] as const).flatMap((role) => {
    const own = metrics.roles.find((one) => one.role === role);
    return own ? [(rewrite ? own.newProbAfter : own.probAfter) ?? 0] : [];
  });
  const lines = [
    `verdict: ${verdictTone(result, style)(verdictText(result))}`,
    reach ? `${reachText(reach)}; mean ${moved} ${reached.map(percent).join(' and ')}` : '',
    `effect ${points(effect)} (mean change of ${moved} on the target prompts), ` +
      `damage ${percentOr(sideEffects.damage)} (mean change of P(expected) on ${plural(others, 'other probe')})`,
    controlText(control, sideEffects.damage !== null) ?? style.dim('control: none'),
    gainsText(result) ?? '',
    adviceText(result) ?? '',
  ];
  if (rewrite) {
    const { efficacy, paraphrase, neighborhood, score, changeRate, successRate } = rewrite;
    lines.push(
      `efficacy ${percentOr(efficacy?.success)}, paraphrase ${percentOr(paraphrase?.success)}, ` +
        `neighbourhood (new answer not preferred) ${percentOr(neighborhood?.success)}, harmonic mean ${percentOr(score)}; ` +
        `success rate ${percentOr(successRate)}, change rate ${percentOr(changeRate)}`,
    );
  }
  const { logPerplexity, flips } = sideEffects;
  lines.push(
    `top-1 flips of these probes ${percentOr(flips.neighborhood)} (neighbourhood), ${percentOr(flips.unrelated)} (unrelated); ` +
      `log perplexity ${signedOr(logPerplexity.neighborhood)}, ${signedOr(logPerplexity.unrelated)}`,
  );
  if (perplexity) lines.push(perplexityText(perplexity, control));
  if (further) {
    lines.push(
      `${further.lost} of ${plural(further.asked, 'further fact')} lost their answer ` +
        `(the fact base has ${further.facts})`,
    );
  }
  if (drift) lines.push(driftText(drift));
  return [
    ...lines.filter((line) => line !== '').map((line) => ` ${line}`),
    ...standingLines(standings, style),
  ].join('\n');
}

export function driftText({ before, after }: NonNullable<EditResult['drift']>): string {
  return (
    `drift from the base over ${plural(after.probes, 'fact')}: ${percent(before.flips)} → ${percent(after.flips)} ` +
    `of top answers, KL ${before.kl.toFixed(4)} → ${after.kl.toFixed(4)}`
  );
}

/** The earlier edits in one line, and those that do not hold by name. */
export function standingLines(standings: readonly StandingEdit[], style: Style): string[] {
  if (standings.length === 0) return [];
  const fallen = standings.filter(({ state }) => state === 'weakened' || state === 'lost');
  return [
    ` other edits: ${standingsText(standings)}`,
    ...fallen.map((one) => `  ${(one.state === 'lost' ? style.bad : style.warn)(standingText(one))}`),
  ];
}

function controlText(control: EditResult['control'], measured: boolean): string | undefined {
  if (!control) return undefined;
  const which = control.kind === 'random' ? 'random neurons' : 'the same neurons in other layers';
  return (
    `control: ${which}, ${plural(control.draws.length, 'draw')}: effect ${range(control.effect, points)}, ` +
    `damage ${measured ? range(control.damage, percent) : '–'}`
  );
}

/** "perplexity 88.97 → 89.02 (+0.06%; controls +3.9%) on 997 tokens of 3 files". */
export function perplexityText(
  { before, after, rise, tokens, sources }: NonNullable<EditResult['perplexity']>,
  control: EditResult['control'],
): string {
  const files = sources.filter((one) => one !== FACTS_IN_WORDS);
  const named = files.length > 1 ? [`${files.length} files`] : files.map(printable);
  const from = [...named, ...sources.filter((one) => one === FACTS_IN_WORDS)];
  const controls = control?.perplexityRise ? `; controls ${change(control.perplexityRise.mean)}` : '';
  return (
    `perplexity ${before.toFixed(2)} → ${after < 1e6 ? after.toFixed(2) : scientific(after)} (${change(rise)}${controls}) ` +
    `on ${plural(tokens, 'token')} of ${enumerated(from)}`
  );
}

function doseTable(doses: readonly DosePoint[], { width }: Page): string {
  if (doses.length === 0) return '';
  return table(
    ['dose', 'effect', 'damage', 'top-1 flips'].map((title) => ({ title, align: 'right' as const })),
    doses.map(({ dose, effect, damage, flips }) => [
      String(dose),
      points(effect),
      percent(damage),
      percent(flips),
    ]),
    width,
  );
}

/** What each value cost; the smallest that works is the one that was taken. */
function sweepTable(swept: ApplyResult['sweep'], { width, style }: Page): string {
  if (swept.length === 0) return '';
  const taken = swept.find(({ works }) => works);
  return table(
    [
      { title: 'value', align: 'right' },
      { title: 'vectors', align: 'right' },
      { title: 'effect', align: 'right' },
      { title: 'top-1 flips', align: 'right' },
      { title: 'regressions', align: 'right' },
      { title: 'perplexity', align: 'right' },
      { title: 'verdict' },
    ],
    swept.map((one) => [
      one === taken ? style.good(`▸ ${one.value}`) : String(one.value),
      String(one.neurons),
      points(one.effect),
      percentOr(one.flips),
      String(one.regressions),
      one.perplexityRise === null ? '–' : change(one.perplexityRise),
      (one.works ? style.good : style.warn)(one.verdict),
    ]),
    width,
  );
}

function range({ mean, low, high }: Interval, show: (value: number) => string): string {
  return low === null || high === null
    ? `${show(mean)} (one draw has no interval)`
    : `${show(mean)} (95%: ${show(low)} to ${show(high)})`;
}

function signedOr(value: number | null): string {
  return value === null ? '–' : signed(value);
}

export function regressionReport(regressions: readonly Regression[], page: Page): string {
  const { width, style } = page;
  if (regressions.length === 0) return style.good('no regressions');
  const { shown, more } = firstOf(regressions, LISTED, page);
  const rows = shown.map(({ role, edit, prompt, expect, before, after }) => [
    edit ? `edit ${edit.id}` : roleText(role),
    printable(prompt),
    printable(expect),
    `${percent(before.prob)} → ${percent(after.prob)}`,
    `${printable(before.answer)} ${percent(before.answerProb)}`,
    style.bad(`${printable(after.answer)} ${percent(after.answerProb)}`),
  ]);
  const columns = [
    { title: 'role' },
    { title: 'prompt', shrinks: true },
    { title: 'expected' },
    { title: 'P(expected)' },
    { title: 'top before' },
    { title: 'after' },
  ];
  const head = style.bad(plural(regressions.length, 'regression'));
  return [head, table(columns, rows, width), ...more].join('\n');
}
