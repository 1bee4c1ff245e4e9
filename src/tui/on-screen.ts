// Messages name the options of the command line; on the screen the same things are dials and keys.

const WORDS: readonly [RegExp, string][] = [
  [/--threshold-mode\b/g, 'the mode'],
  [/--min-prompts\b/g, 'min prompts'],
  [/--max-generic\b/g, 'max generic'],
  [/--(steps|tolerance)\b/g, 'accuracy'],
  [/--(threshold|share|rule|site|preset)\b/g, '$1'],
  [/(check|pass) --model\b/g, 'm chooses a model'],
];

/** The message in the words of the screen. */
export function onScreen(message: string): string {
  return WORDS.reduce((text, [option, word]) => text.replace(option, word), message);
}
