// Trying an edit out: carried out on its neurons and on those of the controls, measured, and held against everything
// that should stay. What a solved rewrite breaks is held in place, and it is solved again.
import type { Overlay } from '../lm/overlay.js';
import { type ProbeResult, type Regression, regressions, worstFirst } from '../probe/results.js';
import type { VectorChange } from '../surgery/replay.js';
import type { HeldWording } from './background.js';
import type { Context } from './context.js';
import type { Operator } from './edit-probes.js';
import type { FurtherFacts } from './further-facts.js';
import { encodeHeld } from './held.js';
import { carryOut, overlayWith } from './operate.js';
import type { Plan, Planner } from './plan.js';
import type { Standings } from './standings.js';

/** What is asked in every trial, with the answers before it. */
export interface Surroundings {
  /** The edit's own probes. */
  before: readonly ProbeResult[];
  /** Earlier edits. */
  earlier: Standings;
  stood: readonly ProbeResult[] | undefined;
  further: FurtherFacts;
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
  /** Further facts whose answer is no longer on top. */
  lost: number;
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
  let latest = await tryOnce(context, operator, planner, surroundings);
  let best = latest;
  for (let round = 0; round < ROUNDS && planner.holds && best.regressions.length > 0; round++) {
    const wordings = wordingsOf(context, latest.regressions, [
      ...operator.probes.map(({ prompt }) => prompt.prompt),
      ...surroundings.further.prompts,
    ]);
    if (wordings.length === 0) break;
    await planner.hold([await encodeHeld(context, wordings)]);
    latest = await tryOnce(context, operator, planner, surroundings);
    if (latest.regressions.length < best.regressions.length) best = latest;
  }
  return best;
}

async function tryOnce(
  context: Context,
  operator: Operator,
  planner: Planner,
  { before, earlier, stood, further }: Surroundings,
): Promise<Trial> {
  const { tolerance } = operator.edit;
  const [plan, ...controls] = await planner.plans();
  if (!plan) throw new Error('nothing was planned');
  const { vectors, after } = await carryOut(context, operator, plan, { divergence: true });
  const overlay = overlayWith(context, vectors);
  const stands = await earlier.measure(overlay);
  const { lost, regressions: broken } = await further.check(overlay, tolerance);
  const edited = earlier.losses(stood, stands, tolerance);
  const named = new Set(edited.map(({ prompt }) => prompt)); // a neighbour may be an edited fact
  const others = [...regressions(before, after, tolerance), ...broken].filter(
    ({ prompt }) => !named.has(prompt),
  );
  return {
    plan,
    controls,
    vectors,
    overlay,
    after,
    stands,
    lost,
    regressions: [...edited, ...others.sort(worstFirst)],
  };
}

/**
 * What broke, in words that can be held. Of a fact of the base that is every wording that is not probed, so that what is
 * measured is never what was held; the prompts of earlier edits and the file's own probes are held on purpose.
 */
function wordingsOf(
  context: Context,
  broken: readonly Regression[],
  probed: readonly string[],
): HeldWording[] {
  const facts = new Map(
    context.expected.flatMap((fact) => [...fact.prompts, ...fact.heldOut].map((one) => [one, fact] as const)),
  );
  const asked = new Set(probed);
  return broken.flatMap(({ role, prompt }) => {
    const fact = facts.get(prompt);
    const others = fact ? [...fact.prompts, ...fact.heldOut].filter((one) => !asked.has(one)) : [];
    const wordings = role === 'edited' ? [prompt, ...others] : others;
    return wordings.map((wording) => ({ prompt: wording, subject: fact?.subject }));
  });
}
