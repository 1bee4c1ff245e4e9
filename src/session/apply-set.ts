// Applying several edits together: each is worked out with the wordings of all others held in place, on the state that those
// before it leave, and all are recorded in one step, or none.
import type { HeldPrompt } from '../engine/pool/tasks.js';
import { about, InputError, InterruptedError } from '../errors.js';
import { toNeuronId } from '../lm/overlay.js';
import type { ProbeResult } from '../probe/results.js';
import { type Standing, standingOf } from '../probe/standing.js';
import { type Reach, reachOf } from '../probe/verdict.js';
import type { SourcedEdit } from '../spec/read.js';
import type { LocateSettings } from '../spec/settings.js';
import { type AppliedEdit, asApplied, factKeys, sameFact } from './applied-edits.js';
import { type ApplyResult, evaluateEdit, expectLedger } from './apply.js';
import type { Context } from './context.js';
import { type EncodedEdit, encodeGiven } from './edit-probes.js';
import type { ApplyOptions, Evaluated } from './evaluate.js';
import { heldOf } from './held.js';
import type { Outcome } from './outcome.js';
import { type PerplexityChange, surpriseWarning } from './perplexity.js';
import { Standings } from './standings.js';
import { writing } from './writing.js';

/** What goes for each edit of a set. A what-if, doses, and a localization at hand are of a single edit. */
export type SetOptions = Omit<ApplyOptions, 'whatIf' | 'doses' | 'located' | 'measured' | 'sweep'>;

/** One edit of a set, as it was when it had been worked out, and in the state that the whole set leaves. */
export interface SetEdit extends ApplyResult {
  /** The file that it is from. */
  source: string;
  final: {
    /** Its own probes (target and paraphrase). */
    probes: ProbeResult[];
    reach: Reach;
    standing: Standing;
  };
}

/** What became of a set; the shape that scripts read. */
export interface SetResult {
  status: ApplyResult['status'];
  /** Whether the set is refused, or would be if this were no dry run: because one of its edits is, or for perplexity. */
  wouldRefuse: boolean;
  edits: SetEdit[];
  /** Of the model before the set and after it; null without a fact base. */
  drift: Outcome['drift'];
  /** Before the set and after it; null where the background has no text. */
  perplexity: PerplexityChange | null;
  /** What is worth knowing of all of them together. */
  warnings: string[];
  seconds: number;
}

/** An edit of a set, and how to locate its fact, where its file does not name the neurons. */
export interface SetMember extends SourcedEdit {
  settings: LocateSettings;
}

/**
 * Applies some edits of different facts, in their order, and records them all, or none.
 * @throws InputError that names the file that does not fit the model, or the two that are about one fact
 */
export async function applySet(
  context: Context,
  members: readonly SetMember[],
  options: SetOptions,
): Promise<SetResult> {
  const start = performance.now();
  expectLedger(context, options);
  const encoded: EncodedEdit[] = [];
  for (const { source, edit } of members) {
    encoded.push(await about(source, () => encodeGiven(context, edit)));
  }
  expectDistinct(members, encoded);

  const first = context.ledger?.edits.nextId() ?? 1;
  const found: { worked: Evaluated<ApplyResult>; edit: AppliedEdit }[] = [];
  let state = context;
  for (const [i, { source, settings }] of members.entries()) {
    const one = encoded[i];
    if (!one) continue;
    const toCome = encoded.slice(i + 1).map(wordingsOf);
    // What is expected of the facts around it is what the edits before it left.
    const encodedNow = i === 0 ? one : await about(source, () => encodeGiven(state, one.given));
    const worked = await about(source, () =>
      evaluateEdit(state.workingOn(source), encodedNow, settings, options, toCome),
    );
    const { result, overlay } = worked;
    const edit = asApplied({ id: first + i, name: result.name }, one.given, result.before, result.after);
    found.push({ worked, edit });
    state = state.after({ edit, neurons: result.neurons.map(toNeuronId) }, overlay);
  }

  const own = found.map(({ edit }) => edit);
  const final = await finalProbes(state, own);
  const changes = changesOf(found.map(({ worked }) => worked.result));
  const last = members.at(-1)?.edit.operation;
  const surprised = changes.perplexity && last ? surpriseWarning(changes.perplexity, last) : undefined;
  const refused = found.some(({ worked }) => worked.result.wouldRefuse);
  const wouldRefuse = refused || (surprised !== undefined && !options.allowRegressions);
  const status = options.dryRun ? 'dry-run' : wouldRefuse ? 'refused' : 'applied';
  if (context.control.signal?.aborted) throw new InterruptedError();
  const { ledger, applied } = context;
  const records = found.map(({ worked }) => worked.record);
  const ids =
    status === 'applied' && ledger
      ? await writing(context, () => ledger.edits.apply(records, applied, first))
      : [];
  const edits = found.map(({ worked: { result }, edit }, i): SetEdit => {
    const { intent, before, after } = edit;
    const probes = final[i] ?? [];
    return {
      ...result,
      source: members[i]?.source ?? '',
      status,
      editId: ids[i] ?? null,
      final: {
        probes,
        reach: reachOf(intent, before, probes),
        standing: standingOf(intent, before, after, probes),
      },
    };
  });
  return {
    status,
    wouldRefuse,
    edits,
    ...changes,
    warnings: surprised ? [surprised] : [],
    seconds: (performance.now() - start) / 1000,
  };
}

/** What the first edit found, and what the last one left. */
function changesOf(edits: readonly ApplyResult[]): Pick<SetResult, 'drift' | 'perplexity'> {
  const [first, last] = [edits.at(0), edits.at(-1)];
  const drift = first?.drift && last?.drift && { before: first.drift.before, after: last.drift.after };
  if (!first?.perplexity || !last?.perplexity) return { drift: drift ?? null, perplexity: null };
  const { before } = first.perplexity;
  const rise = last.perplexity.after / before - 1;
  return { drift: drift ?? null, perplexity: { ...last.perplexity, before, rise } };
}

/** What the other edits of the set hold of one. */
function wordingsOf({ edit, rewrite, probes }: EncodedEdit): HeldPrompt[] {
  return heldOf(edit.fact.subject, probes, rewrite);
}

/** The own probes of each edit, in the state that the set leaves. */
async function finalProbes(state: Context, edits: readonly AppliedEdit[]): Promise<ProbeResult[][]> {
  const measured = (await (await Standings.of(state, edits)).measure(state.overlay)) ?? [];
  let start = 0;
  return edits.map(({ after }) => {
    const probes = measured.slice(start, start + after.length);
    start += after.length;
    return probes;
  });
}

/** @throws InputError when two edits are about one fact */
function expectDistinct(members: readonly SetMember[], encoded: readonly EncodedEdit[]): void {
  encoded.forEach(({ fact }, i) => {
    const same = encoded.slice(0, i).findIndex((one) => sameFact(factKeys(one.fact), factKeys(fact)));
    if (same < 0) return;
    throw new InputError(
      `${members[i]?.source}: fact: is that of ${members[same]?.source} (${fact.subject}, ${fact.relation}); ` +
        'keep one of the two, or apply them one after the other',
    );
  });
}
