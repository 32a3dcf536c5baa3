-- stock.unavailable: request, product, quantity, reason -> order.failed, and the result
for i = 1, #ARGV, 4 do
    local request, product, quantity, reason = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
    local outcome = redis.call('HGET', 'outcome', request)
    if outcome and outcome ~= 'refused' then
        redis.call('XADD', 'order.requested', '*', 'request', request, 'product', product,
            'quantity', quantity, 'sale', outcome)
    else
        if not outcome then
            redis.call('HSET', 'outcome', request, 'refused')
            redis.call('XADD', 'journal:' .. product, '*', 'type', 'purchase.refused',
                'request', request, 'quantity', quantity, 'reason', reason)
            redis.call('SET', 'result:' .. request, '{"request":"' .. request
                .. '","status":"failed","product":"' .. product .. '","quantity":' .. quantity
                .. ',"reason":"' .. reason .. '"}')
        end
        redis.call('XADD', 'order.failed', '*', 'request', request, 'product', product,
            'quantity', quantity, 'reason', reason)
    end
end
