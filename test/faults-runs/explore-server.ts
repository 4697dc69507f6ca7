/** Token servers as pure functions: whom they give a new token, and what they do about one that comes twice. */

/** How a server treats a refresh token that was used before. */
export type ServerKind = 'simple' | 'family' | 'grace' | 'last_wins';

/** A refresh token at the server. `used`: it was redeemed; `dead`: it never will be again. */
interface ServerToken {
  readonly parent: number;
  readonly family: number;
  readonly state: 'live' | 'used' | 'dead';
}

/** A server and its tokens, by number. */
export interface Server {
  readonly kind: ServerKind;
  readonly tokens: readonly ServerToken[];
  /** Tokens that were taken, and those of them that were sent again, as sets of bits. */
  readonly taken: number;
  readonly replayed: number;
  /** A family was revoked because one of its tokens came twice. */
  readonly isBurned: boolean;
  readonly isRevoked: boolean;
}

/** A server that has given out one token, number 0. */
export function newServer(kind: ServerKind): Server {
  return { kind, tokens: [{ parent: -1, family: 0, state: 'live' }], taken: 0, replayed: 0, isBurned: false, isRevoked: false };
}

function childOf(server: Server, token: number): ServerToken | undefined {
  return server.tokens.findLast(({ parent }) => parent === token);
}

/** Whether the server would give a new token for this one. */
export function accepts(server: Server, token: number): boolean {
  const found = server.tokens[token];
  if (found === undefined || found.state === 'dead') return false;
  if (found.state === 'live') return true;
  if (server.kind === 'last_wins') return true;
  return server.kind === 'grace' && childOf(server, token)?.state === 'live';
}

/** The states of the others once `token` was redeemed. */
function stateAfter({ kind, tokens }: Server, token: number, index: number): ServerToken['state'] {
  const other = tokens[index];
  if (other === undefined) return 'dead';
  if (index === token) return 'used';
  if (kind === 'last_wins' && other.family === tokens[token]?.family) return 'dead';
  // The grace of the one before is over once its successor is used.
  return kind === 'grace' && index === tokens[token]?.parent ? 'dead' : other.state;
}

/** What the server does when this token comes: the new one's number, or null for `invalid_grant`. */
export function redeem(before: Server, token: number): { readonly server: Server; readonly child: number | null } {
  const bit = 1 << token;
  const server: Server = { ...before, replayed: before.replayed | (before.taken & bit) };
  const family = server.tokens[token]?.family ?? -1;
  if (accepts(server, token)) {
    const others = server.tokens.map((other, index) => ({ ...other, state: stateAfter(server, token, index) }));
    return {
      server: { ...server, taken: server.taken | bit, tokens: [...others, { parent: token, family, state: 'live' }] },
      child: others.length,
    };
  }
  if (server.kind !== 'family' || server.tokens[token]?.state !== 'used') return { server, child: null };
  const tokens = server.tokens.map((other) => (other.family === family ? { ...other, state: 'dead' as const } : other));
  return { server: { ...server, tokens, isBurned: true }, child: null };
}

/** The user, or the provider, takes every token back. */
export function revoke(server: Server): Server {
  return { ...server, isRevoked: true, tokens: server.tokens.map((token) => ({ ...token, state: 'dead' })) };
}

/** A person signs in: a token of a new family. */
export function signIn(server: Server): { readonly server: Server; readonly token: number } {
  const token = server.tokens.length;
  return { server: { ...server, tokens: [...server.tokens, { parent: -1, family: token, state: 'live' }] }, token };
}

/** Whether `ancestor` is `token` or one of those that it descends from. */
export function descends(server: Server, token: number, ancestor: number): boolean {
  for (let at = token; at !== -1; at = server.tokens[at]?.parent ?? -1) if (at === ancestor) return true;
  return false;
}
