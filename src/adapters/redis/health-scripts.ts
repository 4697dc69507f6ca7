/** The scripts behind the health repository. They keep the greater text of each field and know nothing of what it means. */
import { BELOW, TELL } from './lua.js';
import { defineScript, type RedisScript } from './script.js';

/** KEYS: health, changes. ARGV: channel, what, then name and text of each field. Gives the fields as they then are. */
export const PATCH: RedisScript = defineScript(`${BELOW}${TELL}
local changed = false
for i = 3, #ARGV, 2 do
  local held = redis.call('HGET', KEYS[1], ARGV[i])
  if not held or below(held, ARGV[i + 1]) then
    redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
    changed = true
  end
end
if changed then tell(KEYS[2], ARGV[1], ARGV[2]) end
return redis.call('HGETALL', KEYS[1])
`);

/** KEYS: healths. Gives the fields of each. */
export const LOAD: RedisScript = defineScript(`
local healths = {}
for i = 1, #KEYS do healths[i] = redis.call('HGETALL', KEYS[i]) end
return healths
`);

/** KEYS: health. ARGV: name and text of fields. Drops those that still have this text. */
export const FORGET: RedisScript = defineScript(`
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
return {}
`);
