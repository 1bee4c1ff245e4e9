// The page of an edit of the ledger: what it did, beside its controls; where; what else changed; and how it is undone.
import type { RecordedPrompt } from '../../ledger/records.js';
import { isOwn, type ProbeResult } from '../../probe/results.js';
import type { MeasuredEdit } from '../../session/outcome.js';
import { cutTexts } from '../cut.js';
import { dotChart } from '../figures/dots.js';
import { lineChart } from '../figures/lines.js';
import { when } from '../history.js';
import { documentOf, type Section } from '../html/document.js';
import { html, type Markup } from '../html/markup.js';
import { plainTable } from '../html/table.js';
import { change, percent, percentOr, plural, points } from '../numbers.js';
import { adviceText, gainsText, standingText, verdictText } from '../verdict.js';
import { roleText } from '../words.js';
import {
  card,
  madeSection,
  mapSection,
  neuronSection,
  type PageWithFigures,
  promptMap,
  type Size,
  warningList,
} from './parts.js';

/** Probes and regressions that are listed; the ledger has all. */
const LISTED = 60;
const LABEL = 44;

interface Pair {
  was: ProbeResult;
  now: ProbeResult;
  /** P of the wanted answer after the same on random neurons. */
  random: number | undefined;
}

/**
 * @param located the prompts that its neurons were located by
 * @param words that each of the first neurons promotes
 */
export function editPage(
  edit: MeasuredEdit,
  located: readonly RecordedPrompt[],
  words: readonly (readonly string[])[],
  model: Size & { name: string },
): PageWithFigures {
  const pairs = edit.before.flatMap((was, i): Pair[] => {
    const now = edit.after[i];
    const random = edit.control?.after[i];
    return now ? [{ was, now, random: random && (random.newProb ?? random.prob) }] : [];
  });
  const map = promptMap(located, edit.neurons, model);
  const probes = probeFigure(pairs);
  const doses = doseFigure(edit);
  const rewrite = edit.rewrite ? ` ${edit.rewrite.from} → ${edit.rewrite.to}` : '';
  const text = documentOf({
    title: `Edit ${edit.id}: ${edit.name}`,
    about: html`<p>${edit.operation}${rewrite}, of <code>${model.name}</code>; ${plural(edit.neurons.length, 'value vector')}; applied at ${when(edit.createdAt)} (UTC)${
      edit.revertedAt && html`, reverted at ${when(edit.revertedAt)}`
    }.</p>`,
    sections: [
      overview(edit),
      probeSection(pairs, probes),
      mapSection(map),
      neuronSection(
        edit.neurons,
        words,
        'Those whose value vectors changed. The words are those that they promote in the model as it is now.',
      ),
      doses && {
        id: 'doses',
        title: 'Doses',
        content: figureOf(doses, 'The same neurons, changed by more and by less.'),
      },
      otherSection(edit),
      undoSection(edit),
      madeSection({
        specification: edit.specification,
        settings: edit.settings,
        versions: edit.versions,
      }),
    ].filter((one) => one !== undefined),
  });
  const figures = [
    { name: 'probes', svg: probes },
    { name: 'map', svg: map },
    { name: 'doses', svg: doses },
  ];
  return { html: text, figures: figures.flatMap(({ name, svg }) => (svg ? [{ name, svg }] : [])) };
}

const figureOf = (svg: Markup, caption: string) =>
  html`<figure>${svg}<figcaption>${caption}</figcaption></figure>`;

function overview(edit: MeasuredEdit): Section {
  const { verdict, metrics, control, reach, perplexity, drift, further, warnings } = edit;
  const { damage, flips } = metrics.sideEffects;
  const beside = (value: string | undefined) => {
    return value === undefined
      ? undefined
      : `${control?.kind === 'layer' ? 'other layers' : 'random neurons'}: ${value}`;
  };
  const reachedOf = ({ after, of }: { after: number; of: number }) => `${after} of ${of}`;
  const cards = [
    card('effect', points(metrics.effect), beside(control ? points(control.effect.mean) : undefined)),
    reach &&
      card(
        'reached',
        reachedOf(reach.target),
        'target prompts',
        reach.heldOut.of > 0 ? `held-out wordings: ${reachedOf(reach.heldOut)}` : undefined,
      ),
    flips.all !== null &&
      card(
        'other answers that changed',
        percent(flips.all),
        beside(control?.flips ? percent(control.flips.mean) : undefined),
      ),
    damage !== null &&
      card('damage', percent(damage), beside(control ? percent(control.damage.mean) : undefined)),
    perplexity &&
      card(
        'perplexity on text',
        change(perplexity.rise),
        beside(control?.perplexityRise ? change(control.perplexityRise.mean) : undefined),
      ),
    drift &&
      card(
        'drift from the base',
        percent(drift.after.flips),
        `before: ${percent(drift.before.flips)} of ${drift.after.probes} facts`,
      ),
    further &&
      card(
        'further facts lost',
        `${further.lost} of ${further.asked}`,
        `asked; the fact base has ${further.facts}`,
      ),
  ];
  const [gains, advice] = [gainsText(edit), adviceText(edit)];
  return {
    id: 'overview',
    title: 'What it did',
    content: html`${verdict !== null && html`<p><strong>${verdictText(edit)}</strong></p>`}${gains && html`<p>${gains}</p>`}${
      advice && html`<p class="bad">${advice}</p>`
    }<div class="cards">${cards.filter((one) => one)}</div>${warningList(warnings)}`,
  };
}

