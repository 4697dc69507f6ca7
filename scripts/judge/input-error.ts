/** What a person gave cannot be used. `exitCode` 2: the command line is wrong; 1: the input is. */
export class InputError extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2) {
    super(message);
    this.name = 'InputError';
    this.exitCode = exitCode;
  }
}
