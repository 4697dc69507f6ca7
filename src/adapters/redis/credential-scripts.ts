/** The scripts behind the credential repository: each of them is one atomic step, on the server's clock. */
import { TELL } from './lua.js';
import { defineScript, type RedisScript } from './script.js';

/*
 * KEYS: the account's credential (a hash), its alternates (a list, newest first), changes.
 * A hash without a secret is an account that is missing; what is left of a removed one is its revision.
 * `settled` is the last revision that an operator gave, or whose token `commit` has stored an answer to: alternates of earlier ones are spent, or were never needed.
 * Revisions are texts of digits: equal texts are equal revisions, and Lua prints whole numbers of this size only by its format.
 */

const MILLISECONDS = `
local function milliseconds()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

/** Stores the next revision. It has no attempt, no condemnation and no doubt. */
const ADVANCE = `${TELL}
local function advance(revision, next, channel, what)
  local following = string.format('%.0f', revision + 1)
  redis.call('HDEL', KEYS[1], 'attempt', 'deadline', 'orphan', 'condemned', 'committed')
  redis.call('HSET', KEYS[1], 'revision', following, 'expires', next.expires, 'refreshable', next.refreshable, 'secret', next.secret)
  tell(KEYS[3], channel, what)
  return following
end
`;

/** An alternate is a text: parent revision, fingerprint, end, refreshable, secret, with blanks between them. */
const ALTERNATE = `
local function parts(alternate)
  local parent, fingerprint, expires, refreshable, secret = string.match(alternate, '^(%d+) (%x+) (%d*) ([01]) (.*)$')
  return { parent = tonumber(parent), fingerprint = fingerprint, expires = expires, refreshable = refreshable, secret = secret }
end
`;

/** Gives revision, end and secret; nothing where it is missing. */
export const READ: RedisScript = defineScript(`
local row = redis.call('HMGET', KEYS[1], 'revision', 'expires', 'secret')
if not row[3] then return {} end
return row
`);

/** KEYS: credentials. Gives revision, end and refreshable of each; nothing for one that is missing. */
export const REFERENCES: RedisScript = defineScript(`
local references = {}
for i = 1, #KEYS do
  references[i] = redis.call('HEXISTS', KEYS[i], 'secret') == 1 and redis.call('HMGET', KEYS[i], 'revision', 'expires', 'refreshable') or {}
end
return references
`);

/** ARGV: expected revision, nonce, milliseconds. */
export const BEGIN: RedisScript = defineScript(`${MILLISECONDS}
local row = redis.call('HMGET', KEYS[1], 'secret', 'revision', 'expires', 'condemned', 'attempt', 'deadline', 'orphan')
local secret, revision, expires, condemned, attempt, deadline, orphan = unpack(row)
if not secret then return { 'missing' } end
if revision ~= ARGV[1] then return { 'stale', revision } end
if condemned then return { 'condemned', condemned } end
local now = milliseconds()
if attempt and tonumber(deadline) > now then return { 'busy', string.format('%.0f', deadline - now) } end
local doubt = (attempt or orphan) and '1' or '0'
redis.call('HSET', KEYS[1], 'attempt', ARGV[2], 'deadline', string.format('%.0f', now + ARGV[3]))
if doubt == '1' then redis.call('HSET', KEYS[1], 'orphan', '1') end
return { 'granted', doubt, revision, expires, secret }
`);

/** ARGV: expected revision, nonce, end, refreshable, secret, channel, what. */
export const COMMIT: RedisScript = defineScript(`${ADVANCE}${ALTERNATE}
local row = redis.call('HMGET', KEYS[1], 'secret', 'revision', 'committed')
local secret, revision, committed = unpack(row)
if not secret then return { 'missing' } end
if revision ~= ARGV[1] then return { 'conflict', revision, committed == ARGV[2] and '1' or '0' } end
for _, alternate in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  if parts(alternate).parent < tonumber(ARGV[1]) then redis.call('LREM', KEYS[2], 0, alternate) end
end
local following = advance(revision, { expires = ARGV[3], refreshable = ARGV[4], secret = ARGV[5] }, ARGV[6], ARGV[7])
redis.call('HSET', KEYS[1], 'committed', ARGV[2], 'settled', revision)
return { 'committed', following }
`);

/** ARGV: how many are kept, parent revision, alternate. */
export const KEEP_ALTERNATE: RedisScript = defineScript(`${ALTERNATE}
local row = redis.call('HMGET', KEYS[1], 'secret', 'settled')
if not row[1] or tonumber(ARGV[2]) < tonumber(row[2] or '0') then return {} end
local given = parts(ARGV[3])
for _, alternate in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  local kept = parts(alternate)
  if kept.parent == given.parent and kept.fingerprint == given.fingerprint then return {} end
end
redis.call('LPUSH', KEYS[2], ARGV[3])
redis.call('LTRIM', KEYS[2], 0, ARGV[1] - 1)
redis.call('HDEL', KEYS[1], 'condemned')
return {}
`);

/** ARGV: expected revision, nonce, channel, what. Gives the new revision; nothing where nothing was done. */
export const PROMOTE_ALTERNATE: RedisScript = defineScript(`${ADVANCE}${ALTERNATE}
local row = redis.call('HMGET', KEYS[1], 'secret', 'revision', 'attempt')
if not row[1] or row[2] ~= ARGV[1] or row[3] ~= ARGV[2] then return {} end
local newest = redis.call('LPOP', KEYS[2])
if not newest then return {} end
return { advance(row[2], parts(newest), ARGV[3], ARGV[4]) }
`);

/** ARGV: expected revision, nonce, code. Gives the code; nothing where nothing was done. */
export const CONDEMN: RedisScript = defineScript(`
local row = redis.call('HMGET', KEYS[1], 'secret', 'revision', 'attempt')
if not row[1] or row[2] ~= ARGV[1] or row[3] ~= ARGV[2] or redis.call('LLEN', KEYS[2]) > 0 then return {} end
redis.call('HSET', KEYS[1], 'condemned', ARGV[3])
redis.call('HDEL', KEYS[1], 'attempt', 'deadline')
return { ARGV[3] }
`);

/** ARGV: nonce. */
export const RELEASE: RedisScript = defineScript(`
if redis.call('HGET', KEYS[1], 'attempt') == ARGV[1] then redis.call('HDEL', KEYS[1], 'attempt', 'deadline') end
return {}
`);

/** ARGV: end, refreshable, secret, channel, what. Gives the revision. */
export const REPLACE: RedisScript = defineScript(`${ADVANCE}
redis.call('DEL', KEYS[2])
local revision = redis.call('HGET', KEYS[1], 'revision') or '-1'
local following = advance(revision, { expires = ARGV[1], refreshable = ARGV[2], secret = ARGV[3] }, ARGV[4], ARGV[5])
redis.call('HSET', KEYS[1], 'settled', following)
return { following }
`);

/** ARGV: channel, what. Leaves the revision, if there is one. */
export const REMOVE: RedisScript = defineScript(`${TELL}
local row = redis.call('HMGET', KEYS[1], 'secret', 'revision')
if not row[1] then return {} end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HSET', KEYS[1], 'revision', row[2])
tell(KEYS[3], ARGV[1], ARGV[2])
return {}
`);
