-- One purchase: request, product, quantity -> an order or a refusal, and the result
local request, product, quantity = ARGV[1], ARGV[2], ARGV[3]
if redis.call('EXISTS', 'result:' .. request) == 1 then
    return redis.error_reply('bought before: ' .. request)
end
local left = redis.call('HGET', 'stock', product) or '0'
local result = '"product":"' .. product .. '","quantity":' .. quantity
if tonumber(left) >= tonumber(quantity) then
    redis.call('HINCRBY', 'stock', product, -tonumber(quantity))
    redis.call('XADD', 'journal:' .. product, '*', 'type', 'stock.sold', 'request', request,
        'quantity', quantity)
    local order = redis.call('XADD', 'orders', '*', 'request', request, 'product', product,
        'quantity', quantity)
    result = '"status":"created",' .. result .. ',"order":"' .. order .. '"'
else
    local reason = 'only ' .. left .. ' left, ' .. quantity .. ' asked'
    redis.call('XADD', 'journal:' .. product, '*', 'type', 'purchase.refused', 'request', request,
        'quantity', quantity, 'reason', reason)
    result = '"status":"failed",' .. result .. ',"reason":"' .. reason .. '"'
end
redis.call('SET', 'result:' .. request, '{"request":"' .. request .. '",' .. result .. '}')
return redis.status_reply('OK')
