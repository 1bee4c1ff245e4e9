// Where a text stops being JSON, and what is there instead.
import jsonc from 'jsonc-parser';

/** A mistake's code in jsonc-parser, and where it stands. */
interface Mistake {
  code: ReturnType<typeof jsonc.printParseErrorCode>;
  offset: number;
  length: number;
}

/** Longer pieces of the text are cut where they are quoted. */
const LONGEST_QUOTE = 40;

/** "line 5, column 1: a comma before "}"; remove it", or undefined when nothing is found. */
export function syntaxMistake(text: string): string | undefined {
  if (text.trim() === '') return 'the file is empty';
  const mistake = firstMistake(text);
  if (!mistake) return undefined;
  const before = text.slice(0, mistake.offset);
  const line = before.split('\n').length;
  const column = mistake.offset - before.lastIndexOf('\n');
  return `line ${line}, column ${column}: ${inWords(text, mistake)}`;
}

/** The first mistake only: a text that is no JSON at all would have one at every word. */
function firstMistake(text: string): Mistake | undefined {
  const found: Mistake[] = [];
  try {
    jsonc.visit(
      text,
      {
        onError: (error, offset, length) => {
          found.push({ code: jsonc.printParseErrorCode(error), offset, length });
          throw found;
        },
      },
      { disallowComments: true, allowTrailingComma: false },
    );
  } catch (error) {
    if (error !== found && !(error instanceof RangeError)) throw error; // RangeError: nested deeper than it can go
  }
  return found[0];
}

function inWords(text: string, { code, offset, length }: Mistake): string {
  const there = text.slice(offset, offset + Math.min(length, LONGEST_QUOTE));
  const comma = lastBefore(text, offset) === ',';
  switch (code) {
    case 'InvalidCommentToken':
    case 'UnexpectedEndOfComment':
      return 'a comment; JSON has none, remove it';
    case 'PropertyNameExpected':
      return comma && there === '}' ? `a comma before "}"; remove it` : 'a name in double quotes is missing';
    case 'ValueExpected':
      if (comma && there === ']') return `a comma before "]"; remove it`;
      return offset >= text.trimEnd().length ? 'the file ends too early' : 'a value is missing';
    case 'InvalidSymbol':
      if (/^['‘’“”«„`]/u.test(there)) return `${there}: text stands in straight double quotes ("…")`;
      return `"${there}" is no JSON; text stands in double quotes`;
    case 'CommaExpected':
      return `a comma is missing before ${there}`;
    case 'ColonExpected':
      return 'a colon is missing after the name';
    case 'CloseBraceExpected':
      return 'a "}" is missing';
    case 'CloseBracketExpected':
      return 'a "]" is missing';
    case 'EndOfFileExpected':
      return 'something follows after the end';
    case 'UnexpectedEndOfString':
      return 'this text is not closed on its line; a line break is written \\n';
    case 'InvalidNumberFormat':
    case 'UnexpectedEndOfNumber':
      return 'this number is not complete';
    case 'InvalidUnicode':
    case 'InvalidEscapeCharacter':
      return 'an escape that JSON does not have; a backslash is written \\\\';
    case 'InvalidCharacter':
      return 'a control character in a text; it is written \\u and four digits';
    default:
      return 'not JSON';
  }
}

/** The last character before an offset that is no white space. */
function lastBefore(text: string, offset: number): string | undefined {
  let at = offset - 1;
  while (at >= 0 && /\s/.test(text[at] ?? '')) at--;
  return text[at];
}
