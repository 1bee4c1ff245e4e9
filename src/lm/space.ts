// How the blank before a token is shown, where tokens come with it.
export const SPACE = '␣';
