/** Pieces of Lua that several scripts begin with. */

/**
 * `below(a, b)`: whether a text is below another, byte by byte. Lua's own `<` asks the collation of the server's environment, and one such as en_US.UTF-8 looks past full stops: there `rule.z` is above `ruleb`.
 */
export const BELOW = `
local function below(a, b)
  if a == b then return false end
  local byte, shorter = string.byte, math.min(#a, #b)
  for i = 1, shorter do
    local x, y = byte(a, i), byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end
`;

/** `clock()`: the server's clock in microseconds, as a text of 16 digits, for a number of this size would lose digits when Lua prints it. */
export const CLOCK = `
local function clock()
  local time = redis.call('TIME')
  return time[1] .. string.rep('0', 6 - #time[2]) .. time[2]
end
`;

/** `tell(changes, channel, what)`: writes down when something last changed, and says so to those who listen. */
export const TELL: string = `${CLOCK}
local function tell(changes, channel, what)
  local at = clock()
  redis.call('ZADD', changes, at, what)
  redis.call('PUBLISH', channel, at .. ' ' .. what)
end
`;
