// Trying an edit out: carried out on its neurons and on those of the controls, measured, and held against everything
// that should stay. What a solved rewrite breaks is held in place, and it is solved again.
import type { Overlay } from '../lm/overlay.js';
import { type ProbeResult, type Regression, regressions, worstFirst } from '../probe/results.js';
import { promptKey } from '../spec/prompts.js';
import type { VectorChange } from '../surgery/replay.js';
import type { Context } from './context.js';
import { measureInParts } from './further-facts.js';
import type { EncodedProbe } from './measure.js';
import { carryOut, type Operator, overlayWith } from './operate.js';
import { encodeHeld, type Plan, type Planner } from './plan.js';
import type { Standings } from './standings.js';

/** What is asked in every trial, with the answers before it. */
export interface Surroundings {
  /** The edit's own probes. */
  before: readonly ProbeResult[];
  /** Earlier edits. */
  earlier: Standings;
  stood: readonly ProbeResult[] | undefined;
  /** Further facts of the base. */
  further: readonly EncodedProbe[];
  furtherBefore: readonly ProbeResult[];
}

export interface Trial {
  /** Of the edit's neurons, and of each control. */
  plan: Plan;
  controls: Plan[];
  vectors: VectorChange[];
  /** The state of the model with the edit. */
  overlay: Overlay;
  after: ProbeResult[];
  stands: ProbeResult[] | undefined;
  /** Further facts whose top answer changed. */
  flips: number;
  /** What changed beyond the tolerance, earlier edits first. */
  regressions: Regression[];
}

/** How often a solved rewrite is solved again with what it broke. */
const ROUNDS = 3;

/** Tries until nothing breaks, or nothing can be done about it. @returns the trial that breaks least */
export async function tryOut(
  context: Context,
  operator: Operator,
  planner: Planner,
  surroundings: Surroundings,
): Promise<Trial> {
  let best = await tryOnce(context, operator, planner, surroundings);
  for (let round = 0; round < ROUNDS && planner.holds && best.regressions.length > 0; round++) {
    await planner.hold([await wordingsOf(context, best.regressions)]);
    const next = await tryOnce(context, operator, planner, surroundings);
    if (next.regressions.length < best.regressions.length) best = next;
  }
  return best;
}

async function tryOnce(
  context: Context,
  operator: Operator,
  planner: Planner,
  { before, earlier, stood, further, furtherBefore }: Surroundings,
): Promise<Trial> {
  const { tolerance } = operator.edit;
  const [plan, ...controls] = await planner.plans();
  if (!plan) throw new Error('nothing was planned');
  const { vectors, after } = await carryOut(context, operator, plan, { divergence: true });
  const overlay = overlayWith(context, vectors);
  const stands = await earlier.measure(overlay);
  const furtherAfter = await measureInParts(context, further, overlay);
  const others = [
    ...regressions(before, after, tolerance),
    ...regressions(furtherBefore, furtherAfter, tolerance),
  ];
  return {
    plan,
    controls,
    vectors,
    overlay,
    after,
    stands,
    flips: furtherBefore.filter((was, i) => was.top[0]?.id !== furtherAfter[i]?.top[0]?.id).length,
    regressions: [...earlier.losses(stood, stands, tolerance), ...others.sort(worstFirst)],
  };
}

/** What broke, in wordings that can be held: of facts of the base those that are not probed. */
async function wordingsOf(context: Context, broken: readonly Regression[]) {
  const prompts = new Set(broken.map(({ prompt }) => promptKey(prompt)));
  const facts = context.expected.filter(({ heldOut }) => heldOut.some((one) => prompts.has(promptKey(one))));
  for (const prompt of facts.flatMap(({ heldOut }) => heldOut)) prompts.delete(promptKey(prompt));
  const rest = broken.map(({ prompt }) => prompt).filter((prompt) => prompts.has(promptKey(prompt)));
  return encodeHeld(context, [...facts.flatMap((fact) => fact.prompts), ...rest]);
}
