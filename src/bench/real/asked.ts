// Records as a model sees them. Answers count by their first token, as what a prompt is answered with.
import type { LanguageModel } from '../../lm/language-model.js';
import { type EncodedPrompt, tokensIn } from '../../lm/prompt.js';
import { probe } from '../../probe/probe.js';
import { counterfacts } from './counterfacts.js';
import { type Expected, type FactRecord, fromCounterfact, type Source } from './records.js';

export interface AskedPrompt {
  prompt: EncodedPrompt;
  /** Token id of the true answer. */
  truth: number;
}

export interface Asked extends AskedPrompt {
  subject: string;
  relation: string | undefined;
  /** Token id of the new answer. */
  next: number;
  paraphrases: EncodedPrompt[];
  neighbours: AskedPrompt[];
}

/** Neighbours of records that are made of facts. */
const NEIGHBOURS = 5;

/**
 * The records whose facts the model knows, its top answer being the true one, and whose new answer is one other token.
 * @returns and how many facts it knows
 */
export function askedOf(
  model: LanguageModel,
  { records, facts }: Source,
  seed: number,
): { asked: Asked[]; known: number } {
  const ownPrompt = ({ prompts, object }: (typeof facts)[number]) => ({
    prompt: prompts[0] ?? '',
    truth: object,
  });
  const knownRecords = knownOf(model, records, (one) => one);
  const knownFacts = knownOf(model, facts, ownPrompt);
  const made = counterfacts(knownFacts, seed, NEIGHBOURS).map(fromCounterfact);
  const asked = [...knownRecords, ...made].flatMap((one) => asAsked(model, one));
  return { asked, known: knownRecords.length + knownFacts.length };
}

function knownOf<T>(model: LanguageModel, items: readonly T[], own: (item: T) => Expected): T[] {
  const prompts = items.map((item) => expecting(model, own(item)));
  const answers = probe(
    model,
    prompts.map(({ prompt }) => ({ prompt, ask: [] })),
    1,
  );
  return items.filter((_, i) => answers[i]?.top[0]?.id === prompts[i]?.truth);
}

function asAsked(model: LanguageModel, record: FactRecord): Asked[] {
  const { subject, relation, next, paraphrases, neighbours } = record;
  const own = expecting(model, record);
  const { ids } = tokensIn(own.prompt, model.tokenizer.encodeTarget(next));
  const [id] = ids;
  if (id === undefined || ids.length > 1 || id === own.truth) return [];
  return [
    {
      ...own,
      subject,
      relation,
      next: id,
      paraphrases: paraphrases.map((prompt) => model.tokenizer.encodePrompt(prompt)),
      neighbours: neighbours.map((one) => expecting(model, one)),
    },
  ];
}

function expecting(model: LanguageModel, { prompt: text, truth }: Expected): AskedPrompt {
  const prompt = model.tokenizer.encodePrompt(text);
  const [id = 0] = tokensIn(prompt, model.tokenizer.encodeTarget(truth)).ids;
  return { prompt, truth: id };
}
