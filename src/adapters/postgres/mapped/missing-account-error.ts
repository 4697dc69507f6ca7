/** What a patch is told about an account that the owner's table has not. */

/** Rejects a patch of an account that has no row. Rows are the owner's, so none is made. */
export class MissingAccountError extends Error {
  readonly code: 'missing_account' = 'missing_account';
  readonly accountId: string;

  constructor(accountId: string) {
    super(`there is no account ${JSON.stringify(accountId)} in the mapped table`);
    this.name = 'MissingAccountError';
    this.accountId = accountId;
  }
}
