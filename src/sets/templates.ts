// More prompts for records that come with one: the wordings of their relations.
import { distinctPrompts } from '../spec/prompts.js';
import { findRelation, promptsFor } from '../spec/relations.js';
import type { SetItem } from './set.js';

/**
 * The item with the wordings of its relation, in its subject's words, behind its own prompts; the item itself where no
 * wordings of its relation are known. What is held out as a paraphrase stays held out.
 * @param causal whether the model continues text, and can be asked in those wordings alone in which the object comes last
 */
export function withTemplates(item: SetItem, causal: boolean): SetItem {
  const { fact, probes } = item;
  const heldOut = probes.paraphrase.map(({ prompt }) => prompt);
  const templates = findRelation(fact.relation)?.templates ?? [];
  const further = promptsFor(templates, fact.subject, causal).filter((prompt) => !heldOut.includes(prompt));
  if (further.length === 0) return item;
  return { ...item, fact: { ...fact, prompts: distinctPrompts([...fact.prompts, ...further]).kept } };
}
