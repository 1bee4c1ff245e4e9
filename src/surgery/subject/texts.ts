// A fact as the texts in which its subject is looked for: its wordings, bare and behind neutral sentences.
import { InputError, KnEditError } from '../../errors.js';
import type { LanguageModel } from '../../lm/language-model.js';
import {
  type EncodedPrompt,
  type EncodedTarget,
  questionsOf,
  type Tokens,
  tokensIn,
} from '../../lm/prompt.js';
import type { Marked } from '../../lm/tail.js';
import { MASK } from '../../spec/prompts.js';
import { CONTEXTS } from './contexts.js';
import type { AskedText } from './delta.js';

/** A fact that is rewritten at its subject; plain data. */
export interface SubjectFact {
  subject: string;
  prompts: EncodedPrompt[];
  /** The new answer. */
  target: EncodedTarget;
}

export interface FactTexts {
  texts: AskedText[];
  essence: Marked[];
}

/**
 * The texts of a fact. Wordings that do not name the subject are left out, and so is what would be too long.
 * @throws InputError when no wording names it
 */
export function factTexts(model: LanguageModel, { subject, prompts, target }: SubjectFact): FactTexts {
  const wordings = prompts.flatMap(({ prompt }) =>
    CONTEXTS.flatMap((context) => encodeIfFits(model, `${context}${prompt}`)),
  );
  const texts = wordings.flatMap((prompt, wording): AskedText[] =>
    markAll(model, prompt, tokensIn(prompt, target), subject).map((text) => ({ ...text, wording })),
  );
  if (texts.length === 0) {
    throw new InputError(`"${subject}" is in none of the prompts; write it as they do`, 'fact.subject');
  }
  const numbers = [...new Set(texts.map(({ wording }) => wording))];
  const said = `${subject} is a${model.info.causal ? '' : ` ${MASK}.`}`;
  const essence = CONTEXTS.flatMap((context) =>
    encodeIfFits(model, `${context}${said}`).flatMap((prompt) => subjectIn(model, { prompt, subject })),
  );
  return {
    texts: texts.map((text) => ({ ...text, wording: numbers.indexOf(text.wording) })),
    essence: essence.slice(0, 1),
  };
}

/**
 * A text with the row where its subject ends; nothing where that is not known, or not in it. Nor where a decoder's text
 * begins with it: what the first row holds is far larger than any other and says nothing of its token, because all rows
 * attend to it (attention sinks, Xiao et al. 2024); an edit there would touch every text.
 */
export function subjectIn(
  model: LanguageModel,
  { prompt, subject }: { prompt: EncodedPrompt; subject?: string | undefined },
): Marked[] {
  const row = subject === undefined ? undefined : model.tokenizer.rowOf(prompt, subject);
  if (row === undefined || subject === undefined || beginsWithSubject(model, { prompt, subject })) return [];
  return [{ ids: prompt.ids, position: prompt.position, row }];
}

/** Whether a decoder's text begins with its subject, so that an edit cannot act there. */
export function beginsWithSubject(
  model: LanguageModel,
  { prompt, subject }: { prompt: EncodedPrompt; subject: string },
): boolean {
  return prompt.causal && model.tokenizer.rowOf(prompt, subject) === 0;
}

/** The same of a prompt by itself and behind each of the neutral sentences. */
export function subjectInContexts(
  model: LanguageModel,
  { prompt, subject }: { prompt: EncodedPrompt; subject?: string | undefined },
): Marked[] {
  return CONTEXTS.flatMap((context) => encodeIfFits(model, `${context}${prompt.prompt}`)).flatMap((one) =>
    subjectIn(model, { prompt: one, subject }),
  );
}

/** One text per token of an answer, all with the same subject. */
function markAll(
  model: LanguageModel,
  prompt: EncodedPrompt,
  answer: Tokens,
  subject: string,
): (Marked & { target: number })[] {
  return subjectIn(model, { prompt, subject }).flatMap(({ row }) =>
    questionsOf(prompt, answer).map((question) => {
      const further = prompt.causal || row < prompt.position ? 0 : answer.ids.length - 1; // masks before it
      return { ...question, row: row + further };
    }),
  );
}

function encodeIfFits(model: LanguageModel, text: string): EncodedPrompt[] {
  try {
    return [model.tokenizer.encodePrompt(text)];
  } catch (error) {
    if (error instanceof KnEditError) return []; // too long; the wording by itself was checked
    throw error;
  }
}