/** P of the answer that is wanted of a probe: the new one of a rewrite, else the expected one. */
const wanted = ({ newProb, prob }: ProbeResult) => newProb ?? prob;

function probeFigure(pairs: readonly Pair[]): Markup | undefined {
  const own = pairs.filter(({ was }) => isOwn(was)).slice(0, LISTED);
  if (own.length === 0) return undefined;
  const labels = cutTexts(
    own.map(({ was }) => was.prompt),
    LABEL,
  );
  const range = (value: number) => ({ value, low: null, high: null });
  const title = own.some(({ was }) => was.newProb !== undefined) ? 'P(new answer)' : 'P(expected answer)';
  return dotChart({
    title,
    names: [`${title} after`, 'before'],
    rows: own.map(({ was, now }, i) => ({
      label: labels[i] ?? '',
      own: range(wanted(now)),
      beside: range(wanted(was)),
    })),
    format: percent,
  });
}

function probeSection(pairs: readonly Pair[], figure: Markup | undefined): Section | undefined {
  const own = pairs.filter(({ was }) => isOwn(was));
  if (own.length === 0) return undefined;
  const rewritten = own.some(({ was }) => was.newProb !== undefined);
  const random = own.some((one) => one.random !== undefined);
  const columns = [
    ...['role', 'prompt', 'expects', 'answer before', 'after'].map((title) => ({ title })),
    ...[rewritten ? 'P(new) before' : 'P before', 'after', ...(random ? ['random neurons'] : [])].map(
      (title) => ({
        title,
        number: true,
      }),
    ),
  ];
  const answer = ({ top: [first] }: ProbeResult) => first?.token ?? '';
  const rows = own
    .slice(0, LISTED)
    .map(({ was, now, random: beside }) => [
      ...[roleText(was.role), was.prompt, was.expect, answer(was), answer(now)],
      ...[percent(wanted(was)), percent(wanted(now)), ...(random ? [percentOr(beside)] : [])],
    ]);
  const left = own.length > LISTED ? ` The first ${LISTED} of ${own.length} are listed.` : '';
  return {
    id: 'prompts',
    title: 'Prompts, before and after',
    about: `Target prompts are those that it was located by; paraphrases are held-out wordings.${left}`,
    content: html`${figure && figureOf(figure, 'Each prompt before the edit and after it.')}${plainTable({ title: 'Prompts', columns, rows })}`,
  };
}

function doseFigure({ doses }: MeasuredEdit): Markup | undefined {
  if (doses.length < 2) return undefined;
  return lineChart({
    title: 'Effect and damage by dose',
    axis: 'dose',
    lines: [
      { name: 'effect on the fact', points: doses.map(({ dose, effect }) => ({ x: dose, y: effect })) },
      { name: 'damage to others', points: doses.map(({ dose, damage }) => ({ x: dose, y: damage })) },
    ],
    format: (value) => value.toFixed(2),
  });
}

function otherSection({ metrics, regressions, standings, overlaps }: MeasuredEdit): Section {
  const columns = [
    { title: 'role' },
    ...['prompts', 'P(expected) before', 'after', 'right before', 'after', 'answer unchanged'].map(
      (title) => ({
        title,
        number: true,
      }),
    ),
  ];
  const rows = metrics.roles.map((one) => [
    ...[roleText(one.role), String(one.count), percent(one.probBefore), percent(one.probAfter)],
    ...[percent(one.top1Before), percent(one.top1After), percent(one.unchanged)],
  ]);
  const lost = regressions
    .slice(0, LISTED)
    .map(({ role, prompt, expect, before, after }) => [
      ...[
        roleText(role),
        prompt,
        expect,
        before.answer,
        after.answer,
        percent(before.prob),
        percent(after.prob),
      ],
    ]);
  const heads = ['role', 'prompt', 'expects', 'answer before', 'after', 'P before', 'after'];
  const more = regressions.length > LISTED ? ` The first ${LISTED} of ${regressions.length} are listed.` : '';
  return {
    id: 'others',
    title: 'What else changed',
    content: html`${plainTable({ title: 'By role', columns, rows })}<h3>${plural(regressions.length, 'regression')}</h3>${
      lost.length === 0
        ? html`<p>Nothing that should have stayed was lost beyond the tolerance.</p>`
        : html`<p class="about">What should have stayed, the worst loss first.${more}</p>${plainTable({
            title: 'Regressions',
            columns: heads.map((title, i) => ({ title, number: i > 4 })),
            rows: lost,
          })}`
    }${
      standings.length > 0 &&
      html`<h3>Earlier edits, after this one</h3><ul>${standings.map((one) => html`<li>${standingText(one)}</li>`)}</ul>`
    }${
      overlaps.length > 0 &&
      html`<h3>Edits of the same neurons</h3><ul>${overlaps.map(({ id, name, neurons }) => html`<li>edit ${id} ${name}: ${plural(neurons, 'neuron')}</li>`)}</ul>`
    }`,
  };
}

function undoSection({ id, status }: MeasuredEdit): Section {
  const applied = status === 'applied';
  return {
    id: 'undo',
    title: applied ? 'How it is undone' : 'How it is put on again',
    about: 'The base’s files are never written to; what the edit found is in the ledger, byte for byte.',
    content: html`<p><code>kn-edit ${applied ? 'revert' : 'redo'} ${id}</code></p>`,
  };
}
