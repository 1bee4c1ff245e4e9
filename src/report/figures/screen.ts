// A terminal's screen as a picture and as a page: its lines, with the colours of a `Style`.
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { largest } from '../../numbers.js';
import { html, Markup } from '../html/markup.js';
import { at } from './svg.js';

const CELL = { width: 8.4, height: 18 };
const MARGIN = 12;
const BACKGROUND = '#16181d';
const FOREGROUND = '#d8dce3';
/** The colours that styles use, by their codes, as a dark terminal would show them. */
const COLOURS: Record<number, string> = {
  31: '#e0636b',
  32: '#8cc570',
  33: '#e0b95b',
  36: '#4fbcc4',
  94: '#8fc0f5',
};
const FONT = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/** Neighbouring characters of one look. */
interface Run {
  text: string;
  /** Where it begins, and how wide it is, in columns. */
  x: number;
  columns: number;
  colour: string;
  bold: boolean;
  dim: boolean;
  reversed: boolean;
}

const PLAIN = { colour: FOREGROUND, bold: false, dim: false, reversed: false };

/** What each code makes of a look. */
function changed(look: typeof PLAIN, code: number): typeof PLAIN {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 22) return { ...look, bold: false, dim: false };
  if (code === 7 || code === 27) return { ...look, reversed: code === 7 };
  return { ...look, colour: COLOURS[code] ?? FOREGROUND };
}

function runsOf(line: string): Run[] {
  const runs: Run[] = [];
  let look = PLAIN;
  let x = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin so
  for (const part of line.split(/(\u001b\[[\d;]*m)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    const codes = /^\u001b\[([\d;]*)m$/.exec(part)?.[1];
    if (codes !== undefined) {
      for (const code of codes.split(';')) look = changed(look, Number(code));
      continue;
    }
    // Apart where there is room between them, columns stay columns in every font.
    for (const text of stripVTControlCharacters(part).split(/( {2,})/)) {
      const columns = stringWidth(text);
      if (columns > 0) runs.push({ ...look, text, x, columns });
      x += columns;
    }
  }
  return runs;
}

/** @param lines that may hold the colour codes of a `Style`, and no others */
export function screenSvg(lines: readonly string[], title: string): string {
  const all = lines.map(runsOf);
  const columns = largest(
    all.flat().map((run) => run.x + run.columns),
    1,
  );
  const [width, height] = [columns * CELL.width + 2 * MARGIN, lines.length * CELL.height + 2 * MARGIN];
  const drawn = all.flatMap((runs, y) => runs.map((run) => svgRun(run, y)));
  return `${
    html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${at(width)} ${at(height)}" width="${at(width)}" role="img" aria-label="${title}">
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
<g font-family="${FONT}" font-size="14" xml:space="preserve" lengthAdjust="spacingAndGlyphs">
${drawn}</g>
</svg>`.text
  }\n`;
}

function svgRun({ text, x, columns, colour, bold, dim, reversed }: Run, y: number): Markup[] {
  const left = at(MARGIN + x * CELL.width);
  const width = at(columns * CELL.width);
  const block = html`<rect x="${left}" y="${at(MARGIN + y * CELL.height)}" width="${width}" height="${CELL.height}" fill="${colour}"/>\n`;
  if (text.trim() === '') return reversed ? [block] : [];
  const look = new Markup(`${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.55"' : ''}`);
  const words = html`<text x="${left}" y="${at(MARGIN + (y + 0.75) * CELL.height)}" textLength="${width}" fill="${reversed ? BACKGROUND : colour}"${look}>${text}</text>\n`;
  return reversed ? [block, words] : [words];
}

/** The same as a page whose text can be selected; nothing is loaded from anywhere. */
export function screenHtml(lines: readonly string[], title: string): string {
  const spans = lines.map((line) => [runsOf(line).map(htmlRun), '\n']);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>body { margin: 0; background: ${BACKGROUND}; color: ${FOREGROUND}; } pre { margin: 0; overflow-x: auto; padding: 1em; font: 14px/1.3 ${new Markup(FONT)}; }</style>
</head>
<body><pre>${spans}</pre></body>
</html>
`.text;
}

function htmlRun({ text, colour, bold, dim, reversed }: Run): Markup {
  const style = [
    ...(reversed ? [`background:${colour}`, `color:${BACKGROUND}`] : []),
    ...(!reversed && colour !== FOREGROUND ? [`color:${colour}`] : []),
    ...(bold ? ['font-weight:bold'] : []),
    ...(dim ? ['opacity:0.55'] : []),
  ].join(';');
  return style === '' ? html`${text}` : html`<span style="${style}">${text}</span>`;
}
