// npm run man: writes the manual page to docs/.
import { writeFileSync } from 'node:fs';
import { version } from '../version.js';
import { manPage } from './man.js';
import { commandTree } from './tree.js';

writeFileSync(new URL('../../docs/kn-edit.1', import.meta.url), manPage(commandTree(), version()));
