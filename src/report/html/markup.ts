// HTML and SVG out of templates: whatever is put in is escaped, unless it is itself such markup.

/** Text that is markup already. */
export class Markup {
  constructor(readonly text: string) {}
}

/** What may stand in a template; lists are joined, and what is null, undefined or false is left out. */
export type Content = Markup | string | number | null | undefined | false | readonly Content[];

/** A template: html`<b>${text}</b>`. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Markup {
  return new Markup(strings.map((part, i) => part + (i < values.length ? textOf(values[i]) : '')).join(''));
}

function textOf(value: Content): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return value.map(textOf).join('');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** What no document of XML may hold, escaped or not. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;

/** Text as it stands in HTML and XML, within quotes too. */
export function escaped(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd').replace(/[&<>"']/g, (found) => ENTITIES[found] ?? found);
}

/** A value as JSON within a script element, which nothing in it can end. */
export function embeddedJson(value: unknown): Markup {
  const text = JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (found) => {
    return `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return new Markup(text);
}
