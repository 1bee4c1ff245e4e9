// Messages name the options of the command line; on the screen the same things are dials and keys, or are given at the
// program's start.

const WORDS: readonly [RegExp, string][] = [
  [/--threshold-mode\b/g, 'the mode'],
  [/--min-prompts\b/g, 'min prompts'],
  [/--max-generic\b/g, 'max generic'],
  [/use more --steps\b/g, 'raise the accuracy'],
  [/--(steps|tolerance)\b/g, 'accuracy'],
  [/--(threshold|share|rule|site|path|preset|noise)\b/g, '$1'],
  [/(check|pass) --model\b/g, 'm chooses a model'],
  [/--model (says|takes)\b/g, 'the choice of the model $1'],
  [/add --dry-run, or drop\b/g, 'drop'],
];

/** What nothing on the screen changes. */
const AT_START = /--(db|base|engine|workers)\b/;

/** The message in the words of the screen. */
export function onScreen(message: string): string {
  const said = WORDS.reduce((text, [option, word]) => text.replace(option, word), message);
  return AT_START.test(said) ? `${said} (an option of kn-edit tui, given at its start)` : said;
}
