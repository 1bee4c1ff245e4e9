// Step 1: choose a fact, or write one, and see at once what the model answers to each of its prompts.
import { useMemo, useState } from 'react';
import { errorData } from '../../errors.js';
import type { EditFile } from '../../index.js';
import { printable } from '../../report/style.js';
import { editFiles } from '../../spec/edit-files.js';
import { type Draft, draftsOf, type Written, writtenOf } from '../bench.js';
import { Divider, Pane } from '../components/pane.js';
import { Question, questionHeight } from '../components/question.js';
import { TableList } from '../components/table-list.js';
import { TextField } from '../components/text-field.js';
import { type ScreenProps, useDesk } from '../desk.js';
import { dropDraft } from '../drafts.js';
import { useKeys } from '../hooks/keyboard.js';
import { type Asked, useAnswers } from '../hooks/use-answers.js';
import { useCursor } from '../hooks/use-cursor.js';
import { useData } from '../hooks/use-data.js';
import { useObjects } from '../hooks/use-objects.js';
import { useTable } from '../hooks/use-table.js';
import { Box } from '../ink.js';
import { FIELDS, labelOf, rowsOf, withRow, withTyped } from './fact-form.js';
import { FactView } from './fact-view.js';
import { Proposals } from './proposals.js';
import {
  ENTRY_FIELDS,
  type Entry,
  factEntries,
  openEntry,
  openFile,
  ownEntries,
  relationEntries,
} from './sources.js';

/** A line that is being typed. */
interface TypedRow {
  row: number;
  /** What was written before. */
  from: Written;
  changed: boolean;
  /** What was typed, whatever is proposed in its place. */
  text: string;
}

type Typing = 'path' | TypedRow | undefined;

