// The regression check: a suite on the model as edited, against its base or against what was recorded.
import { NO_OVERLAY, type Overlay } from '../lm/overlay.js';
import { type EncodedPrompt, type EncodedTarget, exactly } from '../lm/prompt.js';
import type { Suite } from '../spec/suite-file.js';
import type { Context } from './context.js';
import { drawSuite } from './suite.js';

/** One probe of a suite, checked. */
export interface CheckedProbe {
  prompt: string;
  expect: string;
  /** Top answer of the edited model. */
  answer: string;
  prob: number;
  /** P(expected) as recorded, or of the base. */
  expectedProb: number;
  /** KL divergence from the base's answers, in nats. */
  kl: number;
  /** What is wrong, in words; empty when the probe passes. */
  failures: string[];
}

/** A check; the shape that scripts read. */
export interface CheckResult {
  suite: string;
  passed: number;
  failed: number;
  probes: CheckedProbe[];
  seconds: number;
}

/** Runs a suite on the model in its present state. @throws InputError that names the field of an unusable probe */
export async function checkSuite(context: Context, suite: Suite): Promise<CheckResult> {
  const start = performance.now();
  const edits = suite.probes.map(({ prompt }) => context.editOf(prompt));
  const wanted = suite.probes.map(({ expect }, i) => expect ?? edits[i]?.answer);
  const encoded = await context.run('encode', {
    prompts: suite.probes.map(({ prompt }, i) => ({ field: `probes.${i}.prompt`, value: prompt })),
    targets: wanted.flatMap((value, i) =>
      value === undefined ? [] : [{ field: `probes.${i}.expect`, value }],
    ),
  });
  context.progress('probe', 0, 1);
  const own = await baseAnswers(
    context,
    encoded.prompts.filter((_, i) => wanted[i] === undefined),
  );
  const expected: (EncodedTarget | undefined)[] = [];
  const given = wanted.flatMap((value, i) => (value === undefined ? [] : [i]));
  const open = wanted.flatMap((value, i) => (value === undefined ? [i] : []));
  for (const [i, at] of given.entries()) expected[at] = encoded.targets[i];
  for (const [i, at] of open.entries()) expected[at] = own[i];
  const asked = encoded.prompts.map((prompt, i) => ({ prompt, ask: expected[i] ? [expected[i]] : [] }));
  await context.run('checkAnswers', {
    asked: asked.flatMap(({ prompt, ask }, i) =>
      ask.map((target) => ({ field: `probes.${i}.prompt`, value: { prompt, target } })),
    ),
  });
  const found = await context.run('probe', { probes: asked, top: 1, reference: NO_OVERLAY });
  context.progress('probe', 1, 1);

  const probes = suite.probes.map(({ prompt, expect: named, prob: recorded, tolerance }, i): CheckedProbe => {
    const limits = { ...suite.tolerance, ...tolerance };
    if (edits[i] && named === undefined) {
      limits.maxKl = undefined; // that it answers otherwise than the base is the edit's purpose
      if (edits[i].answer === undefined) limits.top1 = 'any';
    }
    const top = found[i]?.top[0];
    const asked = found[i]?.asked[0];
    const expect = asked?.token ?? '';
    const expectedProb = recorded ?? found[i]?.reference?.asked[0] ?? 0;
    const prob = asked?.prob ?? 0;
    const kl = found[i]?.reference?.kl ?? 0;
    const failures: string[] = [];
    if (limits.top1 !== 'any' && asked?.rank !== 1) failures.push(`answers ${top?.token}`);
    if (limits.maxProbabilityDrop !== undefined && expectedProb - prob > limits.maxProbabilityDrop) {
      failures.push(`probability fell from ${expectedProb.toFixed(3)} to ${prob.toFixed(3)}`);
    }
    if (limits.maxKl !== undefined && kl > limits.maxKl) failures.push(`KL divergence ${kl.toFixed(3)}`);
    return { prompt, expect, answer: top?.token ?? '', prob, expectedProb, kl, failures };
  });
  const failed = probes.filter(({ failures }) => failures.length > 0).length;
  const seconds = (performance.now() - start) / 1000;
  return { suite: suite.name, passed: probes.length - failed, failed, probes, seconds };
}

/** The base's own answers: what is expected where a suite says nothing, and no edit was made for the prompt. */
async function baseAnswers(context: Context, prompts: readonly EncodedPrompt[]): Promise<EncodedTarget[]> {
  if (prompts.length === 0) return [];
  const probes = prompts.map((prompt) => ({ prompt, ask: [] }));
  const answers = await context.run('probe', { probes, top: 1 }, NO_OVERLAY);
  return answers.flatMap(({ top }) => top.map(({ id, token }) => exactly({ ids: [id], token })));
}

/** How far a state of the model is from its base, on a fixed set of its facts. */
export interface Drift {
  probes: number;
  /** Share of the probes whose top answer is another one than the base's. */
  flips: number;
  /** Mean KL divergence from the base's answers, in nats. */
  kl: number;
}

const DRIFT_PROBES = 100;
const DRIFT_SEED = 7;

/** The drift of a state; undefined for a model without a fact base. */
export async function driftOf(context: Context, overlay: Overlay): Promise<Drift | undefined> {
  if (context.facts.length === 0) return undefined;
  if (overlay.id === '') return { probes: Math.min(DRIFT_PROBES, context.facts.length), flips: 0, kl: 0 };
  const { probes } = drawSuite(context.facts, context.model, DRIFT_PROBES, DRIFT_SEED);
  const prompts = probes.map(({ prompt }) => ({ field: 'facts.json', value: prompt }));
  const encoded = await context.run('encode', { prompts, targets: [] });
  const asked = encoded.prompts.map((prompt) => ({ prompt, ask: [] }));
  const found = await context.run('probe', { probes: asked, top: 1, reference: NO_OVERLAY }, overlay);
  const flips = found.filter(({ top, reference }) => top[0]?.id !== reference?.top.id).length;
  return {
    probes: found.length,
    flips: flips / found.length,
    kl: found.reduce((sum, one) => sum + (one.reference?.kl ?? 0), 0) / found.length,
  };
}
