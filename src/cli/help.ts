// What --help and the manual page say beside the commands.

export const PURPOSE = 'find, change and restore the knowledge neurons of a language model';

export const EXIT_CODES = `Exit codes: 0 done; 1 unexpected failure, of the network too, or doctor found something wrong;
2 bad usage or input; 3 the regression check failed, or facts of a sweep; 4 conflict with the ledger; 130 interrupted.`;

/** Variables of the environment that change what the program does. */
export const ENVIRONMENT = {
  KN_EDIT_DB: 'Ledger file, where --db names none.',
  PAGER:
    'What shows output that is longer than the terminal; less -FRX where it is not set and less is there.',
  NO_PAGER: 'Set to anything, nothing is paged.',
  NO_COLOR: 'Set to anything, nothing is coloured, and no file is linked.',
  HF_HOME: 'Where the cache of hub models is; HF_HUB_CACHE, HF_ENDPOINT and HF_TOKEN are read, too.',
};

/** Files that the program looks for. */
export const FILES = {
  'kn-edit.config.json':
    'What is meant where the command line does not say it: model, db, engine, and settings under locate. ' +
    'In the working directory or the nearest one above; its paths are meant from there. ' +
    'The environment and options go before it; its db goes with its model.',
  '.kn-edit/': 'Ledgers, one for each model, and drafts; in the working directory.',
};
