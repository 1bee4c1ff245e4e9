// Relations and their wordings, as text.
import { answerComesLast } from '../spec/prompts.js';
import type { Relation } from '../spec/relations.js';
import { type Page, paragraphs } from './page.js';
import { table } from './table.js';

export function relationsReport(relations: readonly Relation[], { width }: Page): string {
  return table(
    [
      { title: 'id' },
      { title: 'label' },
      { title: 'also', shrinks: true },
      { title: 'wordings', align: 'right' },
    ],
    relations.map(({ id, label, names, templates }) => [id, label, names.join(', '), `${templates.length}`]),
    width,
  );
}

export function relationReport({ id, label, names, templates }: Relation, { style }: Page): string {
  const also = names.length > 0 ? style.dim(` (${names.join(', ')})`) : '';
  const forms = templates.map((template) => {
    return ` ${template}${continues(template) ? '' : style.dim('  masked models only')}`;
  });
  return paragraphs(`${style.bold(`${id} ${label}`)}${also}`, forms.join('\n'));
}

function continues(template: string): boolean {
  return answerComesLast(template.replace('[Y]', '[MASK]'));
}
