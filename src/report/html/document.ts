// A page that is one file: its style, its script and its figures are in it, and no request leaves it.
import { readFileSync } from 'node:fs';
import { type Content, html, Markup } from './markup.js';

/** One part of a page, which its list of contents leads to. */
export interface Section {
  id: string;
  title: string;
  /** What it shows, and how that was computed. */
  about?: Content;
  content: Content;
}

export interface Page {
  title: string;
  /** What the page is of, below its title. */
  about: Content;
  sections: readonly Section[];
}

/** Nothing is loaded from anywhere, whatever the page may hold. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/** How every page begins. */
const START = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">`;

/** Whether a text is a page that was made here. */
export function isOwnPage(text: string): boolean {
  return text.startsWith(START.text);
}

export function documentOf({ title, about, sections }: Page): string {
  const { text } = html`${START}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${asset('figures.css')}${asset('page.css')}</style>
</head>
<body>
<header><h1>${title}</h1><div class="about">${about}</div></header>
<nav aria-label="Contents"><ul>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main>
${sections.map(sectionOf)}
</main>
<script>${asset('page.js')}</script>
</body>
</html>
`;
  return text;
}

function sectionOf({ id, title, about, content }: Section): Markup {
  return html`<section id="${id}"><h2>${title}</h2>${about && html`<p class="about">${about}</p>`}
${content}
</section>
`;
}

/** A file that every page holds; they lie beside this module, in the sources and in what is built of them. */
export function asset(name: 'figures.css' | 'page.css' | 'page.js'): Markup {
  return new Markup(readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8'));
}
