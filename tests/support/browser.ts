// A real browser, headless, where the system has one.
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const PLACES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Chromium, or what is made of it; undefined where there is none. */
export const CHROMIUM = PLACES.map((name) => `/usr/bin/${name}`).find(existsSync);

export function launch(): Promise<Browser> {
  // Chromium's own sandbox does not start for root.
  return chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
}

export interface Opened {
  page: Page;
  /** What the page said on the console, threw, or asked of anyone but its own file. */
  complaints: string[];
}

/** Opens a file in a window of a width. */
export async function open(browser: Browser, path: string, width = 1280): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height: 800 } });
  const complaints: string[] = [];
  const own = pathToFileURL(path).href;
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (url.split('#')[0] !== own && !url.startsWith('data:')) complaints.push(`request: ${url}`);
  });
  await page.goto(own);
  return { page, complaints };
}