export function FactScreen({ width, height, active }: ScreenProps) {
  const { bench, change, session, model, edits, tell, work } = useDesk();
  const [focus, setFocus] = useState<'entries' | 'fact'>('entries');
  const [typing, setTyping] = useState<Typing>();
  const [relation, setRelation] = useState<string>();
  const [dropping, setDropping] = useState<Draft>();
  const [proposing, setProposing] = useState(false);

  const files = useMemo(editFiles, []);
  const facts = model && session ? session.facts : NO_FACTS;
  const drafts = useMemo(() => draftsOf(bench), [bench]);
  const own = useMemo(
    () => (relation === undefined ? ownEntries(drafts, files, facts) : relationEntries(facts, relation)),
    [drafts, files, facts, relation],
  );
  const found = useMemo(() => (relation === undefined ? factEntries(facts) : []), [facts, relation]);
  const listening = active && typing === undefined && !dropping && !proposing;
  const view = useTable(own, ENTRY_FIELDS, height - 2, listening && focus === 'entries', found);
  const { shown: entries, at, setAt } = view;
  const entry = entries[at];
  const opened = useMemo(() => (session && entry ? openEntry(session, entry) : undefined), [session, entry]);

  const previewed = opened && 'edit' in opened ? opened.edit : undefined;
  const edit = focus === 'fact' ? bench.edit : previewed;
  const rows = rowsOf(edit);
  const [row, setRow] = useCursor(rows.length, 5, listening && focus === 'fact');
  const state = edits.flatMap(({ id, status }) => (status === 'applied' ? [id] : [])).join();
  const answers = useAnswers(
    model && session,
    active ? edit?.fact : undefined,
    `${model?.fingerprint} ${state}`,
  );

  const take = (chosen: EditFile, draft?: Draft) => {
    change({ type: 'open', edit: chosen, draft });
    setFocus('fact');
    setRow(0);
  };
  const enter = (chosen: Entry | undefined) => {
    if (!session) tell('a moment: still loading');
    else if (chosen?.kind === 'path') setTyping('path');
    else if (chosen?.kind === 'relation') {
      setRelation(chosen.relation);
      view.clear();
      setAt(0);
    } else if (opened && 'problem' in opened) tell(opened.problem, 'bad');
    else if (previewed && previewed === bench.edit) setFocus('fact');
    else if (previewed) {
      take(previewed, chosen?.kind === 'draft' ? chosen.draft : undefined);
      if (isNew(chosen)) startTyping(FIELDS.indexOf('subject'), previewed);
    }
  };
  const openPath = (path: string) => {
    setTyping(undefined);
    if (!session) return;
    const found = openFile(session, path.trim());
    if ('edit' in found) take(found.edit);
    else if ('problem' in found) tell(found.problem, 'bad');
  };
  const write = (written: Written, first = true) => {
    change({ type: 'typed', written, first });
    if (!drafts.some(({ edit }) => edit === bench.edit) && relation === undefined) setAt(0); // its entry, from now on
  };
  const field = typeof typing === 'object' ? typing : undefined;
  const present = field && bench.edit ? (rowsOf(bench.edit)[field.row] ?? '') : '';
  const objects = useObjects(session, answers, isObject(field) ? field?.text : undefined, present);
  const startTyping = (index: number, from: Written | undefined) => {
    if (!from) return;
    setRow(index);
    setTyping({ row: index, from: writtenOf(from), changed: false, text: rowsOf(from)[index] ?? '' });
  };
  const type = (text: string, proposed: boolean) => {
    if (!field) return;
    write(withTyped(field.from, field.row, text), !field.changed);
    setTyping({ ...field, changed: true, text: proposed ? field.text : text });
  };
  const takeRow = (text: string): Written | undefined => {
    setTyping(undefined);
    if (!field) return undefined;
    const { row: index, from, changed } = field;
    if (!changed && text === rowsOf(from)[index]) return from;
    const written = withRow(from, index, text);
    write(written, !changed);
    return written;
  };
  const leaveRow = (text: string, by: number) => {
    const index = field?.row ?? 0;
    const written = takeRow(text);
    const gone = text.trim() === '' && index >= FIELDS.length && by > 0; // the one behind took its place
    const next = gone && index < rows.length - 1 ? index : index + by;
    if (next >= 0 && next < rowsOf(written).length) startTyping(next, written);
  };
  const cancelRow = () => {
    setTyping(undefined);
    if (field?.changed) change({ type: 'undo' });
  };
  const locate = () => {
    if (focus === 'entries') enter(entry);
    const fact = focus === 'fact' ? bench.edit?.fact : previewed?.fact;
    if (!fact || !session) return;
    const faulty = fact.prompts.findIndex((prompt) => isUnusable(answers.get(prompt)));
    if (faulty >= 0) {
      setRow(FIELDS.length + faulty);
      tell('this prompt cannot be used; change it (enter) or remove it (d)', 'bad');
      return;
    }
    try {
      session.checkFact(fact);
      change({ type: 'go', step: 'locate' });
    } catch (error) {
      tell(errorData(error).message, 'bad');
    }
  };
  const remove = () => {
    const prompt = row - FIELDS.length;
    if (focus === 'entries' && entry?.kind === 'draft') {
      const { draft } = entry;
      setDropping(draft);
    } else if (focus === 'fact' && bench.edit && prompt >= 0 && prompt < bench.edit.fact.prompts.length) {
      write(withRow(writtenOf(bench.edit), row, ''));
      tell('removed; u puts it back');
    }
  };
  const propose = () => {
    if (focus !== 'fact' || !bench.edit) tell('open a fact first: its relation has the wordings');
    else if (bench.edit.fact.relation.trim() === '')
      tell('the relation is missing: it has the wordings', 'bad');
    else setProposing(true);
  };
  const undo = () => {
    if (focus !== 'fact') return;
    if (bench.past.length === 0) tell('there is nothing to take back');
    else change({ type: 'undo' });
  };

  useKeys(
    'fact',
    {
      pane: () => {
        if (focus === 'fact') setFocus('entries');
        else if (bench.edit) setFocus('fact');
        else enter(entry);
      },
      open: (key) => {
        if (focus === 'entries') enter(entry);
        else if (key === 'enter') startTyping(row, bench.edit);
      },
      leave: () => {
        if (focus === 'fact') setFocus('entries');
        else closeRelation();
      },
      add: () => focus === 'fact' && startTyping(rows.length - 1, bench.edit),
      remove,
      undo,
      propose,
      next: locate,
    },
    listening,
  );
  const search = () => {
    setFocus('entries');
    view.startSearch();
  };
  useKeys('table', { filter: search }, listening && focus === 'fact');
  const back = () => (focus === 'fact' ? setFocus('entries') : closeRelation());
  useKeys('everywhere', { back }, listening && !work);
  function closeRelation() {
    if (!view.clear()) setRelation(undefined);
    setAt(0);
  }

  useData(() => ({ edit, answers: [...answers].map(([prompt, asked]) => ({ prompt, ...asked })) }), active);

  if (!active) return null;
  const left = Math.min(48, Math.max(28, Math.floor(width * 0.3)));
  const right = width - left - 3;
  const question = { lines: ['Throw this draft away?'], width: left };
  return (
    <Box>
      <Pane
        title={`  ${printable(relation ?? 'facts and edits')}${view.order && `, ${view.order}`}`}
        note={`${entries.length === 0 ? 0 : at + 1}/${entries.length}`}
        active={focus === 'entries'}
        width={left}
      >
        <TableList
          view={view}
          onChoose={() => setFocus('entries')}
          active={focus === 'entries'}
          width={left}
          height={height - 1 - (dropping ? questionHeight(question) : 0)}
        />
        {dropping ? (
          <Question
            {...question}
            onAnswer={(yes) => {
              setDropping(undefined);
              if (!yes) return;
              dropDraft(dropping);
              change({ type: 'drop', draft: dropping });
            }}
          />
        ) : null}
      </Pane>
      <Divider height={height} />
      <Box flexDirection="column" width={right} height={height}>
        {proposing && bench.edit ? (
          <Proposals
            fact={bench.edit.fact}
            state={`${model?.fingerprint} ${state}`}
            onTake={(prompts) =>
              bench.edit && change({ type: 'fact', fact: { ...bench.edit.fact, prompts } })
            }
            onClose={() => setProposing(false)}
            width={right}
            height={height}
          />
        ) : (
          <FactView
            opened={focus === 'fact' && bench.edit ? { edit: bench.edit } : opened}
            answers={answers}
            row={focus === 'fact' ? row : undefined}
            onRow={(index) => (index === row ? startTyping(index, bench.edit) : setRow(index))}
            field={
              field ? (
                <TextField
                  key={field.row}
                  label={labelOf(field.row).padEnd(9)}
                  value={rowsOf(field.from)[field.row] ?? ''}
                  width={right - 2}
                  takesLines={field.row >= FIELDS.length}
                  proposals={objects.map(({ text }) => text)}
                  onChange={type}
                  onSubmit={takeRow}
                  onLeave={leaveRow}
                  onCancel={cancelRow}
                />
              ) : undefined
            }
            proposals={isObject(field) ? objects : undefined}
            width={right}
            height={typing === 'path' ? height - 1 : height}
          />
        )}
        {typing === 'path' ? (
          <TextField label="path" width={right} onSubmit={openPath} onCancel={() => setTyping(undefined)} />
        ) : null}
      </Box>
    </Box>
  );
}

const NO_FACTS: readonly never[] = [];

/** Whether it begins a fact, whose subject is to be typed. */
function isNew(entry: Entry | undefined): boolean {
  return entry?.kind === 'new' || entry?.kind === 'wordings';
}

function isObject(field: TypedRow | undefined): boolean {
  return field !== undefined && FIELDS[field.row] === 'object';
}

function isUnusable(asked: Asked | undefined): boolean {
  return asked !== undefined && 'problem' in asked;
}
