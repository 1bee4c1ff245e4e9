// How all edits of a sequence so far stand, in the model that has every one of them.
import { NotFiniteError } from '../../errors.js';
import { answerTokens, type ProbeResult, perToken, type Role } from '../../probe/results.js';
import { type AppliedEdit, inForce } from '../../session/applied-edits.js';
import { driftOf } from '../../session/check.js';
import type { Context } from '../../session/context.js';
import { encodeRecorded, measure, measureIfFinite } from '../../session/measure.js';
import { Perplexity } from '../../session/perplexity.js';
import { Standings } from '../../session/standings.js';
import { PERPLEXITY_LIMIT } from '../../spec/choices.js';
import { promptKey } from '../../spec/prompts.js';
import type { Answered, SequenceCheck } from './lines.js';

/** An edit of a sequence. */
export interface MadeEdit {
  place: number;
  edit: AppliedEdit;
  /** Of its neighbourhood, before it was made. */
  neighbors: readonly ProbeResult[];
}

/**
 * Asks all edits of a sequence again.
 * @param start the model before the first one, @param state with all of them
 */
export async function checkSequence(
  start: Context,
  state: Context,
  made: readonly MadeEdit[],
): Promise<SequenceCheck> {
  const edits = inForce(made.map(({ edit }) => edit));
  const standings = await Standings.of(state, edits);
  const now = await standings.measure(state.overlay);
  const states = standings.judge(now).map((one) => one.state);
  const answers = (role: Role) => askedIn(role, edits, now ?? []);
  const text = await Perplexity.of(start);
  const perplexity = text && (await ifFinite(() => text.change(state.overlay, PERPLEXITY_LIMIT)));
  const drift = await ifFinite(() => driftOf(state, state.overlay));
  return {
    edits: made.length,
    place: made.at(-1)?.place ?? 0,
    standings: {
      holds: count(states, 'holds'),
      weakened: count(states, 'weakened'),
      lost: count(states, 'lost'),
      'reached nothing': count(states, 'reached nothing'),
    },
    target: answers('target') ?? NOTHING,
    paraphrase: answers('paraphrase'),
    neighborhood: await neighborhoodIn(start, state, made),
    perplexity: perplexity
      ? { before: perplexity.before, after: perplexity.after, tokens: perplexity.tokens }
      : null,
    drift: drift ?? null,
  };
}

const NONE = { top: 0, success: 0, prob: 0 };
const NOTHING = { edits: 0, prompts: 0, made: NONE, now: NONE };

function count<T>(all: readonly T[], one: T): number {
  return all.filter((other) => other === one).length;
}

/** @param now the own probes of all edits, one edit's after the other's; none where what is computed is no number */
function askedIn(
  role: Role,
  edits: readonly AppliedEdit[],
  now: readonly ProbeResult[],
): SequenceCheck['paraphrase'] {
  let first = 0;
  const groups = edits.flatMap(({ after }) => {
    const present = now.slice(first, first + after.length);
    first += after.length;
    const made = after.filter((one) => one.role === role);
    return made.length > 0 ? [{ made, now: present.filter((one) => one.role === role) }] : [];
  });
  if (groups.length === 0) return null;
  return {
    edits: groups.length,
    prompts: groups.reduce((sum, group) => sum + group.made.length, 0),
    made: answeredIn(groups.map((group) => group.made)),
    now: answeredIn(groups.map((group) => group.now)),
  };
}

function answeredIn(groups: readonly (readonly ProbeResult[])[]): Answered {
  const mean = (value: (probe: ProbeResult) => number) =>
    meanOf(groups.map((probes) => meanOf(probes.map(value))));
  return {
    top: mean(({ newRank }) => Number(newRank === 1)),
    success: mean((probe) => Number(tokenMean(probe, 'new') > tokenMean(probe, 'old'))),
    prob: mean(({ newProb = 0 }) => newProb),
  };
}

function tokenMean(probe: ProbeResult, which: 'new' | 'old'): number {
  const tokens = answerTokens(probe[`${which}Id`] ?? 0, probe[`${which}Ids`]);
  return perToken(probe[`${which}Prob`], tokens.length);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

async function neighborhoodIn(
  start: Context,
  state: Context,
  made: readonly MadeEdit[],
): Promise<SequenceCheck['neighborhood']> {
  const all = made.flatMap(({ neighbors }) => neighbors);
  const byPrompt = new Map(all.map((one) => [promptKey(one.prompt), one]));
  const asked = [...byPrompt.values()].filter(({ prompt }) => !state.editOf(prompt));
  const probes = await encodeRecorded(state, asked, 'the run');
  const was = await measure(state, probes, { overlay: start.overlay });
  const now = await measureIfFinite(state, probes, { overlay: state.overlay });
  if (!now || now.length === 0) return null;
  const same = now.filter(({ top }, i) => top[0]?.id === was[i]?.top[0]?.id).length;
  return { prompts: now.length, same: same / now.length };
}

/** Undefined where what the model computes is no number any more. */
async function ifFinite<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NotFiniteError) return undefined;
    throw error;
  }
}
