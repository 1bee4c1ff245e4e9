// Numbers as types: a function of them is compiled once for each. A number is the size of its type, `offsetof<R>()`.

export class One {
  first: u8 = 0;
}

export class Two extends One {
  second: u8 = 0;
}

export class Three extends Two {
  third: u8 = 0;
}

export class Four extends Three {
  fourth: u8 = 0;
}
