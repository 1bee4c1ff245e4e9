// Whether a model can be asked for an item, and how: what of its prompts and probes remains, and why the others do not.
import { InputError } from '../errors.js';
import { type EncodedTarget, tokensIn } from '../lm/prompt.js';
import type { Tokenizer } from '../lm/tokenizer.js';
import { answerComesLast, MASK } from '../spec/prompts.js';
import { PROBE_ROLES, type SetItem, type SetProbes } from './set.js';

/** Why a prompt cannot be asked. */
const QUESTION = 'a question, which a model that fills masks is not asked';
const BEHIND = 'text behind the answer, which a model that continues text does not see';
const MASKS = `more than one ${MASK}`;
const NO_START = 'no text before the answer, which a model that continues text needs';
const TOO_LONG = 'more tokens than the model takes';
const RUNS_IN = 'an end that merges with the answer';
const UNKNOWN_WORDS = "words outside the model's vocabulary";
/** Why an answer cannot be asked for. */
const UNKNOWN_OBJECT = "an answer outside the model's vocabulary";
const UNKNOWN_NEW = "a new answer outside the model's vocabulary";

/** What became of an item. */
export interface Judgement {
  /** As the model can be asked; undefined where it cannot. */
  item?: SetItem | undefined;
  /** Why it cannot. */
  reason?: string | undefined;
  /** Why prompts and probes of it are gone, a reason for each. */
  leftOut: string[];
  /** Tokens of its object in its first prompt. */
  tokens: number;
}

/** Judges an item. @param edit whether it is to be edited, to its new answer */
export function judge(tokenizer: Tokenizer, item: SetItem, edit: boolean): Judgement {
  const refused = (reason: string): Judgement => ({ reason, leftOut: [], tokens: 0 });
  const { fact, to } = item;
  const object = unless(() => tokenizer.encodeTarget(fact.object));
  if (!object) return refused(UNKNOWN_OBJECT);
  const answer = edit && to !== undefined ? unless(() => tokenizer.encodeTarget(to)) : object;
  if (!answer) return refused(UNKNOWN_NEW);

  const own = [object, answer]; // before and after the edit
  const judged = fact.prompts.map((prompt) => askable(tokenizer, prompt, own));
  const prompts = judged.flatMap(({ prompt }) => (prompt === undefined ? [] : [prompt]));
  const [first] = prompts;
  if (first === undefined) return refused(`prompts: ${judged.find(({ reason }) => reason)?.reason}`);
  const leftOut = judged.flatMap(({ reason }) => (reason ? [`prompts: ${reason}`] : []));
  const probes: SetProbes = { paraphrase: [], neighborhood: [], unrelated: [], portability: [] };
  for (const role of PROBE_ROLES) {
    for (const { prompt, expect } of item.probes[role]) {
      const expected = unless(() => tokenizer.encodeTarget(expect));
      const answers = expected && role === 'paraphrase' ? [expected, answer] : [expected];
      const found = askable(tokenizer, prompt, answers);
      if (found.prompt === undefined) leftOut.push(`probes: ${found.reason}`);
      else probes[role].push({ prompt: found.prompt, expect });
    }
  }
  const negativePrompts = fact.negativePrompts?.flatMap((given) => {
    const { prompt, reason } = askable(tokenizer, given, []);
    if (reason) leftOut.push(`negative prompts: ${reason}`);
    return prompt ?? [];
  });
  const asked = { ...fact, prompts, ...(negativePrompts && { negativePrompts }) };
  const tokens = tokensIn(tokenizer.encodePrompt(first), object).ids.length;
  return { item: { ...item, fact: asked, probes }, leftOut, tokens };
}

/** A prompt as the model takes it, or why it cannot. */
type Asked = { prompt: string; reason?: undefined } | { prompt?: undefined; reason: string };

/**
 * A prefix is given a mask and a full stop where the model fills masks.
 * @param answers that are asked for there, each by itself; undefined for one that the vocabulary does not have
 */
function askable(
  tokenizer: Tokenizer,
  given: string,
  answers: readonly (EncodedTarget | undefined)[],
): Asked {
  const causal = tokenizer.maskId === undefined;
  const hasMask = given.includes(MASK);
  if (!causal && !hasMask && isQuestion(given)) return { reason: QUESTION };
  if (given.split(MASK).length > 2) return { reason: MASKS };
  if (causal && hasMask && given.trim().startsWith(MASK)) return { reason: NO_START };
  if (causal && !answerComesLast(given)) return { reason: BEHIND };
  const prompt = causal || hasMask ? given : `${given.trimEnd()} ${MASK}.`;
  const encoded = unless(() => tokenizer.encodePrompt(prompt));
  if (!encoded) return { reason: TOO_LONG };
  if (encoded.unknownWords.length > 0) return { reason: UNKNOWN_WORDS };
  for (const answer of answers) {
    if (!answer) return { reason: UNKNOWN_OBJECT };
    if (!unless(() => tokenizer.checkAnswer(encoded, answer) ?? true)) return { reason: RUNS_IN };
  }
  return { prompt };
}

/** zsRE's questions from Natural Questions have no question mark. */
function isQuestion(prompt: string): boolean {
  return /\?\s*$/.test(prompt) || prompt.startsWith('nq question:');
}

/** What work gives; undefined where its input is refused. */
function unless<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
