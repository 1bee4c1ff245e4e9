// Real text: what the covariance of a layer's activations is made from, and what tells of the model's language.
import { readSentences } from '../../background/text.js';
import type { LanguageModel } from '../../lm/language-model.js';
import { draw } from '../../random.js';

/** Tokens of a text: of one length, so that they run together. */
const LENGTH = 32;

/** Sentences of text files in random order, as texts of 32 tokens each; shorter ones are left out. */
export function readTexts(model: LanguageModel, files: readonly string[], random: () => number): number[][] {
  const { sentences } = readSentences(files);
  return draw(sentences, sentences.length, random).flatMap((sentence) => {
    const ids = model.tokenizer.encodePrompt(sentence).ids.slice(0, LENGTH);
    return ids.length === LENGTH ? [ids] : [];
  });
}
